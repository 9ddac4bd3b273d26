import { rewrittenState, settleKeys, tellsOfKeys } from '#encryption';
import type { Encryption, Found, KeyState, RewritingEncryption } from '#encryption';
import { KEY_STATE } from '../shared-key.js';
import type { SqliteDatabase } from './sqlite-database.js';

const FIND = 'SELECT bytes FROM shared_key WHERE name = ?';
const KEEP =
  'INSERT INTO shared_key (name, bytes) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes';
const HOLDS_ANYTHING = `
  SELECT EXISTS (SELECT 1 FROM process) OR EXISTS (SELECT 1 FROM spec) OR EXISTS (SELECT 1 FROM spec_archive)
    OR EXISTS (SELECT 1 FROM dead_message) OR EXISTS (SELECT 1 FROM shared_key)`;
/** What may be sent to somebody; looked for once, in a database that tells of no keys. */
const HOLDS_ENCRYPTED = `
  SELECT EXISTS (SELECT 1 FROM spec WHERE headers GLOB 'A*' OR credentials GLOB 'A*' OR server_variables GLOB 'A*')
    OR EXISTS (SELECT 1 FROM process WHERE request GLOB '*"secrets":"A*')
    OR EXISTS (SELECT 1 FROM process_body WHERE substr(content, 1, 1) = x'01')`;

/**
 * Sees to it that the keys are those of the database, and notes them there.
 * @returns what the database tells of them then. @throws as `settleKeys` does.
 */
export function settleSqliteKeys(database: SqliteDatabase, encryption: Encryption): Promise<KeyState> {
  return database.write(() => {
    const stored = find(database);
    const found = tellsOfKeys(stored) ? null : lookFor(database);
    return keep(database, stored, settleKeys(encryption, stored, found));
  });
}

/** Notes that all has been rewritten. */
export function noteRewritten(database: SqliteDatabase, encryption: RewritingEncryption): Promise<KeyState> {
  return database.write(() => {
    const stored = find(database);
    return keep(database, stored, rewrittenState(encryption, stored));
  });
}

function lookFor(database: SqliteDatabase): Found {
  const isTrue = (sql: string) => database.statement(sql).get([])?.[0] === 1;
  return { anything: isTrue(HOLDS_ANYTHING), encrypted: isTrue(HOLDS_ENCRYPTED) };
}

function find(database: SqliteDatabase): string | null {
  const [stored] = (database.statement(FIND).get([KEY_STATE]) ?? []) as [Buffer?];
  return stored?.toString() ?? null;
}

function keep(database: SqliteDatabase, stored: string | null, state: KeyState): KeyState {
  const text = JSON.stringify(state);
  if (text !== stored) database.statement(KEEP).run([KEY_STATE, Buffer.from(text)]);
  return state;
}
