import { copyJson, countValues, excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';
import { normaliseOperation, normaliseParameterList } from './operation.js';
import { matchParameters } from './path-parameter.js';
import { normaliseServers } from './server.js';

/** The methods that a Path Item has fields for, in the order they are listed. */
export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const;
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
    if (value !== null) context.refuse(place, 'a path item', value);
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
  for (const key of Object.keys(item)) {
    const lower = key.toLowerCase();
    if (lower === key || !(METHODS as readonly string[]).includes(lower) || own(item, lower) !== undefined) continue;
    item[lower] = item[key];
    Reflect.deleteProperty(item, key);
    context.warnings.add('path', place.at(key), `The method \`${key}\` was read as \`${lower}\`.`);
  }
  for (const key of ['summary', 'description']) context.textField(item, key, place);
  normaliseParameterList(item, place, context);
  normaliseServers(item, place, context);
  for (const method of METHODS) {
    if (own(item, method) === undefined) continue;
    const operation = normaliseOperation(referred(item[method], context), place.at(method), context);
    if (operation === null) Reflect.deleteProperty(item, method);
    else item[method] = operation;
  }
  const operations = METHODS.map((method) => own(item, method)).filter(isObject);
  matchParameters(item, operations, path, place, context);
  return item;
}

/** An operation given as a reference: not of OpenAPI, and plain all the same. */
function referred(value: unknown, context: Context): unknown {
  const ref = own(value, '$ref');
  if (typeof ref !== 'string') return value;
  const target = context.references.resolve(value);
  return isObject(target) && countValues(target, 10_000) <= 10_000 ? copyJson(target) : null;
}

function uniqueOperationIds(paths: Json, place: Place, context: Context): void {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = own(item, method);
      const given = own(operation, 'operationId');
      if (!isObject(operation) || typeof given !== 'string') continue;
      let id = given;
      for (let count = (counts.get(given) ?? 1) + 1; seen.has(id); count += 1) {
        id = `${given}_${count}`;
        counts.set(given, count);
      }
      seen.add(id);
      if (id === given) continue;
      operation.operationId = id;
      const message = `The operationId \`${excerpt(given)}\` was used before; this one became \`${excerpt(id)}\`.`;
      context.warnings.add('operation-id', place.at(path, method, 'operationId'), message);
    }
  }
}
