import { ApiKeyStore, MOST_KEYS } from '#core';
import type { ApiKey } from '#core';
import { decodeApiKey, encodeApiKey, tooManyKeys } from '../api-key-encoding.js';
import { traceIdTaken } from '../conflicts.js';
import type { SqlRow, SqliteDatabase } from './sqlite-database.js';

const COLUMNS = 'trace_id, project, created_at, last_used_at, record';
const SQL = {
  count: 'SELECT count(*) FROM api_key WHERE project = ?',
  insert: `INSERT OR IGNORE INTO api_key (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`,
  find: `SELECT ${COLUMNS} FROM api_key WHERE trace_id = ?`,
  list: `SELECT ${COLUMNS} FROM api_key WHERE project = ? ORDER BY created_at DESC, id DESC`,
  remove: 'DELETE FROM api_key WHERE trace_id = ? AND project = ?',
  removeAll: 'DELETE FROM api_key WHERE project = ?',
  noteUse: 'UPDATE api_key SET last_used_at = ? WHERE trace_id = ? AND coalesce(last_used_at, 0) < ?',
} as const;

/** API keys in SQLite. */
export class SqliteApiKeyStore extends ApiKeyStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  async insert(key: ApiKey): Promise<void> {
    const { traceId, project, createdAt, lastUsedAt } = key;
    await this.database.write(() => {
      const [count = 0] = this.database.statement(SQL.count).get([project]) ?? [];
      if ((count as number) >= MOST_KEYS) throw tooManyKeys();
      const row = [traceId, project, createdAt, lastUsedAt, encodeApiKey(key)];
      if (this.database.statement(SQL.insert).run(row).changes === 0) throw traceIdTaken(traceId);
    });
  }

  async find(project: string | null, traceId: string): Promise<ApiKey | null> {
    const row = this.database.read(() => this.database.statement(SQL.find).get([traceId]));
    return row && (project === null || row[1] === project) ? keyOf(row) : null;
  }

  async list(project: string): Promise<ApiKey[]> {
    return this.database.read(() => this.database.statement(SQL.list).all([project]).map(keyOf));
  }

  async remove(project: string, traceId: string): Promise<boolean> {
    return this.database.write(() => this.database.statement(SQL.remove).run([traceId, project]).changes === 1);
  }

  async removeAll(project: string): Promise<number> {
    return this.database.write(() => this.database.statement(SQL.removeAll).run([project]).changes);
  }

  async noteUse(traceId: string, at: number): Promise<void> {
    await this.database.write(() => this.database.statement(SQL.noteUse).run([at, traceId, at]));
  }
}

function keyOf([traceId, project, createdAt, lastUsedAt, record]: SqlRow): ApiKey {
  return decodeApiKey(record as string, {
    traceId: traceId as string,
    project: project as string,
    createdAt: createdAt as number,
    lastUsedAt: lastUsedAt as number | null,
  });
}
