import { Permanent } from '#core';
import type { Operation, OperationTable } from '#core';
import { nearest } from './nearest.js';

/** How many declared operations an unknown one is answered with. */
const SUGGESTIONS = 3;

interface Index {
  /** By path as declared, then by method. */
  readonly byPath: ReadonlyMap<string, ReadonlyMap<string, Operation>>;
  /** By template where that differs from the path and belongs to one path only. */
  readonly pathByTemplate: ReadonlyMap<string, string | null>;
}

const indexes = new WeakMap<OperationTable, Index>();

/**
 * Finds a declared operation by its method (in any case) and its path as the document has it. The index is made once
 * a table, so keep the table object.
 * @throws Permanent naming what was asked for and the nearest declared operations.
 */
export function findOperation(table: OperationTable, method: string, endpoint: string): Operation {
  const index = indexOf(table);
  const wanted = method.toUpperCase();
  const methods = index.byPath.get(endpoint) ?? index.byPath.get(index.pathByTemplate.get(endpoint) ?? '');
  const operation = methods?.get(wanted);
  if (operation) return operation;

  const asked = `${excerpt(wanted)} ${excerpt(endpoint)}`;
  if (methods) {
    throw unknown(`The service declares no ${asked}; that path takes ${[...methods.keys()].join(', ')}.`);
  }
  const paths = nearest(endpoint, index.byPath.keys(), SUGGESTIONS);
  if (paths.length === 0) throw unknown(`The service declares no ${asked}, nor any other operation.`);
  const suggestions = paths.map((path) => `${methodFor(index.byPath.get(path), wanted)} ${excerpt(path)}`);
  const verb = suggestions.length === 1 ? 'is' : 'are';
  throw unknown(`The service declares no ${asked}; the nearest ${verb} ${suggestions.join(', ')}.`);
}

function indexOf(table: OperationTable): Index {
  const known = indexes.get(table);
  if (known) return known;
  const byPath = new Map<string, Map<string, Operation>>();
  const pathByTemplate = new Map<string, string | null>();
  for (const operation of table.operations) {
    const methods = byPath.get(operation.path);
    if (methods) methods.set(operation.method, operation);
    else byPath.set(operation.path, new Map([[operation.method, operation]]));
  }
  for (const { path, template } of table.operations) {
    if (path === template || byPath.has(template)) continue;
    const other = pathByTemplate.get(template);
    pathByTemplate.set(template, other === undefined || other === path ? path : null);
  }
  const index = { byPath, pathByTemplate };
  indexes.set(table, index);
  return index;
}

/** The method that was asked for where the path takes it, else its first. */
function methodFor(methods: ReadonlyMap<string, Operation> | undefined, wanted: string): string {
  return methods?.has(wanted) ? wanted : ([...(methods?.keys() ?? [])][0] ?? wanted);
}

/** Endpoints come from users: one line of a bearable length. */
function excerpt(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

function unknown(message: string): Permanent {
  return new Permanent('OPERATION_UNKNOWN', message);
}
