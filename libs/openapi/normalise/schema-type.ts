import { describe, excerpt, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';

const TYPES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);

interface Meaning {
  readonly type: string | null;
  readonly format?: string;
}

const ANY: Meaning = { type: null };
/** Words that people write where JSON Schema has none, and what they mean by them. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  any: ANY,
  mixed: ANY,
  unknown: ANY,
  str: { type: 'string' },
  text: { type: 'string' },
  char: { type: 'string' },
  enum: { type: 'string' },
  uuid: { type: 'string', format: 'uuid' },
  guid: { type: 'string', format: 'uuid' },
  email: { type: 'string', format: 'email' },
  url: { type: 'string', format: 'uri' },
  uri: { type: 'string', format: 'uri' },
  date: { type: 'string', format: 'date' },
  datetime: { type: 'string', format: 'date-time' },
  'date-time': { type: 'string', format: 'date-time' },
  timestamp: { type: 'string' },
  time: { type: 'string' },
  byte: { type: 'string', format: 'byte' },
  binary: { type: 'string', format: 'binary' },
  file: { type: 'string', format: 'binary' },
  int: { type: 'integer' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  long: { type: 'integer', format: 'int64' },
  short: { type: 'integer' },
  float: { type: 'number', format: 'float' },
  double: { type: 'number', format: 'double' },
  decimal: { type: 'number' },
  numeric: { type: 'number' },
  bool: { type: 'boolean' },
  list: { type: 'array' },
  set: { type: 'array' },
  map: { type: 'object' },
  hash: { type: 'object' },
  dict: { type: 'object' },
  json: ANY,
  none: { type: 'null' },
};

/**
 * Brings `type` to one of JSON Schema's words or a list of them.
 * https://json-schema.org/draft/2020-12/json-schema-validation#name-type
 */
export function normaliseType(node: Json, place: Place, context: Context): void {
  const given = own(node, 'type');
  if (given === undefined || TYPES.has(given)) return;
  if (given === 'file' && context.dialect === 'swagger') {
    // https://spec.openapis.org/oas/v2.0#parameter-object, type
    Object.assign(node, { type: 'string', format: 'binary' });
    return;
  }
  if (Array.isArray(given)) {
    listOfTypes(node, given, place, context);
    return;
  }
  const meaning = typeof given === 'string' ? meaningOf(given) : ANY;
  set(node, meaning);
  const shown = typeof given === 'string' ? `"${excerpt(given, 40)}"` : describe(given);
  context.warnings.add(
    'schema',
    place.at('type'),
    `The type ${shown} is not one of JSON Schema's and was read as ${meaning.type ?? 'any'}.`,
  );
}

/** Whether a word is one of JSON Schema's types. */
export function isTypeWord(word: string): boolean {
  return TYPES.has(word);
}

function listOfTypes(node: Json, given: readonly unknown[], place: Place, context: Context): void {
  const meanings = given.map((type) => (TYPES.has(type) ? { type: String(type) } : meaningOf(String(type))));
  const known = new Set(meanings.map((meaning) => meaning.type).filter((type) => type !== null));
  if (known.size < given.length) {
    context.warnings.add(
      'schema',
      place.at('type'),
      'Types that are not of JSON Schema, or stand there twice, were left out.',
    );
  }
  if (context.dialect !== '3.1' && known.has('null')) {
    known.delete('null');
    node.nullable = true;
  }
  if (context.dialect === '3.0') {
    context.warnings.add('schema', place.at('type'), 'A list of types, as of OpenAPI 3.1, was read as such.');
  }
  const list = [...known];
  if (list.length === 0) Reflect.deleteProperty(node, 'type');
  else node.type = list.length === 1 ? list[0] : list;
}

function meaningOf(word: string): Meaning {
  const key = word.trim().toLowerCase();
  if (TYPES.has(key)) return { type: key };
  return Object.hasOwn(MEANINGS, key) ? (MEANINGS[key] ?? ANY) : ANY;
}

function set(node: Json, meaning: Meaning): void {
  if (meaning.type === null) Reflect.deleteProperty(node, 'type');
  else node.type = meaning.type;
  if (meaning.format !== undefined && own(node, 'format') === undefined) node.format = meaning.format;
}
