import { isObject, own, type Json } from '../json.js';
import { Context } from '../normalise/context.js';
import { normaliseSchema } from '../normalise/schema.js';
import { Place } from '../place.js';
import type { Warnings } from '../warning.js';
import { bodyParts, isBodyPart, parameterList, upgradeOperation } from './swagger-operation.js';
import { mediaTypes } from './swagger-media.js';
import { adoptForeign } from './swagger-mixed.js';
import { upgradeParameter } from './swagger-parameter.js';
import { upgradeResponse } from './swagger-response.js';
import { swaggerSecuritySchemes } from './swagger-security.js';
import { swaggerServers, tellServerRepairs } from './swagger-server.js';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;
/** Fields of the document that have become something else, or that the client has no use for. */
const TAKEN = [
  'swagger',
  'host',
  'basePath',
  'schemes',
  'consumes',
  'produces',
  'paths',
  'definitions',
  'parameters',
  'responses',
  'securityDefinitions',
  'x-ms-paths',
  'x-ms-parameterized-host',
];

/**
 * Upgrades a Swagger 2.0 document to OpenAPI 3.0: every operation, parameter, body, response and security requirement is
 * kept, or a warning says why not. Whatever is of the wrong kind is repaired on the way, by its place in the document
 * as it was sent. Parts of the document are taken over as they are: use the result in its place.
 * https://spec.openapis.org/oas/v2.0
 */
export function upgradeSwagger(root: Json, warnings: Warnings): Json {
  const context = new Context(root, 'swagger', warnings);
  const place = Place.root;
  adoptForeign(root, context);
  context.consumes = mediaTypes(root, 'consumes', place, context) ?? [];
  context.produces = mediaTypes(root, 'produces', place, context) ?? [];
  context.eachEntry(root, 'definitions', place, (value, at) => normaliseSchema(value, at, context));
  context.eachEntry(root, 'parameters', place, (value, at) => upgradeParameter(value, at, context));
  context.eachEntry(root, 'responses', place, (value, at) => upgradeShared(value, at, context));
  context.eachEntry(root, 'paths', place, (value, at) => upgradePathItem(value, at, context), true);
  upgradeHoisted(context);
  const servers = swaggerServers(root);
  tellServerRepairs(root, warnings);
  const rest = Object.entries(root).filter(([key]) => !TAKEN.includes(key));
  return {
    openapi: '3.0.3',
    ...Object.fromEntries(rest),
    ...(servers.length > 0 ? { servers } : {}),
    paths: own(root, 'paths') ?? {},
    components: componentsOf(root, context),
  };
}

function componentsOf(root: Json, context: Context): Json {
  const shared = Object.entries(sectionOf(root, 'parameters')).filter(
    ([, value]) => !isBodyPart(value as Json, context),
  );
  const sections: Json = {
    schemas: sectionOf(root, 'definitions'),
    parameters: Object.fromEntries(shared),
    responses: sectionOf(root, 'responses'),
    securitySchemes: swaggerSecuritySchemes(own(root, 'securityDefinitions')),
  };
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => Object.keys(section as Json).length > 0));
}

function sectionOf(root: Json, key: string): Json {
  const section = own(root, key);
  return isObject(section) ? section : {};
}

function upgradeShared(value: unknown, place: Place, context: Context): Json {
  return upgradeResponse(value, context.produces, false, place, context);
}

function upgradePathItem(value: unknown, place: Place, context: Context): Json | null {
  // A path that is a reference is copied when the document is normalised.
  if (isObject(value) && typeof own(value, '$ref') === 'string') return value;
  if (!isObject(value)) {
    if (value === null) context.passNull(place);
    else context.refuse(place, 'a path item', value);
    return null;
  }
  const item: Json = {};
  const spelled = new Map<string, string>();
  for (const [key, field] of Object.entries(value)) {
    const lower = key.toLowerCase();
    const isMethod = (METHODS as readonly string[]).includes(lower);
    if (lower !== key && isMethod && own(value, lower) !== undefined) continue;
    if (lower !== key && isMethod)
      context.warnings.add('path', place.at(key), `The method \`${key}\` was read as \`${lower}\`.`);
    if (isMethod) spelled.set(lower, key);
    item[isMethod ? lower : key] = field;
  }
  const list = parameterList(item, place, context);
  const shared = bodyParts(list, context);
  if (list.length > 0) item.parameters = list.filter((parameter) => !isBodyPart(parameter, context));
  for (const method of Object.keys(item)) {
    // What no field is for may be an operation all the same, which is told when the document is normalised.
    const isOther = !method.startsWith('x-') && isObject(own(item[method], 'responses'));
    if (!(METHODS as readonly string[]).includes(method) && !isOther) continue;
    const operation = upgradeOperation(item[method], shared, place.at(spelled.get(method) ?? method), context);
    if (operation === null) Reflect.deleteProperty(item, method);
    else item[method] = operation;
  }
  return item;
}

/** Targets that got a name on the way may hold references that give names to others. */
function upgradeHoisted(context: Context): void {
  const { references } = context;
  for (let next = references.hoisted.pop(); next; next = references.hoisted.pop()) {
    const section = references.section(next.kind);
    const at = Place.root.at(...next.keys);
    if (section === null) continue;
    const value = section[next.name];
    if (next.kind === 'schema') section[next.name] = normaliseSchema(value, at, context);
    else if (next.kind === 'response') section[next.name] = upgradeShared(value, at, context);
    else section[next.name] = upgradeParameter(value, at, context) ?? {};
  }
}
