import { isObject, own, type Json } from '../json.js';
import type { Context } from '../normalise/context.js';
import { parameterKey } from '../normalise/operation.js';
import type { Place } from '../place.js';
import { requestBodyOf } from './swagger-body.js';
import { mediaTypes } from './swagger-media.js';
import { upgradeParameter } from './swagger-parameter.js';
import { upgradeResponse } from './swagger-response.js';
import { swaggerServers } from './swagger-server.js';

/**
 * One operation of Swagger 2.0 as one of 3.0: https://spec.openapis.org/oas/v2.0#operation-object. Null when it is none.
 * @param shared the path's parameters that make up a body: 3.0 has no bodies there, so each operation gets them.
 */
export function upgradeOperation(value: unknown, shared: readonly Json[], place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    if (value === null) context.passNull(place);
    else context.refuse(place, 'an operation', value);
    return null;
  }
  const { consumes: _, produces: __, schemes, ...operation } = value;
  const consumes = mediaTypes(value, 'consumes', place, context) ?? context.consumes;
  const ownProduces = mediaTypes(value, 'produces', place, context);
  const list = parameterList(operation, place, context);
  const keys = new Set(list.map((parameter) => parameterKey(context.references.resolve(parameter))));
  const inherited = shared.filter((parameter) => !keys.has(parameterKey(parameter)));
  const parameters = list.filter((parameter) => !isBodyPart(parameter, context));
  if (parameters.length > 0) operation.parameters = parameters;
  else Reflect.deleteProperty(operation, 'parameters');
  const parts = [...bodyParts(list, context), ...inherited];
  const body = requestBodyOf(parts, consumes, place, context);
  if (body !== null) operation.requestBody = body;
  context.eachEntry(
    operation,
    'responses',
    place,
    (response, at, status) => {
      const hasBody = /^(2\d\d|default)$/i.test(status) && status !== '204' && status !== '205';
      return upgradeResponse(response, ownProduces ?? context.produces, hasBody && ownProduces !== null, at, context);
    },
    true,
  );
  const servers = schemes === undefined ? [] : swaggerServers(context.root, schemes);
  if (servers.length > 0) operation.servers = servers;
  return operation;
}

/** The `parameters` of an operation or a path, upgraded, none twice. */
export function parameterList(node: Json, place: Place, context: Context): Json[] {
  const seen = new Set<string | null>();
  return (context.arrayField(node, 'parameters', place) ?? []).flatMap((item, index) => {
    const at = place.at('parameters', index);
    const parameter = upgradeParameter(item, at, context);
    if (parameter === null) return [];
    const target = context.references.resolve(parameter);
    const key = parameterKey(target);
    if (key === null) {
      context.refuse(at, 'a parameter', target);
      return [];
    }
    if (seen.has(key)) {
      context.warnings.add('parameter', at, 'A parameter stood there twice; the first was kept.');
      return [];
    }
    seen.add(key);
    return [parameter];
  });
}

/** Those of a list that make up a body, references resolved. */
export function bodyParts(list: readonly Json[], context: Context): Json[] {
  return list
    .filter((parameter) => isBodyPart(parameter, context))
    .map((part) => context.references.resolve(part) as Json);
}

export function isBodyPart(parameter: Json, context: Context): boolean {
  const location = own(context.references.resolve(parameter), 'in');
  return location === 'body' || location === 'formData';
}
