import type { KeptBytes } from '#core';
import type { SqliteDatabase } from './sqlite-database.js';

const ADD = 'UPDATE kept_bytes SET bytes = bytes + ? WHERE kind = ?';
const FIND = 'SELECT kind, bytes FROM kept_bytes';

type Kind = keyof KeptBytes;

/**
 * How many bytes the processes take, kept in the database along with them: what the changes of one transaction add and
 * free is written once, within that very transaction.
 */
export class KeptBytesTotal {
  private changes: Record<Kind, number> = { requests: 0, responses: 0 };

  constructor(private readonly database: SqliteDatabase) {
    database.onTransaction({
      begun: () => (this.changes = { requests: 0, responses: 0 }),
      committing: () => this.write(),
    });
  }

  /** Only inside a change. */
  add(kind: Kind, bytes: number): void {
    this.changes[kind] += bytes;
  }

  read(): KeptBytes {
    const kept = Object.fromEntries(this.database.statement(FIND).all([])) as Partial<Record<Kind, number>>;
    return { requests: kept.requests ?? 0, responses: kept.responses ?? 0 };
  }

  private write(): void {
    for (const kind of ['requests', 'responses'] as const) {
      if (this.changes[kind] !== 0) this.database.statement(ADD).run([this.changes[kind], kind]);
    }
  }
}
