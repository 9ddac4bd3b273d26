import type { Clock, KeptLogs, LogBatch, LogRecord } from '#core';
import { LogStore } from '#core';
import type { Encryption } from '#encryption';
import { decodeLog, openRecords, sealRecords } from '../log-encoding.js';
import type { SqliteDatabase, SqlRow } from './sqlite-database.js';

const APPEND = 'INSERT INTO log (at, record, records) VALUES (?, ?, ?)';
const BEFORE = 'SELECT id, record FROM log WHERE id < ? ORDER BY id DESC LIMIT 1';

// In the order in which they were appended; a clock that was set back makes one stay a little longer.
const OLDEST = 'SELECT id, at, records FROM log ORDER BY id LIMIT ?';
const REMOVE = 'DELETE FROM log WHERE id <= ?';

/**
 * Log records in an SQLite file of their own, so that they never wait for processes nor hold them up. Those that are
 * appended together are encrypted together, in one row.
 */
export class SqliteLogStore extends LogStore {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async append({ count, json }: LogBatch): Promise<void> {
    if (count === 0) return;
    const at = this.clock.now();
    const sealed = sealRecords(json, this.encryption);
    await this.database.write(() => {
      this.database.statement(APPEND).run([at, sealed, count]);
    });
  }

  async sweep({ since, maxBytes }: KeptLogs, limit: number): Promise<number> {
    return this.database.write(() => {
      const isTooMuch = maxBytes !== null && this.database.usedBytes() > maxBytes;
      let removed = 0;
      let last: SqlRow | undefined;
      for (const row of this.database.statement(OLDEST).all([limit])) {
        const [, at, records] = row as readonly [number, number, number];
        const isOld = isTooMuch || (since !== null && at < since);
        // Those of one row go together, also when they are more.
        if (!isOld || (last && removed + records > limit)) break;
        removed += records;
        last = row;
      }
      if (last) this.database.statement(REMOVE).run([last[0] ?? null]);
      return removed;
    });
  }

  async latest(limit: number): Promise<LogRecord[]> {
    return this.database.read(() => {
      const found: LogRecord[] = [];
      for (let before = Number.MAX_SAFE_INTEGER; found.length < limit;) {
        const row = this.database.statement(BEFORE).get([before]) as readonly [number, string | Buffer] | undefined;
        if (!row) break;
        found.push(...this.decode(row[1]).reverse());
        before = row[0];
      }
      return found.slice(0, limit);
    });
  }

  /** A text is one record that an earlier release stored, with nothing encrypted, or only a part of it. */
  private decode(stored: string | Buffer): LogRecord[] {
    if (typeof stored !== 'string') return openRecords(stored, this.encryption);
    return [decodeLog(JSON.parse(stored) as LogRecord, this.encryption)];
  }
}
