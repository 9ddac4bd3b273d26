import type { Operation, OperationTable, ReadyCredential, SecurityScheme } from '#core';
import type { RequestInput } from '../input.js';
import type { HttpRequest } from '../request.js';
import { isSendable } from '../serialise/headers.js';
import { splitPairs } from './read-pairs.js';
import { excerpt, formDecode, percentDecode } from './reading.js';

const KEY = 'key +/=&é';
const PLAIN_KEY = 'key-1';
const TOKEN = 'token-1';
const USER = { username: 'üser', password: 'pass:word' };

/** Made-up credentials for each alternative of an operation that a request can carry all of. */
export function credentialsOf(
  table: OperationTable,
  operation: Operation,
): Readonly<Record<string, ReadyCredential>>[] {
  return operation.security.flatMap((requirement) => {
    const entries = Object.keys(requirement).map((name) => [name, credentialFor(schemeOf(table, name))] as const);
    const given = entries.filter((entry): entry is readonly [string, ReadyCredential] => entry[1] !== undefined);
    return given.length > 0 && given.length === entries.length ? [Object.fromEntries(given)] : [];
  });
}

/**
 * Whether the credentials of one of the operation's alternatives stand where their schemes say, but for those in whose
 * place something was given by hand.
 * https://spec.openapis.org/oas/v3.1.1#security-requirement-object
 */
export function securityFaults(
  table: OperationTable,
  operation: Operation,
  request: HttpRequest,
  input: RequestInput,
): string[] {
  const given = input.credentials ?? {};
  const names = Object.keys(given);
  if (names.length === 0) return [];
  const possible = operation.security
    .map((requirement) => Object.keys(requirement))
    .filter((wanted) => wanted.length > 0 && wanted.every((name) => names.includes(name)));
  const taken = new Set<string>();
  const stands = (name: string): boolean => {
    const scheme = schemeOf(table, name);
    if (!scheme) return false;
    const place = placeOf(scheme);
    // Two schemes for one header cannot both be there.
    if (taken.has(place) || isByHand(place, input)) return true;
    taken.add(place);
    return holds(request, scheme);
  };
  if (possible.some((wanted) => wanted.every(stands))) return [];
  return [`the credentials of ${names.map((name) => excerpt(name)).join(', ')} are not where their schemes say.`];
}

function credentialFor(scheme: SecurityScheme | undefined): ReadyCredential | undefined {
  if (!scheme || scheme.type === 'mutualTLS') return undefined;
  if (scheme.type === 'http' && scheme.scheme.toLowerCase() === 'basic') return USER;
  if (scheme.type !== 'apiKey') return { token: TOKEN };
  if (scheme.in !== 'header') return { value: KEY };
  // A key that is all cookies, or the type of the body, changes what else the example has.
  const isUsual = isSendable(scheme.name) && !/^(cookie|content-type)$/i.test(scheme.name);
  return isUsual ? { value: PLAIN_KEY } : undefined;
}

function holds(request: HttpRequest, scheme: SecurityScheme): boolean {
  const header = (name: string) => request.headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
  if (scheme.type !== 'apiKey') {
    const text = header('authorization') ?? '';
    if (scheme.type !== 'http' || scheme.scheme.toLowerCase() !== 'basic') return text.endsWith(` ${TOKEN}`);
    return text === `Basic ${Buffer.from(`${USER.username}:${USER.password}`).toString('base64')}`;
  }
  if (scheme.in === 'header') return header(scheme.name) === PLAIN_KEY;
  const isQuery = scheme.in === 'query';
  const text = isQuery ? request.url.slice(request.url.indexOf('?') + 1) : (header('cookie') ?? '');
  const decode = isQuery ? formDecode : percentDecode;
  return splitPairs(text, isQuery ? '&' : '; ').some(
    ([name, raw]) => decode(name) === scheme.name && decode(raw) === KEY,
  );
}

function placeOf(scheme: SecurityScheme): string {
  return scheme.type === 'apiKey' ? `${scheme.in} ${scheme.name.toLowerCase()}` : 'header authorization';
}

function isByHand(place: string, { headers, queryParams, cookieParams }: RequestInput): boolean {
  const values = { header: headers, query: queryParams, cookie: cookieParams };
  return Object.entries(values).some(([where, given]) =>
    Object.keys(given ?? {}).some((name) => `${where} ${name.toLowerCase()}` === place),
  );
}

function schemeOf(table: OperationTable, name: string): SecurityScheme | undefined {
  return Object.hasOwn(table.securitySchemes, name) ? table.securitySchemes[name] : undefined;
}
