import { describeShape } from '#core';
import { excerpt } from './describe.js';
import { MADE_UP, type Path, type Violation } from './run.js';

/** One thing that is wrong with what a call was given. */
export interface Fault {
  /** JSON pointer into the body of the REST request, as far as names are the document's: `/query_params/limit`, `/req_body/items/0/name`. */
  readonly pointer: string;
  /** What belongs there: "an integer of at most 100". */
  readonly expected: string;
  /** What came, by its kind and size: "a string of 7 characters". */
  readonly got: string;
  /** Both in one sentence. */
  readonly message: string;
}

/** The fields of the REST request that faults point into. */
export type Field = 'url_params' | 'query_params' | 'headers' | 'cookie_params' | 'req_body' | 'content_type';

/** A fault at a place inside a field. */
export function faultAt(field: Field, path: Path, expected: string, value: unknown): Fault {
  const pointer = pointerTo([field, ...path]);
  const place = `${path.includes(MADE_UP) ? 'a value inside ' : ''}${excerpt(pointer, 200)}`;
  const got = describeShape(value);
  return { pointer, expected, got, message: `Expected ${place} to be ${expected}, got ${got}.` };
}

/** What a run found, as faults inside a field. */
export function faultsOf(field: Field, path: Path, violations: readonly Violation[]): Fault[] {
  return violations.map((found) => faultAt(field, [...path, ...found.path], found.expected, found.value));
}

/** The JSON pointer to a place, or to what it is inside of where a name on the way was made up (RFC 6901). */
export function pointerTo(path: Path): string {
  let pointer = '';
  for (const name of path) {
    if (name === MADE_UP) break;
    pointer += `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return pointer;
}
