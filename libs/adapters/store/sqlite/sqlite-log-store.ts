import type { Clock, LogRecord } from '#core';
import { LogStore } from '#core';
import type { SqliteDatabase } from './sqlite-database.js';

const APPEND = 'INSERT INTO log (at, record) VALUES (?, ?)';
const LATEST = 'SELECT record FROM log ORDER BY id DESC LIMIT ?';

/** Log records in an SQLite file of their own, so that they never wait for processes nor hold them up. */
export class SqliteLogStore extends LogStore {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  async append(records: readonly string[]): Promise<void> {
    const at = this.clock.now();
    await this.database.write(() => {
      const statement = this.database.statement(APPEND);
      for (const record of records) statement.run([at, record]);
    });
  }

  async latest(limit: number): Promise<LogRecord[]> {
    return this.database.read(() => {
      const rows = this.database.statement(LATEST).all([limit]);
      return rows.map((row) => JSON.parse(row[0] as string) as LogRecord);
    });
  }
}
