import { copyJson, isObject, own, type Json } from '../json.js';
import { describedResponse, plainResponse } from '../normalise/body.js';
import type { Context } from '../normalise/context.js';
import { normaliseSchema } from '../normalise/schema.js';
import type { Place } from '../place.js';

/**
 * One response of Swagger 2.0 as one of 3.0: https://spec.openapis.org/oas/v2.0#response-object
 * @param produces the media types of the operation, or else of the document; empty when neither says any.
 * @param hasBody whether an answer without a schema is one of these media types all the same.
 */
export function upgradeResponse(
  value: unknown,
  produces: readonly string[],
  hasBody: boolean,
  place: Place,
  context: Context,
): Json {
  if (!isObject(value)) {
    return plainResponse(value, place, context);
  }
  const ref = own(value, '$ref');
  if (typeof ref === 'string' && context.references.isToSchema(ref)) {
    context.warnings.add('response', place, 'A reference to a definition was read as the schema of a response.');
    return upgradeResponse({ schema: { $ref: ref }, description: '' }, produces, hasBody, place, context);
  }
  const reference = context.reference('response', value, place);
  if (reference === null) return { description: '' };
  if (reference !== undefined) return { $ref: reference.$ref };
  const { schema, examples, ...rest } = value;
  context.textField(rest, 'description', place);
  describedResponse(rest, place, context);
  context.eachEntry(rest, 'headers', place, (header, at) => upgradeHeader(header, at, context));
  const node = schema === undefined ? undefined : normaliseSchema(schema, place.at('schema'), context);
  const shown = context.objectField({ examples }, 'examples', place) ?? {};
  const content = contentOf(node, shown, node !== undefined || hasBody ? produces : []);
  if (Object.keys(content).length > 0) rest.content = { ...content, ...(isObject(rest.content) ? rest.content : {}) };
  return rest;
}

function contentOf(schema: unknown, examples: Json, produces: readonly string[]): Json {
  const shown = Object.keys(examples).filter((type) => type.includes('/'));
  const types = [...new Set([...produces, ...shown])];
  // Any type may come where none is said.
  if (types.length === 0 && schema !== undefined) types.push('*/*');
  return Object.fromEntries(
    types.map((type): [string, Json] => [
      type,
      {
        schema: schema === undefined ? {} : copyJson(schema),
        ...(own(examples, type) === undefined ? {} : { example: examples[type] }),
      },
    ]),
  );
}

/** https://spec.openapis.org/oas/v2.0#header-object */
function upgradeHeader(header: unknown, place: Place, context: Context): Json | null {
  if (!isObject(header)) {
    context.refuse(place, 'a header', header);
    return null;
  }
  const { description, schema, collectionFormat: _, ...words } = header;
  const node = normaliseSchema(isObject(schema) && own(words, 'type') === undefined ? schema : words, place, context);
  return { ...(typeof description === 'string' ? { description } : {}), schema: node };
}
