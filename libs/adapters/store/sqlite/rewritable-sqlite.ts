import { setImmediate } from 'node:timers/promises';
import { AppError } from '#core';
import { mayNeedRewriting } from '#encryption';
import type { RewritingEncryption } from '#encryption';
import type { RewritableDatabase, RewritablePart, RewrittenPiece } from '../../rewriting/rewritable-store.js';
import { KeptBytesTotal } from './kept-bytes.js';
import { noteRewritten, settleSqliteKeys } from './key-state.js';
import { logTable, RowRewriter } from './rewrite-rows.js';
import type { RewritableTable } from './rewrite-rows.js';
import { openFiles } from './open-files.js';
import type { SqliteDatabase, SqlValue } from './sqlite-database.js';

/** How many rows share a transaction. */
const PIECE = 200;
/** Writes the file anew, without what was ever removed or replaced: that could be read by whoever has a copy. */
const WITHOUT_REMAINS = 'VACUUM';

/**
 * Opens the embedded database to be rewritten. The folder belongs to this process until `close`.
 * @throws as `openSqliteStores` does.
 */
export async function openRewritableSqlite(
  folder: string,
  encryption: RewritingEncryption,
): Promise<RewritableDatabase> {
  const { main, logging, close } = openFiles(folder);
  try {
    const state = await settleSqliteKeys(main, encryption);
    const rewriter = new RowRewriter(main, encryption, new KeptBytesTotal(main));
    return {
      parts: [...rewriter.tables.map((table) => partOf(main, table)), partOf(logging, logTable(logging, encryption))],
      mayNeedIt: async () => mayNeedRewriting(encryption, state),
      finish: async () => {
        if (state.mayHoldPlain) for (const database of [main, logging]) database.exec(WITHOUT_REMAINS);
        await noteRewritten(main, encryption);
      },
      close: async () => close(),
    };
  } catch (error) {
    close();
    throw error;
  }
}

function partOf(database: SqliteDatabase, table: RewritableTable): RewritablePart {
  const { name, start, count, rows, rewrite } = table;
  const piece = (after: SqlValue): { piece: RewrittenPiece; last: SqlValue | null } => {
    const found = database.statement(rows).all([after, PIECE]);
    const unreadable: string[] = [];
    let stale = 0;
    for (const row of found) {
      try {
        if (rewrite(row)) stale += 1;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        unreadable.push(error.message);
      }
    }
    const last = found.length < PIECE ? null : (found.at(-1)?.[0] ?? null);
    return { piece: { seen: found.length, stale, unreadable }, last };
  };
  return {
    name,
    count: async () => database.read(() => database.statement(count).get([])?.[0] as number),
    rewrite: async function* () {
      for (let after: SqlValue | null = start; after !== null;) {
        const result = await database.write(() => piece(after));
        yield result.piece;
        after = result.last;
        await setImmediate();
      }
    },
  };
}
