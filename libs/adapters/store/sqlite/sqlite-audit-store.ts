import { setImmediate } from 'node:timers/promises';
import { AuditStore, isTraceId } from '#core';
import type { AuditOutcome, AuditPage, AuditQuery, AuditRecord } from '#core';
import { decodeAudit, encodeAudit, planAudit } from '../audit-encoding.js';
import type { AuditEntry } from '../audit-encoding.js';
import { decodeCursor, encodeCursor } from '../list-cursor.js';
import { scanList } from '../list-scan.js';
import { toJson } from '../payload-encoding.js';
import type { SqlRow, SqliteDatabase } from './sqlite-database.js';

const SQL = {
  append: 'INSERT OR IGNORE INTO audit (trace_id, project, at, record, outcome) VALUES (?, ?, ?, ?, ?)',
  end: 'INSERT OR IGNORE INTO audit_outcome (trace_id, outcome) SELECT trace_id, ? FROM audit WHERE trace_id = ?',
  // The index is named, so that it never falls back to reading the table.
  list: `
  SELECT a.trace_id, a.project, a.at, a.record, coalesce(a.outcome, o.outcome)
  FROM audit a INDEXED BY audit_newest LEFT JOIN audit_outcome o ON o.trace_id = a.trace_id
  WHERE a.project = ? AND a.at >= ? AND (a.at, a.trace_id) < (?, ?) ORDER BY a.at DESC, a.trace_id DESC LIMIT ?`,
  old: 'SELECT trace_id FROM audit WHERE at < ? ORDER BY at LIMIT ?',
  // The triggers let nothing go but what is older than this, and this stands only within the sweeping transaction.
  allow: 'INSERT INTO audit_sweep (before) VALUES (?)',
  removeOutcome: 'DELETE FROM audit_outcome WHERE trace_id = ?',
  remove: 'DELETE FROM audit WHERE trace_id = ?',
  forbid: 'DELETE FROM audit_sweep',
} as const;

/** The audit log in SQLite, whose triggers refuse every change of it. */
export class SqliteAuditStore extends AuditStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  async append(record: AuditRecord): Promise<void> {
    const { traceId, project, at, outcome } = record;
    const row = [traceId, project, at, encodeAudit(record), outcome && toJson(outcome)];
    await this.database.write(() => this.database.statement(SQL.append).run(row));
  }

  async end(traceId: string, outcome: AuditOutcome): Promise<void> {
    await this.database.write(() => this.database.statement(SQL.end).run([toJson(outcome), traceId]));
  }

  async list(project: string, query: AuditQuery): Promise<AuditPage> {
    const { limit, cursor, from = Number.MIN_SAFE_INTEGER, before = Number.MAX_SAFE_INTEGER } = query;
    const start = decodeCursor(cursor, isTraceId);
    const plan = { isHit: planAudit(query) };
    const { hits, next } = await scanList<string, AuditEntry>(plan, { limit, start }, async (place, count) => {
      // Nothing else runs while SQLite does.
      if (place !== start) await setImmediate();
      const end = place && place.createdAt < before ? place : { createdAt: before, key: '' };
      const row = [project, from, end.createdAt, end.key, count];
      return this.database.read(() => this.database.statement(SQL.list).all(row).map(entryOf));
    });
    return { records: hits.map(({ record }) => record), next: next && encodeCursor(next) };
  }

  async sweep(before: number, limit: number): Promise<number> {
    const { database } = this;
    return database.write(() => {
      const old = database.statement(SQL.old).all([before, limit]);
      if (old.length === 0) return 0;
      database.statement(SQL.allow).run([before]);
      for (const [traceId = null] of old) {
        database.statement(SQL.removeOutcome).run([traceId]);
        database.statement(SQL.remove).run([traceId]);
      }
      database.statement(SQL.forbid).run([]);
      return old.length;
    });
  }
}

function entryOf([traceId, project, at, record, outcome]: SqlRow): AuditEntry {
  const fields = { traceId: traceId as string, project: project as string, at: at as number };
  return decodeAudit(record as string, fields, outcome as string | null);
}
