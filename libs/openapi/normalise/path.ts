import { copyJson, countValues, excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';
import { METHODS, operationsOf } from './methods.js';
import { normaliseOperation, normaliseParameterList } from './operation.js';
import { matchParameters } from './path-parameter.js';
import { withoutOrigin } from './path-template.js';
import { normaliseServers } from './server.js';

/** A path item that is referred to from many paths is copied to each; together they may not grow past this. */
const MOST_COPIED = 500_000;

/**
 * `paths`: each path item with its own operations, whose parameters match the path's variables.
 * https://spec.openapis.org/oas/v3.1.1#paths-object
 */
export function normalisePaths(root: Json, place: Place, context: Context): void {
  const state = { copied: 0 };
  context.eachEntry(
    root,
    'paths',
    place,
    (value, at, path) => {
      const item = inlined(value, at, context, state);
      return item === null ? null : normalisePathItem(item, path, at, context);
    },
    true,
  );
  root.paths ??= {};
  uniqueOperationIds(root.paths as Json, place.at('paths'), context);
}

function inlined(value: unknown, place: Place, context: Context, state: { copied: number }): Json | null {
  if (!isObject(value)) {
    if (value === null) context.passNull(place);
    else context.refuse(place, 'a path item', value);
    return null;
  }
  const ref = own(value, '$ref');
  if (typeof ref !== 'string') return value;
  const target = context.references.resolve({ $ref: ref });
  if (isObject(target)) state.copied += countValues(target, MOST_COPIED);
  Reflect.deleteProperty(value, '$ref');
  if (isObject(target) && target !== value && state.copied <= MOST_COPIED) return { ...copyJson(target), ...value };
  const external = !ref.startsWith('#');
  const why = external ? 'points outside the document, which is never read' : 'points to nothing';
  const code = external ? 'reference-external' : 'reference-broken';
  context.warnings.add(code, place, `The path's reference \`${excerpt(ref)}\` ${why}; it was left out.`);
  return Object.keys(value).length === 0 ? null : value;
}

function normalisePathItem(item: Json, path: string, place: Place, context: Context): Json {
  /** How the document spells a method that it does not write in small letters. */
  const spelled = new Map<string, string>();
  for (const key of Object.keys(item)) {
    const lower = key.toLowerCase();
    if (lower === key || !(METHODS as readonly string[]).includes(lower) || own(item, lower) !== undefined) continue;
    item[lower] = item[key];
    spelled.set(lower, key);
    Reflect.deleteProperty(item, key);
    context.warnings.add('path', place.at(key), `The method \`${key}\` was read as \`${lower}\`.`);
  }
  serverInPath(item, path, place, context);
  unknownMethods(item, place, context);
  for (const key of ['summary', 'description']) context.textField(item, key, place);
  normaliseParameterList(item, place, context);
  normaliseServers(item, place, context);
  for (const method of METHODS) {
    if (own(item, method) === undefined) continue;
    const at = place.at(spelled.get(method) ?? method);
    const operation = normaliseOperation(referred(item[method], at, context), at, context);
    if (operation === null) Reflect.deleteProperty(item, method);
    else item[method] = operation;
  }
  normaliseAdditional(item, place, context);
  const operations = operationsOf(item);
  matchParameters(item, operations, path, place, context);
  for (const { operation } of operations) matchQuerystring(item, operation, place, context);
  return item;
}

/** The address of the service in front of a path is the path's own server. */
function serverInPath(item: Json, path: string, place: Place, context: Context): void {
  const { origin } = withoutOrigin(path.trim());
  if (origin === null) return;
  item.servers = [{ url: origin }];
  context.warnings.add(
    'path',
    place,
    `The address ${excerpt(origin)} in a path was read as the server of its operations.`,
  );
}

const FIELDS: readonly string[] = [
  ...METHODS,
  '$ref',
  'summary',
  'description',
  'servers',
  'parameters',
  'additionalOperations',
];

/** Operations under methods that a path item has no field for, as 3.2 would hold them. */
function unknownMethods(item: Json, place: Place, context: Context): void {
  for (const key of Object.keys(item)) {
    if (FIELDS.includes(key) || key.startsWith('x-') || !isObject(own(item[key], 'responses'))) continue;
    const additional = context.objectField(item, 'additionalOperations', place) ?? {};
    const method = key.toUpperCase();
    if (own(additional, method) === undefined) additional[method] = item[key];
    item.additionalOperations = additional;
    Reflect.deleteProperty(item, key);
    context.warnings.add(
      'path',
      place.at(key),
      `\`${excerpt(key)}\` was read as an operation by the method ${excerpt(method)}.`,
    );
  }
}

/** A method's name in HTTP: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Operations by other methods than those that a path item has fields for: https://spec.openapis.org/oas/v3.2.0#path-item-object */
function normaliseAdditional(item: Json, place: Place, context: Context): void {
  context.eachEntry(item, 'additionalOperations', place, (value, at, method) => {
    const field = method.toLowerCase();
    if ((METHODS as readonly string[]).includes(field)) {
      const operation =
        own(item, field) === undefined ? normaliseOperation(referred(value, at, context), at, context) : null;
      if (operation !== null) item[field] = operation;
      const done = operation === null ? 'it was left out' : `it was read as \`${field}\``;
      context.warnings.add('path', at, `The method \`${excerpt(method)}\` has a field of its own in a path; ${done}.`);
      return null;
    }
    if (!TOKEN.test(method) || field === 'connect') {
      context.warnings.add(
        'path',
        at,
        `Expected a method that HTTP can send, got \`${excerpt(method)}\`; it was left out.`,
      );
      return null;
    }
    return normaliseOperation(referred(value, at, context), at, context);
  });
}

/** The whole query cannot be given at once and in parts: https://spec.openapis.org/oas/v3.2.0#parameter-locations */
function matchQuerystring(item: Json, operation: Json, place: Place, context: Context): void {
  const lists = [item, operation].map((node) => (Array.isArray(node.parameters) ? (node.parameters as unknown[]) : []));
  const locationOf = (parameter: unknown): unknown => own(context.references.resolve(parameter), 'in');
  const whole = lists.flat().filter((parameter) => locationOf(parameter) === 'querystring');
  if (whole.length === 0) return;
  const hasParts = lists.flat().some((parameter) => locationOf(parameter) === 'query');
  if (whole.length === 1 && !hasParts) return;
  const kept = hasParts ? undefined : whole.at(-1);
  const keep = (parameter: unknown): boolean => parameter === kept || locationOf(parameter) !== 'querystring';
  for (const node of [item, operation]) {
    if (Array.isArray(node.parameters)) node.parameters = node.parameters.filter(keep);
  }
  const message = hasParts
    ? 'A parameter for the whole query cannot stand beside others of the query; it was left out.'
    : 'Only one parameter can be the whole query; the last was kept.';
  context.warnings.add('parameter', place, message);
}

/** An operation given as a reference: not of OpenAPI, and plain all the same. */
function referred(value: unknown, place: Place, context: Context): unknown {
  const ref = own(value, '$ref');
  if (typeof ref !== 'string') return value;
  const target = context.references.copy(context.references.resolve(value));
  const shown = `The operation's reference \`${excerpt(ref)}\``;
  if (isObject(target)) {
    context.warnings.add('reference-deep', place, `${shown} was replaced by what it points to.`);
    return target;
  }
  const isExternal = !ref.startsWith('#');
  const why = isExternal ? 'points outside the document, which is never read' : 'points to nothing';
  const code = isExternal ? 'reference-external' : 'reference-broken';
  context.warnings.add(code, place, `${shown} ${why}; it was read as an operation without more.`);
  return {};
}

function uniqueOperationIds(paths: Json, place: Place, context: Context): void {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  for (const [path, item] of Object.entries(paths)) {
    for (const { keys, operation } of operationsOf(item)) {
      const given = own(operation, 'operationId');
      if (typeof given !== 'string') continue;
      let id = given;
      for (let count = (counts.get(given) ?? 1) + 1; seen.has(id); count += 1) {
        id = `${given}_${count}`;
        counts.set(given, count);
      }
      seen.add(id);
      if (id === given) continue;
      operation.operationId = id;
      const message = `The operationId \`${excerpt(given)}\` was used before; this one became \`${excerpt(id)}\`.`;
      context.warnings.add('operation-id', place.at(path, ...keys, 'operationId'), message);
    }
  }
}
