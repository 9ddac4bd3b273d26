import { IdempotencyStore, isBusy } from '#core';
import type { KeyTaken, WantedKey } from '#core';
import type { SqliteDatabase } from './sqlite-database.js';

const TAKE = `
  INSERT INTO idempotency (key, project, fingerprint, trace_id, busy_until, expires_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE
  SET fingerprint = excluded.fingerprint, trace_id = excluded.trace_id, busy_until = excluded.busy_until,
      expires_at = excluded.expires_at
  WHERE expires_at <= ?`;
const FIND = 'SELECT fingerprint, trace_id, busy_until FROM idempotency WHERE key = ?';
const TAKE_OVER = 'UPDATE idempotency SET busy_until = ? WHERE key = ?';
const END = 'UPDATE idempotency SET busy_until = NULL WHERE key = ? AND trace_id = ?';
const GIVE_UP = 'DELETE FROM idempotency WHERE key = ? AND trace_id = ? AND busy_until = ?';
const SWEEP = `
  DELETE FROM idempotency
  WHERE key IN (SELECT key FROM idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`;

/** Idempotency keys in SQLite. */
export class SqliteIdempotencyStore extends IdempotencyStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  take({ key, project, fingerprint, traceId, busyUntil, expiresAt }: WantedKey, now: number): Promise<KeyTaken> {
    const { database } = this;
    return database.write(() => {
      const row = [key, project, fingerprint, traceId, busyUntil, expiresAt, now];
      if (database.statement(TAKE).run(row).changes === 1) return { state: 'mine', traceId };
      const found = database.statement(FIND).get([key]) as [string, string, number | null];
      const [foundFingerprint, foundTraceId, foundBusyUntil] = found;
      if (foundFingerprint !== fingerprint) return { state: 'other', traceId: foundTraceId };
      if (foundBusyUntil === null) return { state: 'done', traceId: foundTraceId };
      if (isBusy(foundBusyUntil, { busyUntil }, now)) return { state: 'busy', traceId: foundTraceId };
      database.statement(TAKE_OVER).run([busyUntil, key]);
      return { state: 'mine', traceId: foundTraceId };
    });
  }

  async end(key: string, traceId: string): Promise<void> {
    await this.database.write(() => this.database.statement(END).run([key, traceId]));
  }

  async giveUp(key: string, traceId: string, busyUntil: number): Promise<void> {
    await this.database.write(() => this.database.statement(GIVE_UP).run([key, traceId, busyUntil]));
  }

  sweep(limit: number, now: number): Promise<number> {
    return this.database.write(() => this.database.statement(SWEEP).run([now, limit]).changes);
  }
}
