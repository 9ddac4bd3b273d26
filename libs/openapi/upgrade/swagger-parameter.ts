import { excerpt, isObject, own, type Json } from '../json.js';
import type { Context } from '../normalise/context.js';
import { tellIgnoredHeader } from '../normalise/parameter.js';
import { normaliseSchema } from '../normalise/schema.js';
import { Place } from '../place.js';
import { COLLECTION_FORMATS, collectionStyle } from './swagger-collection.js';

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

/**
 * One parameter of Swagger 2.0 as one of 3.0, or null when it cannot be sent. Those in `body` and `formData` keep their
 * place, for they become a request body; a form's field has its Encoding Object under `encoding`.
 * https://spec.openapis.org/oas/v2.0#parameter-object
 */
export function upgradeParameter(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    context.refuse(place, 'a parameter', value);
    return null;
  }
  const reference = context.reference('parameter', value, place);
  upgradeHoisted(context);
  if (reference !== undefined) return reference === null ? null : { $ref: reference.$ref };
  const location = context.textField(value, 'in', place);
  const known = own(PLACES, (location ?? '').trim().toLowerCase());
  if (typeof known !== 'string') {
    const got = location === undefined ? 'nothing' : `"${excerpt(location, 20)}"`;
    const message = `Expected one of query, header, path, formData, body, got ${got}; the parameter was left out.`;
    context.warnings.add('parameter', location === undefined ? place : place.at('in'), message);
    return null;
  }
  if (known !== location) {
    const message = `The place "${excerpt(location ?? '', 20)}" was read as ${known}.`;
    context.warnings.add('parameter', place.at('in'), message);
  }
  value.in = known;
  const name = context.textField(value, 'name', place) ?? '';
  if (name.trim() === '' && known !== 'body') {
    context.warnings.add('parameter', place, 'A parameter without a name was left out.');
    return null;
  }
  // The name of a body is never sent.
  if (name.trim() === '') value.name = 'body';
  context.booleanField(value, 'required', place);
  if (known === 'path' && value.required !== true) {
    value.required = true;
    context.warnings.add('parameter', place, 'A path parameter was made required, as every one is.');
  }
  tellIgnoredHeader(value, place, context);
  context.textField(value, 'description', place);
  return known === 'body' ? upgradeBody(value, place, context) : upgradeSimple(value, known, place, context);
}

/** A parameter that is referred to where no shared ones stand has a copy among these, which must be ready when it is asked for. */
function upgradeHoisted(context: Context): void {
  const next = context.references.hoisted.at(-1);
  const section = context.references.section('parameter');
  if (next?.kind !== 'parameter' || section === null) return;
  context.references.hoisted.pop();
  section[next.name] = upgradeParameter(section[next.name], Place.root.at(...next.keys), context) ?? {};
}

function upgradeBody(value: Json, place: Place, context: Context): Json {
  const schema = own(value, 'schema');
  if (schema === undefined && own(value, 'type') !== undefined) {
    context.warnings.add('body', place, 'Type and the like were moved into a schema.');
  }
  const given = schema === undefined ? normaliseSchema(pick(value), place, context) : undefined;
  for (const word of SCHEMA_WORDS) Reflect.deleteProperty(value, word);
  value.schema = given ?? normaliseSchema(schema, place.at('schema'), context);
  return value;
}

function upgradeSimple(value: Json, location: string, place: Place, context: Context): Json {
  adoptSchema(value, place, context);
  if (own(value, 'type') === undefined) {
    const type = own(value, 'items') === undefined ? 'string' : 'array';
    value.type = type;
    const message = `A parameter without a type was read as ${type === 'array' ? 'an array' : 'a string'}.`;
    if (own(value, '$ref') === undefined) context.warnings.add('parameter', place, message);
  }
  const nested = own(value, 'items');
  const hasNested = isObject(nested) && own(nested, 'collectionFormat') !== undefined;
  if (hasNested) Reflect.deleteProperty(nested, 'collectionFormat');
  const schema = normaliseSchema(pick(value), place, context) as Json;
  const style = collectionOf(value, schema, location, place, context);
  for (const word of [...SCHEMA_WORDS, 'collectionFormat', 'schema']) Reflect.deleteProperty(value, word);
  if (location === 'formData') return { ...value, schema: described(schema, value), encoding: style };
  adoptExtensions(value, location);
  return { ...value, ...style, schema };
}

/** 2.0 has no schema here, and people write one all the same. */
function adoptSchema(value: Json, place: Place, context: Context): void {
  const given = own(value, 'schema');
  if (given === undefined) return;
  const lifted = context.references.resolve(settled(given, place, context));
  if (!isObject(lifted)) {
    if (given !== null) context.refuse(place.at('schema'), 'a schema, which is an object,', given);
    return;
  }
  for (const word of SCHEMA_WORDS) {
    if (own(value, word) === undefined && own(lifted, word) !== undefined) value[word] = lifted[word];
  }
  const message = 'A schema was read as the parameter itself, which has none in 2.0.';
  context.warnings.add('parameter', place.at('schema'), message);
}

function settled(schema: unknown, place: Place, context: Context): unknown {
  return isObject(schema) && own(schema, '$ref') !== undefined
    ? normaliseSchema(schema, place.at('schema'), context)
    : schema;
}

/** What a form's field says about itself stands at its schema in 3.0. */
function described(schema: Json, value: Json): Json {
  const example = own(value, 'x-example') ?? own(value, 'example');
  return {
    ...schema,
    ...(typeof value.description === 'string' ? { description: value.description } : {}),
    ...(example === undefined ? {} : { example }),
  };
}

/** Extensions that 3.0 has a field for. */
function adoptExtensions(value: Json, location: string): void {
  if (value['x-deprecated'] === true) value.deprecated = true;
  if (own(value, 'x-example') !== undefined) value.example ??= value['x-example'];
  // https://azure.github.io/autorest/extensions/#x-ms-skip-url-encoding
  if (value['x-ms-skip-url-encoding'] === true && location === 'query') value.allowReserved = true;
}

/** https://spec.openapis.org/oas/v2.0#fixed-fields-6, collectionFormat */
function collectionOf(value: Json, schema: Json, location: string, place: Place, context: Context): Json {
  const given = own(value, 'collectionFormat');
  const isArray = schema.type === 'array' || (Array.isArray(schema.type) && schema.type.includes('array'));
  if (!isArray) return {};
  const isKnown = COLLECTION_FORMATS.includes(given);
  if (given !== undefined && !isKnown) {
    const shown = typeof given === 'string' ? ` "${excerpt(given, 20)}"` : '';
    const message = `The collectionFormat${shown} is not one of 2.0's and was read as csv.`;
    context.warnings.add('parameter', place.at('collectionFormat'), message);
  }
  return collectionStyle(isKnown ? String(given) : 'csv', location);
}

function pick(value: Json): Json {
  return Object.fromEntries(
    SCHEMA_WORDS.filter((word) => own(value, word) !== undefined).map((word) => [word, value[word]]),
  );
}
