import { describeShape } from '#core';
import type { DriftFault, JsonSchema, Operation, ResponseSchemas, SchemaTable } from '#core';
import { covers, essence, isJson } from '../serialise/media-type.js';
import { checkerOf, type Checker } from './checker.js';
import { describeSchema, excerpt, oneOf } from './describe.js';
import { pointerTo } from './fault.js';
import { isNode } from './node.js';
import { Run } from './run.js';

/** An answer as it was received. */
export interface ReceivedAnswer {
  readonly status: number;
  /** Names in any case, repeated where the service repeated them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Decoded bytes; undefined when they are not at hand, as those of a large answer, and then nothing is said of them. */
  readonly body?: Uint8Array | undefined;
}

/** Larger bodies are not looked into: 1 MiB. */
const LARGEST_BODY = 1024 * 1024;
const MOST_FAULTS = 20;
/** Statuses that never have a body: https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1 */
const BODILESS = new Set([204, 205, 304]);

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Where an answer differs from what the document says of it: a status or media type that is not declared, headers and a JSON
 * body that their schemas do not allow. No value of the answer is told, only shapes and lengths. An answer that the document
 * says nothing of (no answers, or none with content) has no drift in that.
 * @param schemas the table that belongs to the operation's; keep the object, since its checks are made once.
 * @returns at most 20 faults; empty when the answer is as declared, as far as can be told within bounds of time.
 */
export function driftOf(operation: Operation, schemas: SchemaTable, answer: ReceivedAnswer): DriftFault[] {
  const key = `${operation.method} ${operation.path}`;
  const declared = Object.hasOwn(schemas.operations, key) ? schemas.operations[key]?.responses : undefined;
  const statuses = Object.keys(declared ?? {});
  if (!declared || statuses.length === 0) return [];
  const status = statusOf(answer.status).find((word) => Object.hasOwn(declared, word));
  if (status === undefined) {
    return [{ place: 'status', expected: oneOf(statuses.map((word) => excerpt(word))), got: String(answer.status) }];
  }
  const response = schemas.responses[declared[status] ?? -1];
  if (!response) return [];
  const look: Look = { schemas, checker: checkerOf(schemas), response, answer };
  return [...headerDrift(look), ...contentDrift(look, operation.method)].slice(0, MOST_FAULTS);
}

interface Look {
  readonly schemas: SchemaTable;
  readonly checker: Checker;
  readonly response: ResponseSchemas;
  readonly answer: ReceivedAnswer;
}

/** The words by which a document may declare a status, most telling first. */
function statusOf(status: number): string[] {
  return [String(status), `${Math.floor(status / 100)}XX`, 'default'];
}

function headerDrift({ schemas, checker, response, answer }: Look): DriftFault[] {
  return Object.entries(response.headers ?? {}).flatMap(([name, { required, schema: index }]): DriftFault[] => {
    const schema = schemas.schemas[index] ?? {};
    const value = headerOf(answer, name);
    if (value === undefined) {
      if (!required) return [];
      return [{ place: 'header', pointer: name, expected: describeSchema(schema, checker.resolve), got: 'nothing' }];
    }
    const run = new Run({ direction: 'response', asText: true, most: 1 });
    checker.checkOf(schema)(isList(schema, checker) ? value.split(/\s*,\s*/) : value, run);
    return run.violations.map((found) => ({
      place: 'header',
      pointer: name,
      expected: found.expected,
      got: describeShape(found.value),
    }));
  });
}

function isList(schema: JsonSchema, checker: Checker): boolean {
  const target = checker.resolve(schema);
  return isNode(target) && target.type === 'array';
}

function contentDrift(look: Look, method: string): DriftFault[] {
  const { response, answer } = look;
  const { body, status } = answer;
  const declared = Object.keys(response.content ?? {});
  if (!response.content || declared.length === 0) return [];
  const types = oneOf(declared.map((type) => excerpt(type)));
  if (body?.length === 0) {
    const isUsual = method === 'HEAD' || BODILESS.has(status) || status < 200;
    return isUsual ? [] : [{ place: 'body', expected: `a body of ${types}`, got: 'nothing' }];
  }
  if (method === 'HEAD') return [];
  const contentType = headerOf(answer, 'content-type');
  const matching = contentType === undefined ? undefined : declaredType(declared, contentType);
  if (contentType === undefined || matching === undefined) {
    return [{ place: 'media_type', expected: types, got: excerpt(essence(contentType ?? 'nothing')) }];
  }
  // A coding that is named still was not undone.
  if (!body || body.length > LARGEST_BODY || !isJson(contentType) || headerOf(answer, 'content-encoding')) return [];
  return bodyDrift(look, look.schemas.schemas[response.content[matching] ?? -1] ?? {}, body);
}

function bodyDrift({ checker }: Look, schema: JsonSchema, body: Uint8Array): DriftFault[] {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(body));
  } catch {
    return [
      {
        place: 'body',
        expected: 'JSON',
        got: `${body.length === 1 ? '1 byte that is' : `${body.length} bytes that are`} not JSON`,
      },
    ];
  }
  const run = new Run({ direction: 'response', most: MOST_FAULTS });
  if (checker.checkOf(schema)(value, run)) return [];
  return run.violations.map((found) => ({
    place: 'body',
    pointer: pointerTo(found.path),
    expected: found.expected,
    got: describeShape(found.value),
  }));
}

/**
 * The declared media type that an answer's is one of: the same, else a range. Plain `application/json` and types built on it
 * stand for each other, since every reader of the one takes the other for JSON.
 */
function declaredType(declared: readonly string[], contentType: string): string | undefined {
  const type = essence(contentType);
  const matches = (test: (one: string) => boolean): string | undefined =>
    declared.find((key) => key.split(',').some(test));
  return (
    matches((one) => essence(one) === type) ??
    matches((one) => one.includes('*') && covers(one, type)) ??
    matches((one) => isJson(type) && isJson(one) && (type === JSON_TYPE || essence(one) === JSON_TYPE)) ??
    matches((one) => !one.includes('/'))
  );
}

const JSON_TYPE = 'application/json';

function headerOf({ headers }: ReceivedAnswer, lower: string): string | undefined {
  const values = headers.filter(([name]) => name.toLowerCase() === lower).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}
