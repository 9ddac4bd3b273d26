import { describe, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import { normaliseContent, normaliseHeader } from './content.js';
import type { Context } from './context.js';
import { normaliseSchema } from './schema.js';

/** https://spec.openapis.org/oas/v3.1.1#request-body-object. Null when nothing of it can be sent. */
export function normaliseRequestBody(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    if (value === null) context.passNull(place);
    else context.refuse(place, 'a request body', value);
    return null;
  }
  schemaInPlace(value, 'body', place, context);
  const reference = context.reference('requestBody', value, place);
  if (reference !== undefined) return reference;
  if (own(value, 'content') === undefined && isObject(own(value, 'schema'))) {
    // By its own place now; there is nothing left to tell when the content is looked at.
    value.content = { 'application/json': { schema: normaliseSchema(value.schema, place.at('schema'), context) } };
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
    return plainResponse(value, place, context);
  }
  schemaInPlace(value, 'response', place, context);
  const reference = context.reference('response', value, place);
  if (reference === null) return { description: '' };
  if (reference !== undefined) return reference;
  if (own(value, 'content') === undefined && isObject(own(value, 'schema'))) {
    // By its own place now; there is nothing left to tell when the content is looked at.
    value.content = { 'application/json': { schema: normaliseSchema(value.schema, place.at('schema'), context) } };
    Reflect.deleteProperty(value, 'schema');
    context.warnings.add('response', place, 'A schema without a media type was read as that of application/json.');
  }
  context.textField(value, 'description', place);
  describedResponse(value, place, context);
  context.eachEntry(value, 'headers', place, (header, at) => normaliseHeader(header, at, context));
  context.eachEntry(value, 'links', place, (link, at) => normaliseLink(link, at, context));
  normaliseContent(value, place, context);
  return value;
}

/** A reference to a schema where a body or a response should stand means one of JSON. */
function schemaInPlace(value: Json, code: 'body' | 'response', place: Place, context: Context): void {
  const ref = own(value, '$ref');
  if (typeof ref !== 'string' || !context.references.isToSchema(ref)) return;
  Reflect.deleteProperty(value, '$ref');
  value.content = { 'application/json': { schema: { $ref: ref } } };
  if (code === 'response') value.description ??= '';
  context.warnings.add(code, place, `A reference to a schema was read as a ${code} of application/json.`);
}

/** A response that is not an object says at most what it is about. */
export function plainResponse(value: unknown, place: Place, context: Context): Json {
  if (value === null) context.passNull(place);
  else if (typeof value !== 'string') context.refuse(place, 'a response', value);
  else context.warnings.add('response', place, 'A text in place of a response was read as its description.');
  return { description: typeof value === 'string' ? value : '' };
}

/** https://spec.openapis.org/oas/v3.1.1#response-object wants a description; 3.2 does not. */
export function describedResponse(value: Json, place: Place, context: Context): void {
  if (own(value, 'description') !== undefined) return;
  value.description = '';
  if (own(value, 'summary') !== undefined || String(own(context.root, 'openapi')).startsWith('3.2')) return;
  context.warnings.add('response', place, 'A response without a description got an empty one.');
}

export function normaliseLink(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    context.refuse(place, 'a link', value);
    return null;
  }
  const reference = context.reference('link', value, place);
  return reference === undefined ? value : reference;
}
