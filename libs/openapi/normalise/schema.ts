import { describe, excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import { meansBoolean, type Context } from './context.js';
import { isTypeWord, normaliseType } from './schema-type.js';

const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'] as const;
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const;
const SINGLES = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'additionalItems',
  'unevaluatedItems',
  'unevaluatedProperties',
] as const;
const NUMBERS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;
const TEXTS = ['title', 'description', 'format', 'pattern'] as const;
const BOOLEANS = ['nullable', 'readOnly', 'writeOnly', 'deprecated', 'uniqueItems'] as const;

/** Kinds of keywords, one bit each. */
const TEXT = 1;
const BOOLEAN = 2;
const NUMBER = 4;
const ENUM = 8;
const OBJECT = 16;
const PARTS = 32;
const ITEMS = 64;
const ADDITIONAL = 128;
const DISCRIMINATOR = 256;
const KINDS: ReadonlyMap<string, number> = new Map([
  ...kind(TEXT, TEXTS),
  ...kind(BOOLEAN, BOOLEANS),
  ...kind(NUMBER, NUMBERS),
  ...kind(ENUM, ['enum']),
  ...kind(PARTS, [...MAPS, ...LISTS, ...SINGLES]),
  // It is a map of parts, too.
  ...kind(OBJECT | PARTS, ['properties']),
  ...kind(OBJECT, ['required']),
  ...kind(ITEMS, ['items']),
  ...kind(ADDITIONAL, ['additionalProperties']),
  ...kind(DISCRIMINATOR, ['discriminator']),
]);

function kind(bits: number, keywords: readonly string[]): [string, number][] {
  return keywords.map((keyword) => [keyword, bits]);
}

/** Which kinds of keywords a schema has: most have two of some fifty keywords, and those need no look for the others. */
function kindsOf(node: Json): number {
  let kinds = 0;
  for (const key of Object.keys(node)) kinds |= KINDS.get(key) ?? 0;
  return kinds;
}

/**
 * Brings a schema, and all that it holds, into a shape that needs no further checks: every sub-schema is an object or a
 * boolean, every list a list, every reference leads somewhere. The node is changed in place where it can be.
 * https://spec.openapis.org/oas/v3.1.1#schema-object
 */
export function normaliseSchema(node: unknown, place: Place, context: Context): Json | boolean {
  if (typeof node === 'boolean') return booleanSchema(node, place, context);
  if (!isObject(node)) {
    const expected = 'a schema, which is an object,';
    if (typeof node === 'string' && isTypeWord(node)) {
      const message = `Expected ${expected} got a string, which was read as its type.`;
      context.warnings.add('schema', place, message);
      return normaliseSchema({ type: node }, place, context);
    }
    context.warnings.add('schema', place, `Expected ${expected} got ${describe(node)}, which was read as any value.`);
    return {};
  }
  if (context.dialect === 'swagger') adoptExtensions(node);
  const reference = context.reference('schema', node, place);
  if (reference === null) Reflect.deleteProperty(node, '$ref');
  else if (reference !== undefined && context.dialect !== '3.1') return withoutSiblings(reference, place, context);
  const kinds = kindsOf(node);
  normaliseType(node, place, context);
  if (kinds & (TEXT | BOOLEAN | NUMBER)) normaliseScalars(node, kinds, place, context);
  if (kinds & ENUM) normaliseEnum(node, place, context);
  if (kinds & OBJECT) normaliseProperties(node, place, context);
  if (kinds & PARTS) normaliseParts(node, place, context);
  if (kinds & ITEMS || node.type === 'array') normaliseItems(node, place, context);
  if (kinds & ADDITIONAL) normaliseAdditional(node, place, context);
  if (kinds & DISCRIMINATOR) normaliseDiscriminator(node, place, context);
  return node;
}

/** What 2.0 has no word for and tools write as extensions. */
const EXTENSIONS = [
  ['x-nullable', 'nullable'],
  ['x-oneOf', 'oneOf'],
  ['x-anyOf', 'anyOf'],
  ['x-discriminator', 'discriminator'],
] as const;

function adoptExtensions(node: Json): void {
  for (const [extension, word] of EXTENSIONS) {
    const value = own(node, extension);
    if (value === undefined) continue;
    Reflect.deleteProperty(node, extension);
    if (word === 'discriminator' ? isObject(value) : own(node, word) === undefined) node[word] = value;
  }
}

const ANNOTATIONS = new Set([
  '$ref',
  'title',
  'summary',
  'description',
  'default',
  'example',
  'deprecated',
  'nullable',
  'readOnly',
]);

