import { copyJson, excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';
import type { MethodOperation } from './methods.js';
import { parameterKey } from './operation.js';
import { readPathTemplate, withoutOrigin, type PathTemplate } from './path-template.js';

/**
 * Makes path parameters and the variables of the path agree, for each of its operations: a variable without a parameter
 * gets one, a variable in the path's query becomes a query parameter, a path parameter without a variable goes.
 */
export function matchParameters(
  item: Json,
  operations: readonly MethodOperation[],
  path: string,
  place: Place,
  context: Context,
): void {
  const shared = parametersOf(item);
  const template = readPathTemplate(
    path,
    pathNames([...shared, ...operations.flatMap(({ operation }) => parametersOf(operation))], context),
  );
  tellPath(path, template, place, context);
  for (const { operation, keys } of operations) {
    const added = missing(operation, shared, template, place.at(...keys), context);
    if (added.length > 0) operation.parameters = [...parametersOf(operation), ...added];
  }
  for (const { node, at } of [
    { node: item, at: place },
    ...operations.map(({ operation, keys }) => ({ node: operation, at: place.at(...keys) })),
  ]) {
    const list = parametersOf(node);
    if (list.length === 0) continue;
    node.parameters = list.filter((parameter, index) => {
      // Bodies have gone from the list of a document that was upgraded: its numbers are others.
      const its = context.isUpgraded ? at : at.at('parameters', index);
      return isPlaced(parameter, template, its, context);
    });
  }
}

function tellPath(path: string, template: PathTemplate, place: Place, context: Context): void {
  if (template.hasFragment) {
    context.warnings.add('path', place, 'What follows `#` in a path is never sent and was left out of the URL.');
  }
  if (template.fixedQuery.length > 0) {
    context.warnings.add('path', place, 'What follows `?` in a path is sent as part of the query.');
  }
  if (withoutOrigin(path).origin !== null) return;
  if (path !== path.trim()) context.warnings.add('path', place, 'White space around a path was left out.');
  if (!path.trim().startsWith('/')) {
    context.warnings.add('path', place, 'A path without a slash in front was read with one.');
  }
}

function missing(
  operation: Json,
  shared: readonly unknown[],
  template: PathTemplate,
  place: Place,
  context: Context,
): Json[] {
  const known = new Map<string | null, unknown>();
  for (const parameter of [...shared, ...parametersOf(operation)]) {
    const target = context.references.resolve(parameter);
    known.set(parameterKey(target), target);
  }
  const added: Json[] = [];
  for (const name of template.variables) {
    if (known.has(`path ${name}`)) continue;
    added.push({ name, in: 'path', required: true, schema: { type: 'string' } });
    const message = `The path's variable \`${excerpt(name)}\` has no parameter and was added as a string.`;
    context.warnings.add('parameter', place, message);
  }
  for (const { name, variable, required } of template.queryVariables) {
    if (known.has(`query ${name}`)) continue;
    const moved = known.get(`path ${variable}`);
    const base = isObject(moved) ? copyJson(moved) : { schema: { type: 'string' }, required };
    Reflect.deleteProperty(base, 'style');
    added.push({ ...base, name, in: 'query' });
    const message = `\`${excerpt(name)}\` stands in the path's query and became a query parameter.`;
    context.warnings.add('parameter', place, message);
  }
  return added;
}

function isPlaced(parameter: unknown, template: PathTemplate, place: Place, context: Context): boolean {
  const target = context.references.resolve(parameter);
  const name = String(own(target, 'name'));
  if (own(target, 'in') !== 'path' || template.variables.includes(name)) return true;
  if (!template.queryVariables.some(({ variable }) => variable === name)) {
    const message = `The path has no variable \`${excerpt(name)}\`; the parameter was left out.`;
    context.warnings.add('parameter', place, message);
  }
  return false;
}

function pathNames(parameters: readonly unknown[], context: Context): Set<string> {
  const targets = parameters.map((parameter) => context.references.resolve(parameter));
  return new Set(targets.filter((target) => own(target, 'in') === 'path').map((target) => String(own(target, 'name'))));
}

function parametersOf(node: Json): unknown[] {
  const list = own(node, 'parameters');
  return Array.isArray(list) ? list : [];
}
