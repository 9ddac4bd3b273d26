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
  json_extract(p.request, '$.reqBody'), r.head, octet_length(r.head)`;
const OLD_PROCESSES = `
  SELECT ${COLUMNS} FROM process p INDEXED BY process_newest LEFT JOIN process_response r ON r.process_id = p.id
  WHERE p.project = ? AND p.created_at <= ? AND (p.created_at, p.id) > (?, ?) ORDER BY p.created_at, p.id LIMIT ?`;
// By the responses' own table, which holds none of what was removed before.
const OLD_RESPONSES = `
  SELECT ${COLUMNS}, p.project FROM process_response r JOIN process p ON p.id = r.process_id
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

  async oldProcesses({ project, endedBefore, after, limit }: OldQuery): Promise<OldPiece> {
    const { createdAt, key } = decodeCursor(after, isRowId) ?? { createdAt: Number.MIN_SAFE_INTEGER, key: 0 };
    const range = [project, endedBefore, createdAt, key, limit];
    const rows = this.database.read(() => this.database.statement(OLD_PROCESSES).all(range)) as unknown as OldRow[];
    return pieceOf(rows, limit, endedBefore, (row) => ({
      bytes: requestBytes(row) + responseBytes(row[7], row[8] ?? 0),
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

  async oldResponses({ project, endedBefore, after, limit }: OldQuery): Promise<OldPiece> {
    const { key } = decodeCursor(after, isRowId) ?? { key: 0 };
    const all = this.database.read(() => this.database.statement(OLD_RESPONSES).all([key, limit]));
    const rows = all.filter((row) => row[9] === project) as unknown as OldRow[];
    const { items } = pieceOf(rows, limit, endedBefore, (row) => ({
      bytes: responseBytes(row[7], row[8] ?? 0),
      blobs: ownBlobs(row[2], bodyOf(row[7])),
    }));
    const last = all.at(-1) as OldRow | undefined;
    // Whatever was accepted later ended later.
    const isOver = !last || all.length < limit || last[0] > endedBefore;
    return { items, next: isOver ? null : encodeCursor({ createdAt: last[0], key: last[1] }) };
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
    this.kept.add('responses', -responseBytes(row[7], row[8] ?? 0));
    return this.database.statement(DELETE_RESPONSE).run([row[1]]).changes;
  }
}

function pieceOf(
  rows: readonly OldRow[],
  limit: number,
  endedBefore: number,
  about: (row: OldRow) => Omit<OldItem, 'traceId'>,
): OldPiece {
  const ended = rows.filter(([, , , status, updatedAt]) => hasEnded(status) && updatedAt <= endedBefore);
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    items: ended.map((row) => ({ traceId: row[2], ...about(row) })),
    next: last ? encodeCursor({ createdAt: last[0], key: last[1] }) : null,
  };
}

function requestBytes([, , , , , bytes, body]: OldRow): number {
  return bytes + ((fromJson(body) as PayloadRef | undefined)?.bytes ?? 0) + PROCESS_OVERHEAD_BYTES;
}

function bodyOf(head: string | null): unknown {
  return (fromJson(head) as { body: PayloadRef } | undefined)?.body;
}

function isRowId(key: unknown): key is number {
  return Number.isSafeInteger(key);
}
