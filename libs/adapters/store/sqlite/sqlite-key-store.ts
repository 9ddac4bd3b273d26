import { KeyStore } from '#core';
import type { Encryption } from '#encryption';
import { newSharedKey, openSharedKey } from '../shared-key.js';
import type { SqliteDatabase } from './sqlite-database.js';

const MAKE = 'INSERT INTO shared_key (name, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING';
const FIND = 'SELECT bytes FROM shared_key WHERE name = ?';

/** Random keys in SQLite. */
export class SqliteKeyStore extends KeyStore {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async key(name: string): Promise<Buffer> {
    const [known] = this.database.read(() => this.database.statement(FIND).get([name])) ?? [];
    if (known) return openSharedKey(name, known as Buffer, this.encryption);
    return this.database.write(() => {
      this.database.statement(MAKE).run([name, newSharedKey(name, this.encryption)]);
      const [made] = this.database.statement(FIND).get([name]) ?? [];
      return openSharedKey(name, made as Buffer, this.encryption);
    });
  }
}
