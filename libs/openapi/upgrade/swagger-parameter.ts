import { excerpt, isObject, own, type Json } from '../json.js';
import type { Context } from '../normalise/context.js';
import { normaliseSchema } from '../normalise/schema.js';
import type { Place } from '../place.js';

/** Where the converter carries a parameter's collectionFormat along, which it does not keep itself. */
export const COLLECTION_EXTENSION = 'x-callboard-collection';

const PLACES: Readonly<Record<string, string>> = {
  query: 'query',
  header: 'header',
  path: 'path',
  cookie: 'cookie',
  formdata: 'formData',
  form: 'formData',
  body: 'body',
};
const SCHEMA_WORDS = [
  'type',
  'format',
  'items',
  'enum',
  'default',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'x-nullable',
] as const;
const COLLECTIONS: readonly unknown[] = ['csv', 'ssv', 'tsv', 'pipes', 'multi'];

/**
 * One parameter of Swagger 2.0, or null when it cannot be sent.
 * https://spec.openapis.org/oas/v2.0#parameter-object
 */
export function shapeParameter(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    context.refuse(place, 'a parameter', value);
    return null;
  }
  const reference = context.reference('parameter', value, place);
  if (reference !== undefined) return reference === null ? null : { $ref: reference.$ref };
  const location = PLACES[(context.textField(value, 'in', place) ?? '').trim().toLowerCase()];
  if (location === undefined) {
    context.warnings.add('parameter', place, 'A parameter without a known place was left out.');
    return null;
  }
  value.in = location;
  const name = context.textField(value, 'name', place) ?? '';
  if (name.trim() === '' && location !== 'body') {
    context.warnings.add('parameter', place, 'A parameter without a name was left out.');
    return null;
  }
  if (name === '') value.name = 'body';
  context.booleanField(value, 'required', place);
  context.textField(value, 'description', place);
  return location === 'body' ? shapeBody(value, place, context) : shapeSimple(value, place, context);
}

function shapeBody(value: Json, place: Place, context: Context): Json {
  const schema = own(value, 'schema') ?? pick(value);
  for (const word of SCHEMA_WORDS) Reflect.deleteProperty(value, word);
  value.schema = normaliseSchema(schema, place.at('schema'), context);
  return value;
}

function shapeSimple(value: Json, place: Place, context: Context): Json {
  const lifted = context.references.resolve(own(value, 'schema'));
  if (isObject(lifted)) {
    for (const word of SCHEMA_WORDS)
      if (own(value, word) === undefined && own(lifted, word) !== undefined) value[word] = lifted[word];
    context.warnings.add(
      'parameter',
      place.at('schema'),
      'A schema was read as the parameter itself, which has none in 2.0.',
    );
  }
  Reflect.deleteProperty(value, 'schema');
  if (own(value, 'type') === undefined) value.type = own(value, 'items') === undefined ? 'string' : 'array';
  const schema = normaliseSchema(pick(value), place, context) as Json;
  for (const word of SCHEMA_WORDS) Reflect.deleteProperty(value, word);
  Object.assign(value, schema);
  const type = own(value, 'type');
  if (typeof type !== 'string') value.type = Array.isArray(type) ? (type[0] as unknown) : 'string';
  shapeCollection(value, place, context);
  return value;
}

/** https://spec.openapis.org/oas/v2.0#fixed-fields-6, collectionFormat */
function shapeCollection(value: Json, place: Place, context: Context): void {
  const given = own(value, 'collectionFormat');
  Reflect.deleteProperty(value, 'collectionFormat');
  const { items } = value;
  if (isObject(items)) Reflect.deleteProperty(items, 'collectionFormat');
  if (value.type !== 'array') return;
  if (given !== undefined && !COLLECTIONS.includes(given)) {
    const shown = typeof given === 'string' ? ` "${excerpt(given, 20)}"` : '';
    context.warnings.add('parameter', place, `The collectionFormat${shown} is not one of 2.0's and was read as csv.`);
  }
  value[COLLECTION_EXTENSION] = COLLECTIONS.includes(given) ? given : 'csv';
}

function pick(value: Json): Json {
  return Object.fromEntries(
    SCHEMA_WORDS.filter((word) => own(value, word) !== undefined).map((word) => [word, value[word]]),
  );
}

/** `consumes` and `produces`: a list of texts, each once. */
export function mediaTypes(node: Json, key: string, place: Place, context: Context): string[] {
  const given = own(node, key);
  if (typeof given === 'string') node[key] = given.split(',').map((type) => type.trim());
  const list =
    context.arrayField(node, key, place)?.filter((type) => typeof type === 'string' && type.trim() !== '') ?? [];
  const unique = [...new Set(list as string[])];
  if (unique.length > 0) node[key] = unique;
  else Reflect.deleteProperty(node, key);
  return unique;
}
