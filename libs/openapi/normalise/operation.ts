import { excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import { normaliseRequestBody, normaliseResponse } from './body.js';
import type { Context } from './context.js';
import { moveBodyParameters } from './body-parameter.js';
import { normaliseParameter } from './parameter.js';
import { normaliseSecurity } from './security.js';
import { normaliseServers } from './server.js';

/** https://spec.openapis.org/oas/v3.1.1#operation-object. Null when it is none. */
export function normaliseOperation(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    if (value === null) context.passNull(place);
    else context.refuse(place, 'an operation', value);
    return null;
  }
  for (const key of ['operationId', 'summary', 'description']) context.textField(value, key, place);
  context.booleanField(value, 'deprecated', place);
  moveBodyParameters(value, place, context);
  normaliseParameterList(value, place, context);
  if (own(value, 'requestBody') !== undefined) {
    const body = normaliseRequestBody(value.requestBody, place.at('requestBody'), context);
    if (body === null) Reflect.deleteProperty(value, 'requestBody');
    else value.requestBody = body;
  }
  context.eachEntry(value, 'responses', place, (response, at) => normaliseResponse(response, at, context), true);
  if (own(value, 'responses') === undefined) {
    value.responses = {};
    // https://spec.openapis.org/oas/v3.1.1#operation-object needs none.
    if (context.dialect === '3.0') context.warnings.add('response', place, 'The operation declares no responses.');
  }
  leaveOutCallbacks(value, place, context);
  normaliseServers(value, place, context);
  normaliseSecurity(value, place, context);
  return value;
}

/** Callbacks are calls that the service makes. */
export function leaveOutCallbacks(node: Json, place: Place, context: Context): void {
  const callbacks = context.objectField(node, 'callbacks', place);
  if (callbacks === undefined) return;
  Reflect.deleteProperty(node, 'callbacks');
  if (Object.keys(callbacks).length === 0) return;
  const message = 'Callbacks are calls that the service makes; they were left out of the client.';
  context.warnings.add('ignored', place.at('callbacks'), message);
}

/** The `parameters` of an operation or a path: each one good, none twice. */
export function normaliseParameterList(node: Json, place: Place, context: Context): void {
  const list = context.arrayField(node, 'parameters', place);
  if (!list) return;
  const seen = new Set<string>();
  node.parameters = list.flatMap((item, index) => {
    const at = place.at('parameters', index);
    const parameter = normaliseParameter(item, at, context);
    if (parameter === null) return [];
    const key = parameterKey(context.references.resolve(parameter));
    if (key === null) {
      context.refuse(at, 'a parameter', context.references.resolve(parameter));
      return [];
    }
    if (seen.has(key)) {
      const message = `The parameter ${excerpt(key)} stood there twice; the first was kept.`;
      context.warnings.add('parameter', at, message);
      return [];
    }
    seen.add(key);
    return [parameter];
  });
}

/** What makes a parameter the same as another: its place and name, of headers without regard to case. */
export function parameterKey(parameter: unknown): string | null {
  const name = own(parameter, 'name');
  const location = own(parameter, 'in');
  if (typeof name !== 'string' || typeof location !== 'string') return null;
  return `${location} ${location === 'header' ? name.toLowerCase() : name}`;
}
