import { setImmediate } from 'node:timers/promises';
import type { ListedProcess, ProcessPage, ProcessQuery, ProcessStatus } from '#core';
import type { Encryption } from '#encryption';
import { decodeCursor, encodeCursor } from '../list-cursor.js';
import type { ListPlace } from '../list-cursor.js';
import { PAGE_BYTES, planList, scanList } from '../list-scan.js';
import type { ListEntry, ListPlan } from '../list-scan.js';
import { encodeKey } from '../process-encoding.js';
import { decodeListedProcess, PROCESS_COLUMNS } from './process-rows.js';
import type { SqlRow, SqlValue, SqliteDatabase } from './sqlite-database.js';

type Place = ListPlace<number>;

const FIND = `SELECT ${PROCESS_COLUMNS} FROM process WHERE id = ?`;
const RANGE = `
  created_at >= ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`;

/** The index is named in each, so that none ever falls back to reading the table. */
const ENTRIES = {
  newest: `SELECT * FROM process INDEXED BY process_newest WHERE project = ? AND ${RANGE}`,
  service: `SELECT * FROM process INDEXED BY process_of_service WHERE project = ? AND service = ? AND ${RANGE}`,
  key: `SELECT * FROM process INDEXED BY process_of_key WHERE project = ? AND key = ? AND ${RANGE}`,
  status: `
  SELECT * FROM process INDEXED BY process_not_done
  WHERE project = ? AND status = ? AND status <> 'SUCCESS' AND ${RANGE}`,
} as const;

/** A page of processes: their places by an index, and then each by its row id until they are enough. */
export async function listProcesses(
  database: SqliteDatabase,
  encryption: Encryption,
  project: string,
  query: ProcessQuery,
): Promise<ProcessPage> {
  const { limit, cursor, createdFrom = Number.MIN_SAFE_INTEGER, createdBefore = Number.MAX_SAFE_INTEGER } = query;
  const start = decodeCursor(cursor, isRowId);
  const plan = planList(query);
  if (!plan) return { processes: [], next: null };
  const { sql, values } = entriesOf(project, plan);
  const { hits, next } = await scanList<number>(plan, { limit, start }, async (place, count) => {
    // Nothing else runs while SQLite does.
    if (place !== start) await setImmediate();
    const { createdAt, key } = earlier(place, { createdAt: createdBefore, key: 0 });
    return database.read(() => {
      return database
        .statement(sql)
        .all([...values, createdFrom, createdAt, key, count])
        .map(entryOf);
    });
  });
  return database.read(() => readPage(database, encryption, hits, next));
}

function entriesOf(project: string, { equal, isHit }: ListPlan): { sql: string; values: SqlValue[] } {
  const columns = isHit ? 'created_at, id, status, service, spec_trace_id, error' : 'created_at, id';
  const [sql, values] =
    equal === undefined
      ? [ENTRIES.newest, [project]]
      : 'status' in equal
        ? [ENTRIES.status, [project, equal.status]]
        : 'key' in equal
          ? [ENTRIES.key, [project, encodeKey(equal.key)]]
          : [ENTRIES.service, [project, equal.service]];
  return { sql: sql.replace('*', columns), values };
}

function entryOf([
  createdAt,
  key,
  status = '',
  service = '',
  specTraceId = null,
  error = null,
]: SqlRow): ListEntry<number> {
  return {
    createdAt: createdAt as number,
    key: key as number,
    status: status as ProcessStatus,
    service: service as string,
    specTraceId: specTraceId as string | null,
    error: error as string | null,
  };
}

function readPage(
  database: SqliteDatabase,
  encryption: Encryption,
  hits: readonly Place[],
  next: Place | null,
): ProcessPage {
  const processes: ListedProcess[] = [];
  let bytes = 0;
  let rest = next;
  for (const hit of hits) {
    const row = database.statement(FIND).get([hit.key]);
    if (!row) continue;
    processes.push(decodeListedProcess(row, encryption));
    bytes += (row[4] as string).length;
    if (bytes <= PAGE_BYTES || hit === hits.at(-1)) continue;
    rest = hit;
    break;
  }
  return { processes, next: rest && encodeCursor(rest) };
}

function earlier(place: Place | null, end: Place): Place {
  return place && place.createdAt < end.createdAt ? place : end;
}

function isRowId(key: unknown): key is number {
  return Number.isSafeInteger(key);
}
