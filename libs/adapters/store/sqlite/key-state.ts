import { settleKeys } from '#encryption';
import type { Encryption } from '#encryption';
import { KEY_STATE } from '../shared-key.js';
import type { SqliteDatabase } from './sqlite-database.js';

const FIND = 'SELECT bytes FROM shared_key WHERE name = ?';
const KEEP =
  'INSERT INTO shared_key (name, bytes) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes';
const HOLDS_ANYTHING = `
  SELECT EXISTS (SELECT 1 FROM process) OR EXISTS (SELECT 1 FROM spec) OR EXISTS (SELECT 1 FROM spec_archive)
    OR EXISTS (SELECT 1 FROM dead_message) OR EXISTS (SELECT 1 FROM shared_key)`;

/** Sees to it that the keys are those of the database, and notes them there. @throws as `settleKeys` does. */
export async function settleSqliteKeys(database: SqliteDatabase, encryption: Encryption): Promise<void> {
  await database.write(() => {
    const [stored] = (database.statement(FIND).get([KEY_STATE]) ?? []) as [Buffer?];
    const mayHoldPlain = database.statement(HOLDS_ANYTHING).get([])?.[0] === 1;
    const state = JSON.stringify(settleKeys(encryption, stored?.toString() ?? null, mayHoldPlain));
    if (stored?.toString() !== state) database.statement(KEEP).run([KEY_STATE, Buffer.from(state)]);
  });
}
