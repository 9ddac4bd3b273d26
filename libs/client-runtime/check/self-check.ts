import { setImmediate } from 'node:timers/promises';
import { messageOf } from '#core';
import type { Operation, OperationTable, Parameter } from '#core';
import type { HttpRequest } from '../request.js';
import { buildRequest } from '../request.js';
import type { Example } from './examples.js';
import { examplesOf } from './examples.js';
import { bodyHolds } from './read-body.js';
import type { RawPair } from './read-pairs.js';
import { listHolds, pairsHold, splitPairs } from './read-pairs.js';
import { credentialsOf, securityFaults } from './read-security.js';
import { pathFaults } from './read-path.js';
import type { Decoder } from './reading.js';
import { excerpt, formDecode, jsonMeans, means, percentDecode, visible } from './reading.js';

export interface SelfCheckOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many faults are told; further operations are not looked at then. Default 100. */
  readonly maxFaults?: number | undefined;
}

/** Operations between two pauses in which other work gets its turn: some milliseconds. */
const OPERATIONS_A_TURN = 50;
/** More alternatives of security than this are not tried. */
const MOST_ALTERNATIVES = 20;
const ORIGIN = 'http://self.check';

/**
 * The judge of a table: for each operation it builds requests from the document's examples, in every media type and
 * with credentials for its schemes, reads the raw requests back by the document's own rules, and compares with what
 * went in. The reader shares nothing with the builder.
 * @returns one sentence a fault, naming the operation and the place; empty when all is well.
 * @throws the signal's reason when that aborts.
 */
export async function selfCheck(table: OperationTable, options: SelfCheckOptions = {}): Promise<string[]> {
  const maxFaults = options.maxFaults ?? 100;
  const faults: string[] = [];
  let turn = 0;
  for (const operation of table.operations) {
    turn += 1;
    if (turn % OPERATIONS_A_TURN === 0) {
      await setImmediate();
      options.signal?.throwIfAborted();
    }
    const name = `${operation.method} ${excerpt(operation.path)}`;
    for (const example of examplesWithCredentials(table, operation)) {
      for (const fault of faultsOf(table, operation, example)) {
        if (faults.push(`${name}: ${fault}`) >= maxFaults) return faults;
      }
    }
  }
  return faults;
}

function faultsOf(table: OperationTable, operation: Operation, example: Example): string[] {
  let request: HttpRequest;
  try {
    request = buildRequest(table, operation, { ...example.input, url: ORIGIN });
  } catch (error) {
    return [messageOf(error)];
  }
  return [...readingFaults(operation, request, example), ...securityFaults(table, operation, request, example.input)];
}

/** Each example with the credentials of one alternative in turn, and as many examples as there are alternatives. */
function examplesWithCredentials(table: OperationTable, operation: Operation): Example[] {
  const examples = examplesOf(operation);
  const alternatives = credentialsOf(table, operation).slice(0, MOST_ALTERNATIVES);
  return Array.from({ length: Math.max(examples.length, alternatives.length) }, (_, i) => {
    const example = examples[i % examples.length] ?? { input: {} };
    const credentials = alternatives[i % alternatives.length];
    return credentials ? { ...example, input: { ...example.input, credentials } } : example;
  });
}

