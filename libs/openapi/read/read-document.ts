import { Permanent } from '#core';
import { describe, isObject, type Json } from '../json.js';
import type { DocumentLimits } from '../limits.js';
import type { Warnings } from '../warning.js';
import { containValue } from './contain.js';
import { decodeText } from './decode.js';
import { tellDuplicates } from './duplicate-keys.js';
import { locate } from './locate.js';
import { parseText } from './parse.js';
import type { Position } from './position.js';

export interface ReadDocument {
  readonly root: Json;
  /** Where the places that pointers name stand in the text. */
  readonly locate: (pointers: Iterable<string>) => ReadonlyMap<string, Position>;
}

/**
 * A document's bytes as a safe tree of JSON values.
 * @throws Permanent with one sentence that names the place, when the bytes hold no JSON or YAML object within the limits.
 */
export function readDocument(bytes: Uint8Array, limits: DocumentLimits, warnings: Warnings): ReadDocument {
  const parsed = parseText(decodeText(bytes, limits, warnings), limits, warnings);
  const { value: root, names } = containValue(parsed.value, parsed.mayShare, limits, warnings);
  if (parsed.isJson) tellDuplicates(parsed.text, names, warnings);
  if (!isObject(root)) {
    const got = root === null ? 'nothing but comments or null' : describe(root);
    throw new Permanent('SPEC_NOT_OPENAPI', `Expected an OpenAPI document, which is an object, at /, got ${got}.`);
  }
  return { root, locate: (pointers) => locate(parsed.text, parsed.isJson, pointers) };
}
