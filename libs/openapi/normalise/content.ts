import { isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';
import { normaliseSchema } from './schema.js';

/** What Swagger 2.0 wrote at the parameter itself and people still write there. */
const SCHEMA_WORDS = [
  'type',
  'format',
  'items',
  'enum',
  'default',
  'minimum',
  'maximum',
  'pattern',
  'minLength',
  'maxLength',
];

/**
 * Normalises the `content` of a parameter, header, request body or response. A schema that stands where the media
 * types should is taken for JSON's. The field goes when nothing is left of it.
 * https://spec.openapis.org/oas/v3.1.1#media-type-object
 */
export function normaliseContent(node: Json, place: Place, context: Context): void {
  const content = context.objectField(node, 'content', place);
  if (!content) return;
  if (isObject(own(content, 'schema')) && !Object.keys(content).some((key) => key.includes('/'))) {
    node.content = { 'application/json': content };
    context.warnings.add(
      'body',
      place.at('content'),
      'A schema without a media type was read as that of application/json.',
    );
  }
  context.eachEntry(node, 'content', place, (value, at, name) => {
    if (name.trim() === '') {
      context.refuse(at, 'a media type', name);
      return null;
    }
    return normaliseMediaType(value, at, context);
  });
  if (Object.keys(node.content as Json).length === 0) Reflect.deleteProperty(node, 'content');
}

function normaliseMediaType(value: unknown, place: Place, context: Context): Json {
  if (!isObject(value)) {
    if (value === null) context.passNull(place);
    else context.refuse(place, 'a media type object', value);
    return {};
  }
  schemaInPlace(value, place, context);
  if (typeof own(value, '$ref') === 'string') return referredMediaType(value, place, context);
  streamedItems(value);
  if (own(value, 'schema') !== undefined) value.schema = normaliseSchema(value.schema, place.at('schema'), context);
  normaliseExamples(value, place, context);
  context.eachEntry(value, 'encoding', place, (encoding, at) => {
    if (!isObject(encoding)) {
      context.refuse(at, 'an encoding object', encoding);
      return null;
    }
    for (const key of ['contentType', 'style']) context.textField(encoding, key, at);
    for (const key of ['explode', 'allowReserved']) context.booleanField(encoding, key, at);
    context.eachEntry(encoding, 'headers', at, (header, entry) => normaliseHeader(header, entry, context));
    return encoding;
  });
  return value;
}

const SCHEMA_SIGNS = ['type', 'properties', 'items', 'allOf', 'anyOf', 'oneOf'] as const;
const MEDIA_WORDS = [
  'schema',
  'itemSchema',
  'example',
  'examples',
  'encoding',
  'prefixEncoding',
  'itemEncoding',
] as const;

/** A schema, or a reference to one, where the object that holds it should stand. */
function schemaInPlace(value: Json, place: Place, context: Context): void {
  const ref = own(value, '$ref');
  const isReference = typeof ref === 'string' && context.references.isToSchema(ref);
  const has = (key: string): boolean => own(value, key) !== undefined;
  if (!isReference && (MEDIA_WORDS.some(has) || !SCHEMA_SIGNS.some(has))) return;
  const schema = { ...value };
  for (const key of Object.keys(value)) Reflect.deleteProperty(value, key);
  value.schema = schema;
  context.warnings.add('schema', place, 'What stands here was read as the schema of the media type.');
}

/** A media type of `components`, copied to where it is used: https://spec.openapis.org/oas/v3.2.0#components-object */
function referredMediaType(value: Json, place: Place, context: Context): Json {
  const reference = context.reference('mediaType', value, place);
  const target = isObject(reference) ? context.references.copy(context.references.resolve(reference)) : null;
  return isObject(target) && own(target, '$ref') === undefined ? normaliseMediaType(target, place, context) : {};
}

/** What each item of a stream is says the same as the array of all: https://spec.openapis.org/oas/v3.2.0#sequential-media-types */
function streamedItems(value: Json): void {
  const items = own(value, 'itemSchema');
  if (items === undefined) return;
  if (own(value, 'schema') === undefined) value.schema = { type: 'array', items };
  Reflect.deleteProperty(value, 'itemSchema');
}

/** What a parameter and a header share: schema or content, examples. */
export function normaliseParameterLike(value: Json, place: Place, context: Context): void {
  if (own(value, 'schema') === undefined && own(value, 'content') === undefined && own(value, 'type') !== undefined) {
    const schema: Json = {};
    for (const word of SCHEMA_WORDS) {
      if (own(value, word) === undefined) continue;
      schema[word] = value[word];
      Reflect.deleteProperty(value, word);
    }
    value.schema = schema;
    context.warnings.add('parameter', place, 'Type and the like were moved into a schema.');
  }
  if (own(value, 'schema') !== undefined) value.schema = normaliseSchema(value.schema, place.at('schema'), context);
  normaliseContent(value, place, context);
  if (own(value, 'schema') !== undefined && own(value, 'content') !== undefined) {
    Reflect.deleteProperty(value, 'content');
    context.warnings.add('parameter', place.at('content'), 'Of schema and content only the schema was kept.');
  }
  for (const key of ['deprecated', 'explode', 'allowReserved', 'allowEmptyValue']) {
    if (key in value) context.booleanField(value, key, place);
  }
  normaliseExamples(value, place, context);
}

/** https://spec.openapis.org/oas/v3.1.1#header-object */
export function normaliseHeader(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    if (value === null) context.passNull(place);
    else context.refuse(place, 'a header', value);
    return null;
  }
  const reference = context.reference('header', value, place);
  if (reference !== undefined) return reference;
  normaliseParameterLike(value, place, context);
  return value;
}

/**
 * `examples` by name, each an Example Object; a bare value is taken for one's value.
 * https://spec.openapis.org/oas/v3.1.1#example-object
 */
function normaliseExamples(node: Json, place: Place, context: Context): void {
  const given = own(node, 'examples');
  if (given === undefined) return;
  if (Array.isArray(given)) {
    node.examples = Object.fromEntries(given.map((value: unknown, index) => [String(index + 1), value]));
    context.warnings.add(
      'shape',
      place.at('examples'),
      'Expected an object, got an array, whose values were numbered.',
    );
  }
  context.eachEntry(node, 'examples', place, (value, at) => normaliseExample(value, at, context));
}

export function normaliseExample(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) return bareExample(value, place, context);
  const reference = context.reference('example', value, place);
  if (reference !== undefined) return reference;
  const known = ['value', 'externalValue', 'summary', 'description', 'dataValue', 'serializedValue'];
  const isExample = Object.keys(value).every((key) => known.includes(key) || key.startsWith('x-'));
  return isExample || known.some((key) => Object.hasOwn(value, key)) ? value : bareExample(value, place, context);
}

function bareExample(value: unknown, place: Place, context: Context): Json {
  context.warnings.add('shape', place, 'What is no Example Object was read as an example itself.');
  return { value };
}
