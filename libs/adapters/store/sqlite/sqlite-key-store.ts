import { randomBytes } from 'node:crypto';
import { KeyStore } from '#core';
import type { SqliteDatabase } from './sqlite-database.js';

const KEY_BYTES = 32;
const MAKE = 'INSERT INTO shared_key (name, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING';
const FIND = 'SELECT bytes FROM shared_key WHERE name = ?';

/** Random keys in SQLite. */
export class SqliteKeyStore extends KeyStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  async key(name: string): Promise<Buffer> {
    const [known] = this.database.read(() => this.database.statement(FIND).get([name])) ?? [];
    if (known) return known as Buffer;
    return this.database.write(() => {
      this.database.statement(MAKE).run([name, randomBytes(KEY_BYTES)]);
      return this.database.statement(FIND).get([name])?.[0] as Buffer;
    });
  }
}