/** Before 3.1 what stands beside a reference is ignored; what only describes does no harm and helps people. */
function withoutSiblings(reference: Json, place: Place, context: Context): Json {
  const ignored = Object.keys(reference).filter((key) => !ANNOTATIONS.has(key) && !key.startsWith('x-'));
  for (const key of ignored) Reflect.deleteProperty(reference, key);
  if (ignored.length > 0) {
    const shown = excerpt(ignored.slice(0, 4).join(', '));
    context.warnings.add(
      'ignored',
      place,
      `Before OpenAPI 3.1 what stands beside a reference counts for nothing: ${shown}.`,
    );
  }
  return reference;
}

/** https://spec.openapis.org/oas/v3.1.1#schema-object has them, the versions before have not. */
function booleanSchema(value: boolean, place: Place, context: Context): Json | boolean {
  if (context.dialect === '3.1') return value;
  const message = `Expected a schema, which is an object, got ${value}, which was read as ${value ? 'any' : 'no'} value.`;
  context.warnings.add('schema', place, message);
  return value ? {} : { not: {} };
}

function normaliseScalars(node: Json, kinds: number, place: Place, context: Context): void {
  if (kinds & TEXT) for (const key of TEXTS) if (key in node) context.textField(node, key, place);
  if (kinds & BOOLEAN) for (const key of BOOLEANS) if (key in node) context.booleanField(node, key, place);
  for (const key of kinds & NUMBER ? NUMBERS : []) {
    const value = own(node, key);
    if (value === undefined || typeof value === 'number') continue;
    if (typeof value === 'boolean' && key.startsWith('exclusive')) continue;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
    if (Number.isFinite(number)) {
      node[key] = number;
      context.warnings.add('schema', place.at(key), `Expected a number, got a string, which was read as ${number}.`);
      continue;
    }
    if (value === null) context.passNull(place.at(key));
    else context.refuse(place.at(key), 'a number', value);
    Reflect.deleteProperty(node, key);
  }
  if (context.dialect === '3.1') for (const side of SIDES) exclusiveBound(node, side, place, context);
}

const SIDES = [
  ['minimum', 'exclusiveMinimum'],
  ['maximum', 'exclusiveMaximum'],
] as const;

/** Before 3.1 it said whether the bound itself is out: https://spec.openapis.org/oas/v3.0.4#schema-object */
function exclusiveBound(node: Json, [bound, exclusive]: (typeof SIDES)[number], place: Place, context: Context): void {
  const given = own(node, exclusive);
  if (typeof given !== 'boolean') return;
  const value = own(node, bound);
  Reflect.deleteProperty(node, exclusive);
  if (given && typeof value === 'number') {
    node[exclusive] = value;
    Reflect.deleteProperty(node, bound);
  }
  context.warnings.add('schema', place.at(exclusive), `\`${exclusive}\` as before OpenAPI 3.1 was read as of 3.1.`);
}

function normaliseEnum(node: Json, place: Place, context: Context): void {
  const given = own(node, 'enum');
  if (given === undefined) return;
  if (!Array.isArray(given)) {
    context.refuse(place.at('enum'), 'an array', given);
    Reflect.deleteProperty(node, 'enum');
    return;
  }
  if (given.length === 0) {
    context.refuse(place.at('enum'), 'an array of values', given);
    Reflect.deleteProperty(node, 'enum');
    return;
  }
  const type = own(node, 'type');
  if (type === 'integer' || type === 'number') numericEnum(node, given, place, context);
  if (type !== 'string' || given.every((value) => typeof value === 'string' || value === null)) return;
  // YAML reads bare `yes`, `1.0` or `true` as something else than the text that `type: string` says it is.
  node.enum = given.map((value) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : (value as unknown),
  );
  context.warnings.add('schema', place.at('enum'), 'Values of an enum of strings were read as strings.');
}

function numericEnum(node: Json, given: readonly unknown[], place: Place, context: Context): void {
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  if (!given.some(isText)) return;
  node.enum = given.map((value) => (isText(value) ? Number(value) : value));
  context.warnings.add('schema', place.at('enum'), 'Values of an enum of numbers were read as numbers.');
}

function normaliseProperties(node: Json, place: Place, context: Context): void {
  const required = requiredNames(node, place, context);
  const properties = context.objectField(node, 'properties', place);
  for (const [name, property] of Object.entries(properties ?? {})) {
    const own_ = own(property, 'required');
    const meant = typeof own_ === 'boolean' ? own_ : meansBoolean(own_);
    if (meant === null) continue;
    Reflect.deleteProperty(property as Json, 'required');
    if (meant) required.add(name);
    context.warnings.add(
      'schema',
      place.at('properties', name, 'required'),
      '`required` was moved to the list that it belongs to.',
    );
  }
  if (required.size > 0) node.required = [...required];
  else Reflect.deleteProperty(node, 'required');
}

