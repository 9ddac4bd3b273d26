import { setImmediate } from 'node:timers/promises';
import { hasEnded } from '#core';
import type { Archive, ProcessStatus } from '#core';
import { byOwner } from '../blob-owner.js';
import { clientRefs, tallyRefs } from '../old-item.js';
import type { SqlRow, SqlValue, SqliteDatabase } from './sqlite-database.js';

/** How many rows are read at a time: nothing else runs meanwhile. */
const PIECE = 50;

const VERSIONS = `
  SELECT v.id, v.spec_trace_id, v.version, v.document_ref, v.report_ref, c.refs,
    (SELECT min(n.created_at) FROM spec_version n WHERE n.spec_trace_id = v.spec_trace_id AND n.version > v.version)
  FROM spec_version v JOIN spec s ON s.trace_id = v.spec_trace_id
  LEFT JOIN client c ON c.spec_trace_id = v.spec_trace_id AND c.version = v.version
  WHERE v.id > ? AND v.version < s.version AND v.version IS NOT s.serving_version ORDER BY v.id LIMIT ?`;
const SDKS = `
  SELECT id, trace_id, updated_at, archive_ref FROM sdk
  WHERE id > ? AND status IN ('SUCCESS', 'ERROR') ORDER BY id LIMIT ?`;
const SPECS = `SELECT id, trace_id, archived_at, json_extract(record, '$.document') FROM spec_archive WHERE id > ? ORDER BY id LIMIT ?`;
const VERSIONS_OF = 'SELECT document_ref, report_ref FROM spec_version WHERE spec_trace_id = ?';
const CLIENTS_OF = 'SELECT refs FROM client WHERE spec_trace_id = ?';
const SDKS_OF = 'SELECT archive_ref FROM sdk WHERE spec_trace_id = ?';
const SPEC_OF = `
  SELECT document_ref FROM spec WHERE trace_id = ?1
  UNION ALL SELECT json_extract(record, '$.document') FROM spec_archive WHERE trace_id = ?1`;
const PROCESS = `
  SELECT p.status, json_extract(p.request, '$.reqBody'), json_extract(r.head, '$.body')
  FROM process p LEFT JOIN process_response r ON r.process_id = p.id WHERE p.trace_id = ?`;

const REMOVE_VERSION = `
  DELETE FROM spec_version WHERE spec_trace_id = ?1 AND version = ?2 AND EXISTS (
    SELECT 1 FROM spec s WHERE s.trace_id = ?1 AND ?2 < s.version AND ?2 IS NOT s.serving_version)`;
const REMOVE_CLIENT = 'DELETE FROM client WHERE spec_trace_id = ? AND version = ?';
const REMOVE_SDK = `DELETE FROM sdk WHERE trace_id = ? AND updated_at = ? AND status IN ('SUCCESS', 'ERROR')`;
const REMOVE_SPEC = 'DELETE FROM spec_archive WHERE trace_id = ?';
const REMOVE_ALL_OF = ['spec_version', 'client', 'drift'].map(
  (table) => `DELETE FROM ${table} WHERE spec_trace_id = ?`,
);

/** All archives, piece by piece. */
export async function* sqliteArchives(database: SqliteDatabase): AsyncIterable<Archive> {
  for await (const row of rowsOf(database, VERSIONS)) {
    const [, traceId, version, document, report, client, since] = row as [number, string, number, ...string[]];
    const kept = tallyRefs([document, report, ...clientRefs(client)]);
    yield { kind: 'version', traceId, version, since: Number(since), ...kept };
  }
  for await (const row of rowsOf(database, SDKS)) {
    const [, traceId, since, archive] = row as [number, string, number, string | null];
    yield { kind: 'sdk', traceId, since, ...tallyRefs([archive]) };
  }
  for await (const row of rowsOf(database, SPECS)) {
    const [, traceId, since] = row as [number, string, number];
    const { blobs, bytes } = tallyRefs([...new Set(refsOf(database, traceId))]);
    yield { kind: 'spec', traceId, since, bytes, blobs: [...new Set(blobs)] };
  }
}

export function removeArchive(database: SqliteDatabase, archive: Archive): Promise<boolean> {
  const { kind, traceId, version = 0, since } = archive;
  const run = (sql: string, values: SqlValue[]) => database.statement(sql).run(values).changes > 0;
  return database.write(() => {
    switch (kind) {
      case 'version':
        if (!run(REMOVE_VERSION, [traceId, version])) return false;
        run(REMOVE_CLIENT, [traceId, version]);
        return true;
      case 'sdk':
        return run(REMOVE_SDK, [traceId, since]);
      case 'spec':
        if (!run(REMOVE_SPEC, [traceId])) return false;
        for (const sql of REMOVE_ALL_OF) run(sql, [traceId]);
        return true;
    }
  });
}

export async function unnamedBlobs(database: SqliteDatabase, blobs: readonly string[]): Promise<string[]> {
  return database.read(() => {
    return [...byOwner(blobs).values()].flatMap(({ kind, traceId, blobs: own }) => {
      const named = kind === 'spec' ? namedBySpec(database, traceId) : namedByProcess(database, traceId);
      return named === 'all' ? [] : own.filter((blob) => !named.has(blob));
    });
  });
}

async function* rowsOf(database: SqliteDatabase, sql: string): AsyncIterable<SqlRow> {
  for (let last = 0; ;) {
    const rows = database.read(() => database.statement(sql).all([last, PIECE]));
    yield* rows;
    if (rows.length < PIECE) return;
    last = rows.at(-1)?.[0] as number;
    await setImmediate();
  }
}

/** The references of a Spec's documents, reports and Clients, but not of its SDKs. */
function refsOf(database: SqliteDatabase, traceId: string): string[] {
  const all = (sql: string) => database.statement(sql).all([traceId]);
  const texts = [...all(SPEC_OF), ...all(VERSIONS_OF)].flat() as (string | null)[];
  return [...texts, ...all(CLIENTS_OF).flatMap(([refs]) => clientRefs(refs as string))].filter((ref) => ref !== null);
}

function namedBySpec(database: SqliteDatabase, traceId: string): Set<string> {
  const sdks = database.statement(SDKS_OF).all([traceId]).flat() as (string | null)[];
  return new Set(tallyRefs([...refsOf(database, traceId), ...sdks]).blobs);
}

function namedByProcess(database: SqliteDatabase, traceId: string): Set<string> | 'all' {
  const [status, body, response] = database.statement(PROCESS).get([traceId]) ?? [];
  if (status === undefined) return new Set();
  if (!hasEnded(status as ProcessStatus)) return 'all';
  return new Set(tallyRefs([body as string | null, response as string | null]).blobs);
}
