import { describe, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';
import { normaliseParameterLike } from './parameter.js';
import { normaliseSchema } from './schema.js';

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
    if (value !== null) context.refuse(place, 'a media type object', value);
    return {};
  }
  if (typeof own(value, '$ref') === 'string') {
    context.warnings.add('reference-broken', place, 'A reference in place of a media type was left out.');
    return {};
  }
  if (own(value, 'schema') !== undefined) value.schema = normaliseSchema(value.schema, place.at('schema'), context);
  normaliseExamples(value, place, context);
  context.eachEntry(value, 'encoding', place, (encoding, at) => {
    if (!isObject(encoding)) {
      context.refuse(at, 'an encoding object', encoding);
      return null;
    }
    context.eachEntry(encoding, 'headers', at, (header, entry) => normaliseHeader(header, entry, context));
    return encoding;
  });
  return value;
}

/** https://spec.openapis.org/oas/v3.1.1#header-object */
export function normaliseHeader(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    if (value !== null) context.refuse(place, 'a header', value);
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
export function normaliseExamples(node: Json, place: Place, context: Context): void {
  const given = own(node, 'examples');
  if (given === undefined) return;
  if (Array.isArray(given))
    node.examples = Object.fromEntries(given.map((value: unknown, index) => [String(index + 1), value]));
  context.eachEntry(node, 'examples', place, (value, at) => normaliseExample(value, at, context));
}

export function normaliseExample(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) return { value };
  const reference = context.reference('example', value, place);
  if (reference !== undefined) return reference;
  const known = ['value', 'externalValue', 'summary', 'description', 'dataValue', 'serializedValue'];
  return known.some((key) => key in value) || Object.keys(value).length === 0 ? value : { value };
}

/** https://spec.openapis.org/oas/v3.1.1#request-body-object. Null when nothing of it can be sent. */
export function normaliseRequestBody(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    if (value !== null) context.refuse(place, 'a request body', value);
    return null;
  }
  const reference = context.reference('requestBody', value, place);
  if (reference !== undefined) return reference;
  if (own(value, 'content') === undefined && isObject(own(value, 'schema'))) {
    value.content = { 'application/json': { schema: value.schema } };
    Reflect.deleteProperty(value, 'schema');
    context.warnings.add('body', place, 'A body without a media type was read as application/json.');
  }
  context.booleanField(value, 'required', place);
  context.textField(value, 'description', place);
  normaliseContent(value, place, context);
  if (own(value, 'content') !== undefined) return value;
  context.warnings.add('body', place, `Expected a body with a media type, got ${describe(value)}; it was left out.`);
  return null;
}

/** https://spec.openapis.org/oas/v3.1.1#response-object */
export function normaliseResponse(value: unknown, place: Place, context: Context): Json {
  if (!isObject(value)) {
    if (value !== null && typeof value !== 'string') context.refuse(place, 'a response', value);
    return { description: typeof value === 'string' ? value : '' };
  }
  const reference = context.reference('response', value, place);
  if (reference === null) return { description: '' };
  if (reference !== undefined) return reference;
  if (own(value, 'content') === undefined && isObject(own(value, 'schema'))) {
    value.content = { 'application/json': { schema: value.schema } };
    Reflect.deleteProperty(value, 'schema');
    context.warnings.add('response', place, 'A schema without a media type was read as that of application/json.');
  }
  context.textField(value, 'description', place);
  value.description ??= '';
  context.eachEntry(value, 'headers', place, (header, at) => normaliseHeader(header, at, context));
  context.eachEntry(value, 'links', place, (link, at) => normaliseLink(link, at, context));
  normaliseContent(value, place, context);
  return value;
}

export function normaliseLink(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    context.refuse(place, 'a link', value);
    return null;
  }
  const reference = context.reference('link', value, place);
  return reference === undefined ? value : reference;
}
