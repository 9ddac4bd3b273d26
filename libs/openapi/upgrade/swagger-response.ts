import { isObject, own, type Json } from '../json.js';
import type { Context } from '../normalise/context.js';
import { normaliseSchema } from '../normalise/schema.js';
import type { Place } from '../place.js';

/** One response of Swagger 2.0: https://spec.openapis.org/oas/v2.0#response-object */
export function shapeResponse(value: unknown, place: Place, context: Context): Json {
  if (!isObject(value)) {
    if (value !== null && typeof value !== 'string') context.refuse(place, 'a response', value);
    return { description: typeof value === 'string' ? value : '' };
  }
  const reference = context.reference('response', value, place);
  if (reference === null) return { description: '' };
  if (reference !== undefined) return { $ref: reference.$ref };
  context.textField(value, 'description', place);
  value.description ??= '';
  if (own(value, 'schema') !== undefined) value.schema = normaliseSchema(value.schema, place.at('schema'), context);
  context.objectField(value, 'examples', place);
  context.eachEntry(value, 'headers', place, (header, at) => {
    if (!isObject(header)) {
      context.refuse(at, 'a header', header);
      return null;
    }
    const schema = normaliseSchema({ ...header, description: undefined, schema: undefined }, at, context) as Json;
    return { ...schema, description: typeof header.description === 'string' ? header.description : '' };
  });
  return value;
}
