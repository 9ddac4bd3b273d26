import { join } from 'node:path';
import { FolderLock } from './folder-lock.js';
import { LOG_MIGRATIONS, MAIN_MIGRATIONS } from './schema.js';
import { SqliteDatabase } from './sqlite-database.js';

/** The files of an embedded database; the folder belongs to this process until `close` or its death. */
export interface SqliteFiles {
  readonly main: SqliteDatabase;
  readonly logging: SqliteDatabase;
  /** Commits what is under way, closes the files and lets the folder go. Safe to call twice. */
  readonly close: () => void;
}

/**
 * Opens both files, or makes them.
 * @throws Unavailable when the folder cannot be written or another process has it; InvalidInput when a newer release
 *   wrote the files.
 */
export function openFiles(folder: string): SqliteFiles {
  const lock = FolderLock.take(folder);
  const opened: SqliteDatabase[] = [];
  const close = (): void => {
    try {
      for (const database of opened) database.close();
    } finally {
      lock.release();
    }
  };
  try {
    const main = SqliteDatabase.open({
      file: join(folder, 'callboard.db'),
      migrations: MAIN_MIGRATIONS,
      synchronous: 'FULL',
    });
    opened.push(main);
    const logging = SqliteDatabase.open({
      file: join(folder, 'logs.db'),
      migrations: LOG_MIGRATIONS,
      synchronous: 'NORMAL',
      cacheKib: 2_048,
    });
    opened.push(logging);
    return { main, logging, close };
  } catch (error) {
    close();
    throw error;
  }
}
