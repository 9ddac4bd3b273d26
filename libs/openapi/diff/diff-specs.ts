import { sameJson, type JsonSchema, type Operation } from '#core';
import { excerpt, isObject } from '../json.js';
import type { Change, DocumentTables } from './change.js';
import { compareOperations, type OperationPair } from './operation-diff.js';
import { SchemaDiff } from './schema-diff.js';
import { nameOf, Views } from './schema-view.js';
import { compareServers } from './server-diff.js';

/** Two versions that have little in common have no end of changes. */
const MOST_CHANGES = 10_000;

/**
 * What has changed from one version of a document to another, and what of it breaks calls that were right before or readers of
 * answers. For requests it breaks when less is allowed than before, for answers when more may come or less is there.
 * Names, descriptions, examples and the order of things change nothing.
 * @returns the whole document's changes, then each operation's in the earlier document's order, then new operations; at
 *   most 10,000 in all and 50 for one parameter, body or answer. Empty when nothing has changed.
 */
export function diffSpecs(from: DocumentTables, to: DocumentTables): Change[] {
  const changes: Change[] = [];
  const servers = compareServers(from.table.servers, to.table.servers);
  if (servers)
    changes.push({
      kind: 'server_changed',
      breaking: servers.breaking,
      message: `For the whole document: ${servers.text}.`,
    });
  const changed = changedNames(from.schemas.$defs, to.schemas.$defs);
  const schemas = new SchemaDiff(
    new Views(from.schemas.$defs),
    new Views(to.schemas.$defs),
    (name) => !changed.has(name),
  );
  const { pairs, removed, added } = pairUp(from.table.operations, to.table.operations);
  for (const operation of from.table.operations) {
    if (changes.length >= MOST_CHANGES) break;
    const pair = pairs.get(operation);
    if (pair) changes.push(...compareOperations(pair, from, to, schemas));
    else if (removed.has(operation)) changes.push(whole(operation, 'operation_removed', true, 'is no longer declared'));
  }
  for (const operation of added) changes.push(whole(operation, 'operation_added', false, 'is new'));
  return changes.slice(0, MOST_CHANGES);
}

function whole({ method, path }: Operation, kind: Change['kind'], breaking: boolean, text: string): Change {
  return { kind, breaking, method, path, message: `${method} ${excerpt(path, 200)} ${text}.` };
}

interface Pairs {
  readonly pairs: ReadonlyMap<Operation, OperationPair>;
  readonly removed: ReadonlySet<Operation>;
  readonly added: readonly Operation[];
}

/** Operations are the same by method and path; those left over also when only names in their paths differ. */
function pairUp(from: readonly Operation[], to: readonly Operation[]): Pairs {
  const pairs = new Map<Operation, OperationPair>();
  const byPath = new Map(to.map((operation) => [`${operation.method} ${operation.path}`, operation]));
  const left = new Set(to);
  for (const operation of from) {
    const other = byPath.get(`${operation.method} ${operation.path}`);
    if (!other) continue;
    pairs.set(operation, { from: operation, to: other, renamed: new Map() });
    left.delete(other);
  }
  const byShape = new Map<string, Operation>();
  for (const operation of left) {
    const shape = shapeOf(operation);
    if (!byShape.has(shape)) byShape.set(shape, operation);
  }
  const removed = new Set<Operation>();
  for (const operation of from) {
    if (pairs.has(operation)) continue;
    const other = byShape.get(shapeOf(operation));
    if (!other || !left.delete(other)) {
      removed.add(operation);
      continue;
    }
    const names = variablesOf(other);
    const renamed = variablesOf(operation).flatMap((name, index): [string, string][] => {
      const next = names[index];
      return next === undefined || next === name ? [] : [[name, next]];
    });
    pairs.set(operation, { from: operation, to: other, renamed: new Map(renamed) });
  }
  return { pairs, removed, added: [...left] };
}

const VARIABLE = /\{([^{}]*)\}/g;

function shapeOf({ method, path }: Operation): string {
  return `${method} ${path.replace(VARIABLE, '{}')}`;
}

function variablesOf({ path }: Operation): string[] {
  return [...path.matchAll(VARIABLE)].map(([, name = '']) => name);
}

/** The names of schemas that say something else than before, or refer to one that does, at whatever distance. */
function changedNames(from: Definitions, to: Definitions): ReadonlySet<string> {
  const changed = new Set<string>();
  const users = new Map<string, Set<string>>();
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const was = Object.hasOwn(from, name) ? from[name] : undefined;
    const is = Object.hasOwn(to, name) ? to[name] : undefined;
    if (was === undefined || is === undefined || !sameJson(was, is)) changed.add(name);
    else noteUses(was, name, users);
  }
  // A set is walked to its end even when it grows on the way.
  for (const name of changed) for (const user of users.get(name) ?? []) changed.add(user);
  return changed;
}

type Definitions = Readonly<Record<string, JsonSchema>>;

function noteUses(schema: unknown, user: string, users: Map<string, Set<string>>): void {
  if (Array.isArray(schema)) {
    for (const item of schema) noteUses(item, user, users);
    return;
  }
  if (!isObject(schema)) return;
  const name = nameOf(schema);
  if (name !== null) {
    const known = users.get(name);
    if (known) known.add(user);
    else users.set(name, new Set([user]));
  }
  for (const value of Object.values(schema)) if (typeof value === 'object') noteUses(value, user, users);
}
