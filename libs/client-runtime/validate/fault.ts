import { isCredentialName, type JsonSchema } from '#core';
import { describeShape, describeValue, excerpt } from './describe.js';
import { isNode } from './node.js';
import type { Violation } from './run.js';

/** One thing that is wrong with what a call was given. */
export interface Fault {
  /** JSON pointer into the body of the REST request: `/query_params/limit`, `/req_body/items/0/name`. */
  readonly pointer: string;
  /** What belongs there: "an integer of at most 100". */
  readonly expected: string;
  /** What came: short values as JSON, others by their shape; those of credentials only by their shape. */
  readonly got: string;
  /** Both in one sentence. */
  readonly message: string;
}

/** The fields of the REST request that faults point into. */
export type Field =
  'url_params' | 'query_params' | 'headers' | 'cookie_params' | 'req_body' | 'content_type' | 'method' | 'endpoint';

/** Any header and cookie may be a secret under a name that only the service knows. */
const NEVER_SHOWN: ReadonlySet<Field> = new Set<Field>(['headers', 'cookie_params']);

/** A fault at a place inside a field. */
export function faultAt(
  field: Field,
  path: readonly string[],
  expected: string,
  value: unknown,
  schema?: JsonSchema,
): Fault {
  const isSecret = NEVER_SHOWN.has(field) || path.some(isCredentialName) || isSecretSchema(schema);
  const got = isSecret ? describeShape(value) : describeValue(value);
  const pointer = [field, ...path].map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { pointer, expected, got, message: `Expected ${excerpt(pointer, 200)} to be ${expected}, got ${got}.` };
}

/** What a run found, as faults inside a field. */
export function faultsOf(field: Field, path: readonly string[], violations: readonly Violation[]): Fault[] {
  return violations.map((found) => faultAt(field, [...path, ...found.path], found.expected, found.value, found.schema));
}

function isSecretSchema(schema: JsonSchema | undefined): boolean {
  return isNode(schema) && (schema.format === 'password' || schema.writeOnly === true);
}
