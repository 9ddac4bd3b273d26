import { copyJson, isObject, own, type Json } from '../json.js';
import type { Context } from '../normalise/context.js';
import type { Place } from '../place.js';

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';

/**
 * The request body that parameters in `body` and `formData` make up: https://spec.openapis.org/oas/v2.0#parameter-object
 * @param parameters upgraded ones, references resolved; an operation has one body, so a form beside it is left out.
 * @param consumes the media types of the operation, or else of the document; empty when neither says any.
 */
export function requestBodyOf(
  parameters: readonly Json[],
  consumes: readonly string[],
  place: Place,
  context: Context,
): Json | null {
  const bodies = parameters.filter((parameter) => parameter.in === 'body');
  const fields = parameters.filter((parameter) => parameter.in === 'formData');
  const [body] = bodies;
  if (body && bodies.length + fields.length > 1) {
    context.warnings.add('body', place.at('parameters'), 'Of several bodies only the first was kept.');
  }
  if (body) return bodyOf(body, consumes);
  return fields.length > 0 ? formOf(fields, consumes, place, context) : null;
}

function bodyOf(parameter: Json, consumes: readonly string[]): Json {
  const types = consumes.length > 0 ? consumes : ['application/json'];
  const content = types.map((type): [string, Json] => [type, { schema: copyJson(parameter.schema) }]);
  return {
    ...about(parameter),
    ...(parameter.required === true ? { required: true } : {}),
    content: Object.fromEntries(content),
  };
}

function about(parameter: Json): Json {
  return typeof parameter.description === 'string' ? { description: parameter.description } : {};
}

function formOf(fields: readonly Json[], consumes: readonly string[], place: Place, context: Context): Json {
  const required = fields.filter((field) => field.required === true).map((field) => field.name);
  const content = formTypes(fields, consumes, place, context).map((type): [string, Json] => [
    type,
    mediaType(fields, required),
  ]);
  return { ...(required.length > 0 ? { required: true } : {}), content: Object.fromEntries(content) };
}

function mediaType(fields: readonly Json[], required: readonly unknown[]): Json {
  const named = fields.map((field): [string, unknown] => [String(field.name), copyJson(field.schema)]);
  const encoding = fields
    .filter((field) => isObject(field.encoding) && Object.keys(field.encoding).length > 0)
    .map((field): [string, unknown] => [String(field.name), copyJson(field.encoding)]);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(named),
      ...(required.length > 0 ? { required: [...required] } : {}),
    },
    ...(encoding.length > 0 ? { encoding: Object.fromEntries(encoding) } : {}),
  };
}

/** How a form is sent; a file only as multipart. */
function formTypes(fields: readonly Json[], consumes: readonly string[], place: Place, context: Context): string[] {
  const forms = consumes.filter((type) => /^\s*(multipart\/|application\/x-www-form-urlencoded)/i.test(type));
  const hasFile = fields.some((field) => isFile(field.schema));
  const able = hasFile ? forms.filter((type) => /^\s*multipart\//i.test(type)) : forms;
  if (able.length > 0) return able;
  const type = hasFile ? MULTIPART : FORM;
  if (consumes.length > 0 || hasFile) {
    const what = hasFile ? 'A form with a file' : 'A form';
    context.warnings.add('body', place, `${what} is sent as ${type}, which the operation does not list.`);
  }
  return [type];
}

function isFile(schema: unknown): boolean {
  const items = own(schema, 'items');
  return items === undefined ? own(schema, 'type') === 'string' && own(schema, 'format') === 'binary' : isFile(items);
}
