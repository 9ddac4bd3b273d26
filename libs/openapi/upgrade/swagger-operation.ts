import { isObject, own, type Json } from '../json.js';
import type { Context } from '../normalise/context.js';
import { parameterKey } from '../normalise/operation.js';
import type { Place } from '../place.js';
import { mediaTypes, shapeParameter } from './swagger-parameter.js';
import { shapeResponse } from './swagger-response.js';

/** Things of an operation that the converter gets wrong or that it must not see. */
const PASSED_OVER = ['x-ms-examples', 'callbacks', 'servers', 'x-servers'];

/**
 * The `parameters` of a path item.
 * @returns those that make up a body: the converter loses them in operations without parameters of their own, so they are given to each.
 */
export function shapePathParameters(item: Json, place: Place, context: Context): Json[] {
  const list = shapeList(item, place, context);
  const isBody = (parameter: Json): boolean =>
    ['body', 'formData'].includes(String(own(context.references.resolve(parameter), 'in')));
  item.parameters = list.filter((parameter) => !isBody(parameter));
  return list.filter(isBody);
}

/** One operation of Swagger 2.0: https://spec.openapis.org/oas/v2.0#operation-object. Null when it is none. */
export function shapeOperation(value: unknown, bodies: readonly Json[], place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    if (value !== null) context.refuse(place, 'an operation', value);
    return null;
  }
  for (const key of PASSED_OVER) Reflect.deleteProperty(value, key);
  for (const key of ['operationId', 'summary', 'description']) context.textField(value, key, place);
  const consumes = mediaTypes(value, 'consumes', place, context);
  const produces = mediaTypes(value, 'produces', place, context);
  const own_ = shapeList(value, place, context);
  const keys = new Set(own_.map((parameter) => parameterKey(context.references.resolve(parameter))));
  const added = bodies.filter((parameter) => !keys.has(parameterKey(context.references.resolve(parameter))));
  const parameters = oneBody([...own_, ...added.map((parameter) => ({ ...parameter }))], place, context);
  if (parameters.length > 0) value.parameters = parameters;
  else Reflect.deleteProperty(value, 'parameters');
  formType(value, parameters, consumes, place, context);
  context.eachEntry(value, 'responses', place, (response, at) => shapeResponse(response, at, context), true);
  if (produces.length > 0) showProduced(value);
  for (const key of Object.keys((value.responses ??= {}))) {
    if (key.startsWith('x-')) Reflect.deleteProperty(value.responses as Json, key);
  }
  return value;
}

/** The converter drops the media types of answers without a schema; one that allows anything keeps them. */
function showProduced(operation: Json): void {
  const responses = own(operation, 'responses');
  for (const [status, response] of Object.entries(isObject(responses) ? responses : {})) {
    const hasBody = /^(2\d\d|default)$/i.test(status) && status !== '204' && status !== '205';
    if (hasBody && isObject(response) && own(response, '$ref') === undefined) response.schema ??= {};
  }
}

function shapeList(node: Json, place: Place, context: Context): Json[] {
  const seen = new Set<string | null>();
  return (context.arrayField(node, 'parameters', place) ?? []).flatMap((item, index) => {
    const at = place.at('parameters', index);
    const parameter = shapeParameter(item, at, context);
    if (parameter === null) return [];
    const key = parameterKey(context.references.resolve(parameter));
    if (key === null) return [];
    if (seen.has(key)) {
      context.warnings.add('parameter', at, 'A parameter stood there twice; the first was kept.');
      return [];
    }
    seen.add(key);
    return [parameter];
  });
}

/** An operation has one body: several, or a body beside a form, cannot be sent. */
function oneBody(parameters: Json[], place: Place, context: Context): Json[] {
  const locations = parameters.map((parameter) => own(context.references.resolve(parameter), 'in'));
  const first = locations.indexOf('body');
  if (first < 0) return parameters;
  return parameters.filter((_, index) => {
    const extra = index !== first && (locations[index] === 'body' || locations[index] === 'formData');
    if (extra) context.warnings.add('body', place.at('parameters'), 'Of several bodies only the first was kept.');
    return !extra;
  });
}

/** A file is sent as multipart; the converter takes a form without media type for a URL-encoded one. */
function formType(
  operation: Json,
  parameters: readonly Json[],
  consumes: readonly string[],
  place: Place,
  context: Context,
): void {
  const targets = parameters.map((parameter) => context.references.resolve(parameter));
  const hasFile = targets.some((target) => own(target, 'in') === 'formData' && own(target, 'type') === 'file');
  const effective = consumes.length > 0 ? consumes : (own(context.root, 'consumes') ?? []);
  if (!hasFile || (Array.isArray(effective) && effective.includes('multipart/form-data'))) return;
  operation.consumes = ['multipart/form-data'];
  context.warnings.add('body', place, 'A form with a file is sent as multipart/form-data.');
}