function requiredNames(node: Json, place: Place, context: Context): Set<string> {
  const given = own(node, 'required');
  if (given === undefined) return new Set();
  const list: unknown[] = Array.isArray(given) ? given : [given];
  const names = list.filter((name) => typeof name === 'string');
  if (given === null) context.passNull(place.at('required'));
  else if (names.length < list.length) context.refuse(place.at('required'), 'an array of names', given);
  else if (!Array.isArray(given)) {
    context.warnings.add(
      'schema',
      place.at('required'),
      'Expected an array of names, got a string, which was read as one name.',
    );
  }
  return new Set(names);
}

function normaliseParts(node: Json, place: Place, context: Context): void {
  for (const key of MAPS) {
    if (key in node) context.eachEntry(node, key, place, (value, at) => normaliseSchema(value, at, context));
  }
  for (const key of LISTS) if (key in node) normaliseList(node, key, place, context);
  for (const key of SINGLES) {
    if (own(node, key) !== undefined) node[key] = normaliseSchema(node[key], place.at(key), context);
  }
}

function normaliseList(node: Json, key: string, place: Place, context: Context): void {
  const list = context.arrayField(node, key, place);
  if (!list) return;
  const kept = list.filter((item, index) => {
    const good = isObject(item) || typeof item === 'boolean';
    if (!good) context.refuse(place.at(key, index), 'a schema', item);
    return good;
  });
  if (kept.length === 0) Reflect.deleteProperty(node, key);
  else node[key] = kept.map((item, index) => normaliseSchema(item, place.at(key, index), context));
}

function normaliseItems(node: Json, place: Place, context: Context): void {
  const items = own(node, 'items');
  if (Array.isArray(items)) {
    const list = items.map((item, index) => normaliseSchema(item, place.at('items', index), context));
    // A list of schemas is draft 4's tuple: https://json-schema.org/understanding-json-schema/reference/array#tupleValidation
    node.items = list.length === 0 ? {} : list.length === 1 ? list[0] : { anyOf: list };
    context.warnings.add('schema', place.at('items'), 'A list of schemas for items was read as any one of them.');
  } else if (items !== undefined) {
    node.items = normaliseSchema(items, place.at('items'), context);
  } else if (own(node, 'type') === 'array' && own(node, 'prefixItems') === undefined) {
    node.items = {};
    if (context.dialect === '3.1') return;
    context.warnings.add('schema', place, 'An array without items was read as one of any values.');
  }
}

function normaliseAdditional(node: Json, place: Place, context: Context): void {
  const given = own(node, 'additionalProperties');
  if (given === undefined || typeof given === 'boolean') return;
  const at = place.at('additionalProperties');
  const meant = meansBoolean(given);
  if (meant !== null) {
    node.additionalProperties = meant;
    context.warnings.add(
      'schema',
      at,
      `Expected a schema or a boolean, got ${describe(given)}, which was read as ${meant}.`,
    );
  } else if (isObject(given)) node.additionalProperties = normaliseSchema(given, at, context);
  else {
    if (given === null) context.passNull(at);
    else context.refuse(at, 'a schema or a boolean', given);
    Reflect.deleteProperty(node, 'additionalProperties');
  }
}

/** https://spec.openapis.org/oas/v3.1.1#discriminator-object */
function normaliseDiscriminator(node: Json, place: Place, context: Context): void {
  const given = own(node, 'discriminator');
  if (given === undefined) return;
  const at = place.at('discriminator');
  if (typeof given === 'string' && given !== '') {
    node.discriminator = { propertyName: given };
    context.references.discriminated.push(node);
    // In 2.0 it is the name of the property.
    if (context.dialect !== 'swagger') {
      context.warnings.add('schema', at, 'A discriminator as of Swagger 2.0 was turned into an object.');
    }
    return;
  }
  if (!isObject(given) || typeof given.propertyName !== 'string' || given.propertyName === '') {
    context.refuse(at, 'a discriminator with a propertyName', given);
    Reflect.deleteProperty(node, 'discriminator');
    return;
  }
  context.references.discriminated.push(node);
  context.eachEntry(given, 'mapping', at, (value, entry) => {
    if (typeof value !== 'string') {
      context.refuse(entry, 'a schema name or a reference', value);
      return null;
    }
    // A plain name is as good as a reference.
    return context.references.named('schema', value) ?? context.references.settle('schema', value, entry);
  });
}
