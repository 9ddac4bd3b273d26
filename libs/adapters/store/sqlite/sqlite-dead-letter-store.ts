import { setImmediate } from 'node:timers/promises';
import type { DeadLetter, DeadLetterKind, DeadLetterPage, DeadLetterQuery, DeadMessage } from '#core';
import { DeadLetterStore, isTraceId } from '#core';
import type { Encryption } from '#encryption';
import {
  decodeLetterText,
  decodeRecord,
  encodeLetterText,
  encodeRecord,
  entryOf,
  kindsOf,
  letterPlace,
  mergeLetters,
  planLetters,
} from '../dead-letter-scan.js';
import type { LetterEntry, ReadLetters } from '../dead-letter-scan.js';
import { decodeCursor, encodeCursor } from '../list-cursor.js';
import type { ListPlace } from '../list-cursor.js';
import { scanList } from '../list-scan.js';
import { fromJson } from '../payload-encoding.js';
import type { SqlRow, SqliteDatabase } from './sqlite-database.js';

/** How many letters go in one transaction. */
const PIECE = 100;

const SQL = {
  append: 'INSERT OR IGNORE INTO dead_message (trace_id, project, at, record, payload) VALUES (?, ?, ?, ?, ?)',
  payload: 'SELECT payload, record FROM dead_message WHERE trace_id = ? AND project = ?',
  removeMessage: 'DELETE FROM dead_message WHERE trace_id = ? AND project = ?',
  sweep: `
  DELETE FROM dead_message WHERE id IN (SELECT id FROM dead_message WHERE at < ? ORDER BY at LIMIT ?)`,
  removeProcess: 'UPDATE process SET dead_at = NULL WHERE trace_id = ? AND project = ? AND dead_at IS NOT NULL',
  // The index is named in each, so that none ever falls back to reading the table.
  process: `
  SELECT trace_id, dead_at, service, spec_trace_id, error, json_array_length(coalesce(calls, '[]'))
  FROM process INDEXED BY process_dead
  WHERE project = ? AND dead_at IS NOT NULL AND dead_at >= ? AND (dead_at, trace_id) < (?, ?)
  ORDER BY dead_at DESC, trace_id DESC LIMIT ?`,
  message: `
  SELECT trace_id, at, record FROM dead_message INDEXED BY dead_message_newest
  WHERE project = ? AND at >= ? AND (at, trace_id) < (?, ?) ORDER BY at DESC, trace_id DESC LIMIT ?`,
} as const;

/** Dead letters in SQLite: messages in a table, processes by their mark. */
export class SqliteDeadLetterStore extends DeadLetterStore {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async append(letter: DeadMessage, payload: string | undefined): Promise<void> {
    const content = payload === undefined ? null : encodeLetterText(letter, payload, this.encryption);
    const row = [letter.traceId, letter.project, letter.at, encodeRecord(letter, this.encryption), content];
    await this.database.write(() => this.database.statement(SQL.append).run(row));
  }

  async list(project: string, query: DeadLetterQuery): Promise<DeadLetterPage> {
    const { limit, cursor } = query;
    const start = decodeCursor(cursor, isTraceId);
    const read = mergeLetters(kindsOf(query).map((kind) => this.reader(kind, project, query)));
    const { hits, next } = await scanList<string, LetterEntry>(planLetters(query), { limit, start }, read);
    return { letters: hits.map(({ letter }) => letter), next: next && encodeCursor(next) };
  }

  async payload(project: string, traceId: string): Promise<string | null> {
    return this.database.read(() => {
      const [content, record] = this.database.statement(SQL.payload).get([traceId, project]) ?? [];
      if (!Buffer.isBuffer(content)) return null;
      return decodeLetterText(content, record as string, letterPlace({ project, traceId }), this.encryption);
    });
  }

  async remove(project: string, traceIds: readonly string[]): Promise<number> {
    let removed = 0;
    for (let from = 0; from < traceIds.length; from += PIECE) {
      const piece = traceIds.slice(from, from + PIECE);
      removed += await this.database.write(() => {
        const run = (sql: string, traceId: string) => this.database.statement(sql).run([traceId, project]).changes;
        return piece.reduce((sum, id) => sum + run(SQL.removeProcess, id) + run(SQL.removeMessage, id), 0);
      });
    }
    return removed;
  }

  async sweep(before: number, limit: number): Promise<number> {
    return this.database.write(() => this.database.statement(SQL.sweep).run([before, limit]).changes);
  }

  private reader(kind: DeadLetterKind, project: string, query: DeadLetterQuery): ReadLetters {
    const { from = Number.MIN_SAFE_INTEGER, before = Number.MAX_SAFE_INTEGER } = query;
    const letterOf = (row: SqlRow) =>
      kind === 'process' ? processLetter(project, row) : messageLetter(project, row, this.encryption);
    return async (place, count) => {
      // Nothing else runs while SQLite does.
      if (place) await setImmediate();
      const { createdAt, key } = earlier(place, { createdAt: before, key: '' });
      const row = [project, from, createdAt, key, count];
      return this.database.read(() =>
        this.database
          .statement(SQL[kind])
          .all(row)
          .map((each) => entryOf(letterOf(each))),
      );
    };
  }
}

function processLetter(project: string, [traceId, at, service, specTraceId, error, attempts]: SqlRow): DeadLetter {
  return {
    ...{ kind: 'process', traceId: traceId as string, project, at: at as number },
    service: service as string,
    specTraceId: specTraceId as string | null,
    reason: (fromJson(error as string | null) as string | undefined) ?? '',
    attempts: attempts as number,
  };
}

function messageLetter(project: string, [id, at, record]: SqlRow, encryption: Encryption): DeadLetter {
  const traceId = id as string;
  return {
    ...{ kind: 'message', traceId, project, at: at as number },
    ...decodeRecord(record as string, letterPlace({ project, traceId }), encryption),
  };
}

function earlier(place: ListPlace<string> | null, end: ListPlace<string>): ListPlace<string> {
  return place && place.createdAt < end.createdAt ? place : end;
}
