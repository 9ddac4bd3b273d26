import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DEFAULT_PROJECT } from '#core';
import { MAIN_MIGRATIONS } from './schema.js';
import { SqliteAuditStore } from './sqlite-audit-store.js';
import { SqliteDatabase } from './sqlite-database.js';

const AT = 1_000;
let folder: string;
let database: SqliteDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-audit-'));
  database = SqliteDatabase.open({
    ...{ file: join(folder, 'audit.db'), migrations: MAIN_MIGRATIONS, synchronous: 'NORMAL' },
  });
  const store = new SqliteAuditStore(database);
  await store.append({
    ...{ traceId: 'AuditAuditAudit1', project: DEFAULT_PROJECT, at: AT, who: 'user:admin', action: 'spec.remove' },
    ...{ target: 'SpecSpecSpecSpec', from: '127.0.0.1', agent: '', outcome: null },
  });
  await store.end('AuditAuditAudit1', { kind: 'done', at: AT });
});
afterAll(async () => {
  database.close();
  await rm(folder, { recursive: true });
});

it.each([
  "UPDATE audit SET record = '{}'",
  "UPDATE audit_outcome SET outcome = '{}'",
  'DELETE FROM audit',
  'DELETE FROM audit_outcome',
])('the database itself refuses to change the audit log: %s', (statement) => {
  // As the sweeper would say it of something older.
  database.exec(`INSERT INTO audit_sweep (before) VALUES (${AT})`);
  try {
    expect(() => database.exec(statement)).toThrow(/only added to/);
  } finally {
    database.exec('DELETE FROM audit_sweep');
  }
});

it('the database itself replaces nothing of the audit log', async () => {
  const { records: before } = await new SqliteAuditStore(database).list(DEFAULT_PROJECT, { limit: 10 });
  database.exec("INSERT OR REPLACE INTO audit_outcome (trace_id, outcome) VALUES ('AuditAuditAudit1', '{}')");
  database.exec(
    "INSERT OR REPLACE INTO audit (trace_id, project, at, record) VALUES ('AuditAuditAudit1', 'default', 1, '{}')",
  );
  database.exec(
    "INSERT OR REPLACE INTO audit (id, trace_id, project, at, record) VALUES (1, 'AuditAuditAudit2', 'default', 1, '{}')",
  );
  expect(await new SqliteAuditStore(database).list(DEFAULT_PROJECT, { limit: 10 })).toEqual({
    records: before,
    next: null,
  });
});

it('and lets what is old go', async () => {
  const store = new SqliteAuditStore(database);
  expect(await store.sweep(AT, 10)).toBe(0);
  expect(await store.sweep(AT + 1, 10)).toBe(1);
});
