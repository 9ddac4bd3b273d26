import type { Clock, KeptLogs, LogRecord } from '#core';
import { LogStore } from '#core';
import type { Encryption } from '#encryption';
import { decodeLog, hasSecrets, openRecord, sealRecord } from '../log-encoding.js';
import type { SqliteDatabase } from './sqlite-database.js';

const APPEND = 'INSERT INTO log (at, record) VALUES (?, ?)';
const LATEST = 'SELECT record FROM log ORDER BY id DESC LIMIT ?';

// In the order in which they were appended; a clock that was set back makes one stay a little longer.
const OLDEST = 'SELECT id, at FROM log ORDER BY id LIMIT ?';
const REMOVE = 'DELETE FROM log WHERE id <= ?';

/** Log records in an SQLite file of their own, so that they never wait for processes nor hold them up. */
export class SqliteLogStore extends LogStore {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async append(records: readonly string[]): Promise<void> {
    const at = this.clock.now();
    await this.database.write(() => {
      const statement = this.database.statement(APPEND);
      for (const record of records)
        statement.run([at, hasSecrets(record) ? sealRecord(record, this.encryption) : record]);
    });
  }

  async sweep({ since, maxBytes }: KeptLogs, limit: number): Promise<number> {
    return this.database.write(() => {
      const isTooMuch = maxBytes !== null && this.database.usedBytes() > maxBytes;
      const oldest = this.database.statement(OLDEST).all([limit]);
      const young = oldest.findIndex(([, at]) => !isTooMuch && (since === null || (at as number) >= since));
      const last = (young < 0 ? oldest : oldest.slice(0, young)).at(-1);
      return last ? this.database.statement(REMOVE).run([last[0] ?? null]).changes : 0;
    });
  }

  async latest(limit: number): Promise<LogRecord[]> {
    return this.database.read(() => {
      const rows = this.database.statement(LATEST).all([limit]);
      return rows.map(([stored]) => this.decode(stored as string | Buffer));
    });
  }

  /** A text has nothing encrypted, or only a part of it. */
  private decode(stored: string | Buffer): LogRecord {
    if (typeof stored !== 'string') return openRecord(stored, this.encryption);
    return decodeLog(JSON.parse(stored) as LogRecord, this.encryption);
  }
}