/** What of a request does not read back as the example that it was built from. */
export function readingFaults(operation: Operation, request: HttpRequest, { input, mediaType }: Example): string[] {
  if (!request.url.startsWith(`${ORIGIN}/`) && request.url !== ORIGIN)
    return [`the address became ${excerpt(request.url)}.`];
  const target = request.url.slice(ORIGIN.length);
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark + 1);
  const faults = pathFaults(operation, path, (name) => input.urlParams?.[name]).map((place) =>
    place === 'the path' ? `the path became ${excerpt(path)}.` : lost('path', place, input.urlParams?.[place], path),
  );
  const queryPairs = splitPairs(query, '&');
  const cookiePairs = splitPairs(headerOf(request, 'cookie') ?? '', '; ');
  const spread = spreadNames(operation, input);
  for (const parameter of operation.parameters) {
    if (parameter.in === 'query') check(parameter, input.queryParams, queryPairs, formDecode);
    if (parameter.in === 'cookie') check(parameter, input.cookieParams, cookiePairs, percentDecode);
    if (parameter.in === 'header' && input.headers && Object.hasOwn(input.headers, parameter.name)) {
      const text = headerOf(request, parameter.name.toLowerCase());
      const expected = input.headers[parameter.name];
      if (!headerHolds(text, parameter, expected)) faults.push(lost('header', parameter.name, expected, text));
    }
  }
  const contentType = headerOf(request, 'content-type') ?? '';
  if (input.body !== undefined && !bodyHolds(request.body ?? Buffer.alloc(0), contentType, input.body, mediaType)) {
    faults.push(`the body as ${contentType || 'nothing'} does not read back as ${excerpt(input.body)}.`);
  }
  return faults;

  function check(
    parameter: Parameter,
    given: Example['input']['queryParams'],
    pairs: readonly RawPair[],
    decode: Decoder,
  ): void {
    const expected = given?.[parameter.name];
    // Whose pair it is nobody can tell.
    if (spread.has(`${parameter.in} ${parameter.name}`)) return;
    const held =
      parameter.contentType === undefined
        ? pairsHold(pairs, parameter.name, expected, parameter, decode)
        : pairs.some(
            ([name, raw]) => decode(name) === parameter.name && contentHolds(decode(raw), parameter, expected),
          );
    if (!held) faults.push(lost(parameter.in, parameter.name, expected, pairs.map((pair) => pair.join('=')).join('&')));
  }
}

/** The names that exploded objects give to pairs, by place: `query color`. */
function spreadNames(operation: Operation, { queryParams, cookieParams }: Example['input']): Set<string> {
  const names = new Set<string>();
  for (const { name, in: place, style, explode, contentType } of operation.parameters) {
    const value = place === 'query' ? queryParams?.[name] : place === 'cookie' ? cookieParams?.[name] : undefined;
    const isSpread = explode && style !== 'deepObject' && contentType === undefined;
    if (!isSpread || typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const key of Object.keys(value)) if (key !== name) names.add(`${place} ${key}`);
  }
  return names;
}

function headerHolds(text: string | undefined, parameter: Parameter, expected: unknown): boolean {
  if (parameter.contentType !== undefined) return contentHolds(text, parameter, expected);
  const value = visible(expected);
  if (typeof value !== 'object' || value === null) return value === null ? text === undefined : means(text, value);
  const entries = Array.isArray(value) ? value : Object.entries(value);
  if (entries.length === 0) return text === undefined;
  if (text === undefined) return false;
  const same: Decoder = (raw) => raw;
  if (Array.isArray(value)) return listHolds(text, value, parameter.style, same);
  const pairs = Object.entries(value as Record<string, string | number | boolean | object>);
  if (!parameter.explode) return listHolds(text, pairs.flat(), parameter.style, same);
  return pairs.every(([name, member]) => {
    const start = `,${text}`.indexOf(`,${name}=`);
    const value = typeof member === 'object' ? JSON.stringify(member) : String(member);
    return start !== -1 && text.slice(start + name.length + 1).startsWith(value);
  });
}

function contentHolds(text: string | undefined, parameter: Parameter, expected: unknown): boolean {
  return parameter.contentType?.includes('json') ? jsonMeans(text, expected) : means(text, expected);
}

function headerOf(request: HttpRequest, lower: string): string | undefined {
  return request.headers.find(([name]) => name.toLowerCase() === lower)?.[1];
}

function lost(place: string, name: string, expected: unknown, found: string | undefined): string {
  return `the ${place} parameter ${excerpt(name)} does not read back as ${excerpt(expected)} from ${excerpt(found)}.`;
}
