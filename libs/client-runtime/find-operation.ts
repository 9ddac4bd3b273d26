import { Permanent } from '#core';
import type { Operation, OperationTable, Server } from '#core';
import { withoutEndSlashes, withoutUser } from './base-url.js';
import { nearest, withoutValues } from './nearest.js';

/** How many declared operations an unknown one is answered with. */
const SUGGESTIONS = 3;

interface Index {
  /** By path as declared, then by method. */
  readonly byPath: ReadonlyMap<string, ReadonlyMap<string, Operation>>;
  /** By template where that differs from the path and belongs to one path only. */
  readonly pathByTemplate: ReadonlyMap<string, string | null>;
  /** By what is left of a path when only its meaning counts; null where several are left with the same. */
  readonly pathByShape: ReadonlyMap<string, string | null>;
  /** The paths of the servers' addresses, longest first: `/v1`. */
  readonly basePaths: readonly string[];
}

const indexes = new WeakMap<OperationTable, Index>();

/**
 * Finds a declared operation by its method (in any case) and its path as the document has it. A path that no document
 * path equals may differ in what means nothing: a slash at either end, the names in its braces, the address or base
 * path of a server before it; then exactly one declared path must be meant. The index is made once a table, so keep
 * the table object.
 * @throws Permanent naming what was asked for and the nearest declared operations.
 */
export function findOperation(table: OperationTable, method: string, endpoint: string): Operation {
  const index = indexOf(table);
  const declared = index.byPath.has(endpoint)
    ? endpoint
    : (index.pathByTemplate.get(endpoint) ?? sameShape(index, endpoint) ?? '');
  const methods = index.byPath.get(declared);
  const wanted = method.toUpperCase();
  // Methods of a document's own invention may be in any case: https://spec.openapis.org/oas/v3.2.0#path-item-object
  const operation = methods?.get(method) ?? methods?.get(wanted);
  if (operation) return operation;

  if (methods) {
    const asked = `${excerpt(wanted)} ${excerpt(declared)}`;
    throw unknown(`The service declares no ${asked}; that path takes ${[...methods.keys()].join(', ')}.`);
  }
  const path = withoutServer(index, endpoint);
  const paths = nearest(path, index.byPath.keys(), SUGGESTIONS);
  const asked = `${excerpt(wanted)} ${excerpt(told(endpoint, path, paths))}`;
  if (paths.length === 0) throw unknown(`The service declares no ${asked}, nor any other operation.`);
  const suggestions = paths.map((path) => `${methodFor(index.byPath.get(path), wanted)} ${excerpt(path)}`);
  const verb = suggestions.length === 1 ? 'is' : 'are';
  throw unknown(`The service declares no ${asked}; the nearest ${verb} ${suggestions.join(', ')}.`);
}

function sameShape(index: Index, endpoint: string): string | null | undefined {
  const found = index.pathByShape.get(shapeOf(endpoint));
  if (found !== undefined) return found;
  const rest = withoutServer(index, endpoint);
  return rest === endpoint ? undefined : index.pathByShape.get(shapeOf(rest));
}

/** A path without what means nothing. */
function shapeOf(path: string): string {
  return withoutEndSlashes(path.replace(/\{[^{}]*\}/g, '{}').replace(/^\/+/, ''));
}

/** An endpoint without a server's address or base path before it. */
function withoutServer({ basePaths }: Index, endpoint: string): string {
  const path = endpoint.replace(/^https?:\/\/[^/?#]*/i, '');
  const base = basePaths.find((candidate) => path.startsWith(`${candidate}/`));
  return base === undefined ? path : path.slice(base.length);
}

/** The path of a server's address, with defaults for its variables; empty when it has none. */
function basePathOf({ url, variables }: Server): string {
  const filled = url.replace(/\{([^{}]+)\}/g, (_, name: string) =>
    variables && Object.hasOwn(variables, name) ? (variables[name]?.default ?? '') : '',
  );
  const path = filled.replace(/^(?:https?:)?\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return path.startsWith('/') ? withoutEndSlashes(path) : '';
}

function indexOf(table: OperationTable): Index {
  const known = indexes.get(table);
  if (known) return known;
  const byPath = new Map<string, Map<string, Operation>>();
  const pathByTemplate = new Map<string, string | null>();
  const pathByShape = new Map<string, string | null>();
  for (const operation of table.operations) {
    const methods = byPath.get(operation.path);
    if (methods) methods.set(operation.method, operation);
    else byPath.set(operation.path, new Map([[operation.method, operation]]));
  }
  for (const { path, template } of table.operations) {
    addUnlessShared(pathByShape, shapeOf(path), path);
    if (path !== template && !byPath.has(template)) addUnlessShared(pathByTemplate, template, path);
  }
  const basePaths = [...new Set(table.servers.map(basePathOf))].filter((path) => path !== '');
  const index = { byPath, pathByTemplate, pathByShape, basePaths: basePaths.sort((a, b) => b.length - a.length) };
  indexes.set(table, index);
  return index;
}

function addUnlessShared(paths: Map<string, string | null>, key: string, path: string): void {
  const other = paths.get(key);
  paths.set(key, other === undefined || other === path ? path : null);
}

/** The method that was asked for where the path takes it, else its first. */
function methodFor(methods: ReadonlyMap<string, Operation> | undefined, wanted: string): string {
  return methods?.has(wanted) ? wanted : ([...(methods?.keys() ?? [])][0] ?? wanted);
}

/** What of an unknown endpoint is told: no user name and password, no query, and no values that fill in a declared path. */
function told(endpoint: string, path: string, declared: readonly string[]): string {
  for (const template of declared) {
    const filledIn = withoutValues(path.replace(/[?#].*$/s, ''), template);
    if (filledIn !== null) return filledIn;
  }
  return withoutUser(endpoint).replace(/([?#]).*$/s, '$1…');
}

/** Endpoints come from users: one line of a bearable length. */
function excerpt(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

function unknown(message: string): Permanent {
  return new Permanent('OPERATION_UNKNOWN', message);
}
