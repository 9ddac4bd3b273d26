import { AppError, Unavailable } from '#core';

/** Result codes with which SQLite says that it cannot serve just now: https://www.sqlite.org/rescode.html */
const SENTENCES: readonly (readonly [prefix: string, code: string, sentence: string])[] = [
  ['SQLITE_FULL', 'DATABASE_FULL', 'Expected room to write to the database, but the disk is full.'],
  ['SQLITE_READONLY', 'DATABASE_READ_ONLY', 'Expected to write to the database, but it is read-only.'],
  ['SQLITE_PERM', 'DATABASE_READ_ONLY', 'Expected to write to the database, but permission was denied.'],
  ['SQLITE_CANTOPEN', 'DATABASE_UNREACHABLE', 'Expected to open the database, but its file cannot be opened.'],
  ['SQLITE_IOERR', 'DATABASE_UNREACHABLE', 'Expected the disk to serve the database, but it reported an I/O error.'],
  ['SQLITE_BUSY', 'DATABASE_BUSY', 'Expected the database to be free, but another program holds it.'],
  ['SQLITE_LOCKED', 'DATABASE_BUSY', 'Expected the database to be free, but another program holds it.'],
  ['SQLITE_NOMEM', 'DATABASE_UNREACHABLE', 'Expected memory for a database query, but there was none.'],
  ['SQLITE_CORRUPT', 'DATABASE_DAMAGED', 'Expected a sound database file, but it is damaged: restore a copy of it.'],
  ['SQLITE_NOTADB', 'DATABASE_DAMAGED', 'Expected a database file, but the file holds something else.'],
];

/**
 * What a failure of the binding means to a caller: `Unavailable` where the environment is to blame. Anything else
 * (our own errors, mistakes in our SQL) comes back as it is.
 */
export function translateSqliteError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const known = SENTENCES.find(([prefix]) => code.startsWith(prefix));
  return known ? new Unavailable(known[1], known[2], { cause: error }) : error;
}

/** Whether a statement was refused by a UNIQUE constraint; only that statement was undone then. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE';
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // A file that cannot even be opened is told without a code, only with SQLite's number for it at the end.
  return error instanceof Error && error.message.includes('Unable to open connection') ? 'SQLITE_CANTOPEN' : '';
}
