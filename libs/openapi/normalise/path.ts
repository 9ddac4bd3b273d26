import { copyJson, countValues, excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';
import { normaliseOperation, normaliseParameterList, parameterKey } from './operation.js';
import { readPathTemplate, type PathTemplate } from './path-template.js';
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
  matchParameters(item, path, place, context);
  return item;
}

/** An operation given as a reference: not of OpenAPI, and plain all the same. */
function referred(value: unknown, context: Context): unknown {
  const ref = own(value, '$ref');
  if (typeof ref !== 'string') return value;
  const target = context.references.resolve(value);
  return isObject(target) && countValues(target, 10_000) <= 10_000 ? copyJson(target) : null;
}

/** Makes path parameters and the path's variables agree, for each operation. */
function matchParameters(item: Json, path: string, place: Place, context: Context): void {
  const shared = parametersOf(item);
  const operations = METHODS.map((method) => own(item, method)).filter(isObject);
  const declared = pathNames([...shared, ...operations.flatMap(parametersOf)], context);
  const template = readPathTemplate(path, declared);
  if (template.hasFragment)
    context.warnings.add('path', place, 'What follows `#` in a path is never sent and was left out of the URL.');
  for (const operation of operations) {
    addMissing(operation, shared, template, place, context);
  }
  if (shared.length > 0) item.parameters = shared.filter((parameter) => isPlaced(parameter, template, context));
  for (const operation of operations) {
    const own_ = parametersOf(operation);
    if (own_.length > 0) operation.parameters = own_.filter((parameter) => keep(parameter, template, place, context));
  }
}

function addMissing(
  operation: Json,
  shared: readonly unknown[],
  template: PathTemplate,
  place: Place,
  context: Context,
): void {
  const known = new Map<string | null, unknown>();
  for (const parameter of [...shared, ...parametersOf(operation)]) {
    const target = context.references.resolve(parameter);
    known.set(parameterKey(target), target);
  }
  const added: Json[] = [];
  for (const name of template.variables) {
    if (known.has(`path ${name}`)) continue;
    added.push({ name, in: 'path', required: true, schema: { type: 'string' } });
    context.warnings.add(
      'parameter',
      place,
      `The path's variable \`${excerpt(name)}\` has no parameter and was added as a string.`,
    );
  }
  for (const { name, variable, required } of template.queryVariables) {
    if (known.has(`query ${name}`)) continue;
    const moved = known.get(`path ${variable}`);
    const base = isObject(moved) ? copyJson(moved) : { schema: { type: 'string' }, required };
    Reflect.deleteProperty(base, 'style');
    added.push({ ...base, name, in: 'query' });
    context.warnings.add(
      'parameter',
      place,
      `\`${excerpt(name)}\` stands in the path's query and became a query parameter.`,
    );
  }
  if (added.length > 0) operation.parameters = [...parametersOf(operation), ...added];
}

function keep(parameter: unknown, template: PathTemplate, place: Place, context: Context): boolean {
  if (isPlaced(parameter, template, context)) return true;
  const name = String(own(context.references.resolve(parameter), 'name'));
  context.warnings.add(
    'parameter',
    place,
    `The path has no variable \`${excerpt(name)}\`; the parameter was left out.`,
  );
  return false;
}

function isPlaced(parameter: unknown, template: PathTemplate, context: Context): boolean {
  const target = context.references.resolve(parameter);
  return own(target, 'in') !== 'path' || template.variables.includes(String(own(target, 'name')));
}

function pathNames(parameters: readonly unknown[], context: Context): Set<string> {
  const targets = parameters.map((parameter) => context.references.resolve(parameter));
  return new Set(targets.filter((target) => own(target, 'in') === 'path').map((target) => String(own(target, 'name'))));
}

function parametersOf(node: Json): unknown[] {
  const list = own(node, 'parameters');
  return Array.isArray(list) ? list : [];
}

function uniqueOperationIds(paths: Json, place: Place, context: Context): void {
  const seen = new Set<string>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = own(item, method);
      const given = own(operation, 'operationId');
      if (!isObject(operation) || typeof given !== 'string') continue;
      let id = given;
      for (let count = 2; seen.has(id); count += 1) id = `${given}_${count}`;
      seen.add(id);
      if (id === given) continue;
      operation.operationId = id;
      const message = `The operationId \`${excerpt(given)}\` was used before; this one became \`${excerpt(id)}\`.`;
      context.warnings.add('operation-id', place.at(path, method, 'operationId'), message);
    }
  }
}
