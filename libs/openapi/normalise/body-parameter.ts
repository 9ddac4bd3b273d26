import { isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';
import { normaliseSchema } from './schema.js';

/**
 * Swagger 2.0's body and form parameters stand in 3.x documents now and then, left over from a hasty upgrade. They
 * become the operation's request body when it has none.
 */
export function moveBodyParameters(operation: Json, place: Place, context: Context): void {
  const list = own(operation, 'parameters');
  if (!Array.isArray(list)) return;
  const moved = list.filter(
    (item): item is Json => isObject(item) && /^(body|formdata)$/i.test(String(own(item, 'in'))),
  );
  if (moved.length === 0) return;
  operation.parameters = list.filter((item) => !moved.includes(item as Json));
  const message = 'Body parameters of Swagger 2.0 were turned into a request body.';
  context.warnings.add('body', place.at('parameters'), message);
  if (own(operation, 'requestBody') !== undefined) return;
  for (const item of moved) item.schema = movedSchema(item, place.at('parameters', list.indexOf(item)), context);
  const body = moved.find((item) => String(item.in).toLowerCase() === 'body');
  operation.requestBody = body ? jsonBody(body) : formBody(moved);
}

function jsonBody(parameter: Json): Json {
  return {
    required: parameter.required === true,
    content: { 'application/json': { schema: parameter.schema } },
  };
}

function formBody(parameters: readonly Json[]): Json {
  const named = parameters.filter((parameter) => typeof parameter.name === 'string');
  const required = named.filter((parameter) => parameter.required === true);
  const isFile = named.some(
    (parameter) => own(parameter, 'type') === 'file' || own(parameter.schema, 'format') === 'binary',
  );
  const schema = {
    type: 'object',
    properties: Object.fromEntries(named.map((parameter) => [parameter.name as string, parameter.schema])),
    required: required.map((parameter) => parameter.name),
  };
  const mediaType = isFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded';
  return { required: required.length > 0, content: { [mediaType]: { schema } } };
}

const NOT_OF_A_SCHEMA = new Set(['name', 'in', 'required', 'schema', 'collectionFormat', 'allowEmptyValue']);

function movedSchema(parameter: Json, place: Place, context: Context): unknown {
  const schema = own(parameter, 'schema');
  if (schema !== undefined) return normaliseSchema(schema, place.at('schema'), context);
  const words = Object.entries(parameter).filter(([key]) => !NOT_OF_A_SCHEMA.has(key));
  return normaliseSchema(Object.fromEntries(words), place, context);
}
