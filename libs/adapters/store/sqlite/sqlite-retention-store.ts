import { hasEnded, PROCESS_OVERHEAD_BYTES, RetentionStore } from '#core';
import type { Archive, KeptBytes, OldItem, OldPiece, OldQuery, ProcessStatus } from '#core';
import { decodeCursor, encodeCursor } from '../list-cursor.js';
import { ownBlobs, responseBytes } from '../old-item.js';
import { fromJson } from '../payload-encoding.js';
import type { PayloadRef } from '../payload-encoding.js';
import { removeArchive, sqliteArchives, unnamedBlobs } from './archives.js';
import type { KeptBytesTotal } from './kept-bytes.js';
import type { SqliteDatabase } from './sqlite-database.js';

const COLUMNS = `
  p.created_at, p.id, p.trace_id, p.status, p.updated_at, octet_length(p.request),
  json_extract(p.request, '$.reqBody'), r.head, octet_length(r.head), octet_length(r.content), octet_length(p.calls)`;
// Row ids rise as processes are accepted.
const OLD_PROCESSES = `
  SELECT ${COLUMNS} FROM process p LEFT JOIN process_response r ON r.process_id = p.id
  WHERE p.id > ? ORDER BY p.id LIMIT ?`;
// By the responses' own table, which holds none of what was removed before.
const OLD_RESPONSES = `
  SELECT ${COLUMNS} FROM process_response r JOIN process p ON p.id = r.process_id
  WHERE r.process_id > ? ORDER BY r.process_id LIMIT ?`;
const FIND = `
  SELECT ${COLUMNS} FROM process p LEFT JOIN process_response r ON r.process_id = p.id WHERE p.trace_id = ?`;
const DELETE_RESPONSE = 'DELETE FROM process_response WHERE process_id = ?';
const DELETE_BODY = 'DELETE FROM process_body WHERE process_id = ?';
const DELETE_PROCESS = 'DELETE FROM process WHERE id = ?';

type OldRow = readonly [
  createdAt: number,
  id: number,
  traceId: string,
  status: ProcessStatus,
  updatedAt: number,
  requestBytes: number,
  body: string | null,
  head: string | null,
  headBytes: number | null,
  contentBytes: number | null,
  callsBytes: number | null,
];

/** What is kept of the past in SQLite. Pages of the file that become free are used again; the file does not shrink. */
export class SqliteRetentionStore extends RetentionStore {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly kept: KeptBytesTotal,
  ) {
    super();
  }

  async keptBytes(): Promise<KeptBytes> {
    return this.database.read(() => this.kept.read());
  }

  async oldProcesses(query: OldQuery): Promise<OldPiece> {
    return this.piece(OLD_PROCESSES, query, (row) => ({
      bytes: requestBytes(row) + responseBytes(row[7], row[8] ?? 0, row[9]),
      blobs: [...ownBlobs(row[2], fromJson(row[6])), ...ownBlobs(row[2], bodyOf(row[7]))],
    }));
  }

  async removeProcesses(traceIds: readonly string[]): Promise<number> {
    return this.database.write(() =>
      this.each(traceIds, (row) => {
        this.freeResponse(row);
        this.database.statement(DELETE_BODY).run([row[1]]);
        this.kept.add('requests', -requestBytes(row));
        return this.database.statement(DELETE_PROCESS).run([row[1]]).changes;
      }),
    );
  }

  async oldResponses(query: OldQuery): Promise<OldPiece> {
    return this.piece(OLD_RESPONSES, query, (row) => ({
      bytes: responseBytes(row[7], row[8] ?? 0, row[9]),
      blobs: ownBlobs(row[2], bodyOf(row[7])),
    }));
  }

  async removeResponses(traceIds: readonly string[]): Promise<number> {
    return this.database.write(() => this.each(traceIds, (row) => this.freeResponse(row)));
  }

  archives(): AsyncIterable<Archive> {
    return sqliteArchives(this.database);
  }

  async removeArchive(archive: Archive): Promise<boolean> {
    return removeArchive(this.database, archive);
  }

  async unnamed(blobs: readonly string[]): Promise<string[]> {
    return unnamedBlobs(this.database, blobs);
  }

  private piece(
    sql: string,
    { endedBefore, after, limit }: OldQuery,
    about: (row: OldRow) => Omit<OldItem, 'traceId'>,
  ): OldPiece {
    const { key } = decodeCursor(after, isRowId) ?? { key: 0 };
    const rows = this.database.read(() => this.database.statement(sql).all([key, limit])) as unknown as OldRow[];
    const ended = rows.filter(([, , , status, updatedAt]) => hasEnded(status) && updatedAt <= endedBefore);
    const last = rows.at(-1);
    // Whatever was accepted later ended later.
    const isOver = !last || rows.length < limit || last[0] > endedBefore;
    return {
      items: ended.map((row) => ({ traceId: row[2], ...about(row) })),
      next: isOver ? null : encodeCursor({ createdAt: last[0], key: last[1] }),
    };
  }

  /** Only inside a change. @returns the sum of what `remove` says of each process that has ended. */
  private each(traceIds: readonly string[], remove: (row: OldRow) => number): number {
    let removed = 0;
    for (const traceId of traceIds) {
      const row = this.database.statement(FIND).get([traceId]) as OldRow | undefined;
      if (row && hasEnded(row[3])) removed += remove(row);
    }
    return removed;
  }

  private freeResponse(row: OldRow): number {
    this.kept.add('responses', -responseBytes(row[7], row[8] ?? 0, row[9]));
    return this.database.statement(DELETE_RESPONSE).run([row[1]]).changes;
  }
}

/** Of a process that has ended: the list of its calls is counted from then on. */
function requestBytes([, , , , , bytes, body, , , , callsBytes]: OldRow): number {
  return bytes + ((fromJson(body) as PayloadRef | undefined)?.bytes ?? 0) + PROCESS_OVERHEAD_BYTES + (callsBytes ?? 0);
}

function bodyOf(head: string | null): unknown {
  return (fromJson(head) as { body: PayloadRef } | undefined)?.body;
}

function isRowId(key: unknown): key is number {
  return Number.isSafeInteger(key);
}
