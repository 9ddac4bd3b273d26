import Database from 'libsql';
import { InvalidInput, Unavailable, messageOf } from '#core';
import { createPrivateFile } from './folder-lock.js';
import { GroupCommit } from './group-commit.js';
import { translateSqliteError } from './sqlite-errors.js';

/**
 * What a statement can be given. Nothing else is bound ever: the binding aborts the process on a boolean and cuts
 * text at a NUL character when it reads, so free text goes in as JSON.
 */
export type SqlValue = string | number | Buffer | null;
export type SqlRow = readonly SqlValue[];

export interface SqliteDatabaseOptions {
  readonly file: string;
  /** Statements that lead from each schema version to the next one; the file's version is how many were applied. */
  readonly migrations: readonly string[];
  /** `FULL`: a commit survives a power cut. `NORMAL`: it survives a crash of the process. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Pages of the file that are kept in memory, in KiB (16,384). */
  readonly cacheKib?: number | undefined;
}

const USED_BYTES = `
  SELECT (page_count - freelist_count) * page_size
  FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`;

/** What goes with every transaction of changes. What it throws undoes that. */
export interface TransactionListener {
  /** A transaction begins: what was noted for one that was undone is void. */
  begun(): void;
  /** All changes of the transaction were made: the last chance to write along with them. */
  committing(): void;
}

/** One database file, its prepared statements, and the one queue of its changes. */
export class SqliteDatabase {
  private readonly statements = new Map<string, PreparedStatement>();
  private readonly commits: GroupCommit;
  private readonly listeners: TransactionListener[] = [];
  private closed = false;

  private constructor(private readonly connection: Database.Database) {
    this.commits = new GroupCommit(
      {
        begin: () => {
          connection.exec('BEGIN IMMEDIATE');
          for (const listener of this.listeners) listener.begun();
        },
        commit: () => {
          for (const listener of this.listeners) listener.committing();
          connection.exec('COMMIT');
        },
        // Some failures (a full disk) have undone the transaction already.
        rollback: () => connection.inTransaction && connection.exec('ROLLBACK'),
      },
      { translate: translateSqliteError },
    );
  }

  /**
   * Opens or creates a file (mode 0600) and brings its schema up to date.
   * @throws Unavailable when the file cannot be used; InvalidInput when a newer version of the product wrote it.
   */
  static open(options: SqliteDatabaseOptions): SqliteDatabase {
    const { file, migrations, synchronous, cacheKib = 16_384 } = options;
    let connection: Database.Database | undefined;
    try {
      createPrivateFile(file);
      connection = new Database(file, { timeout: 1_000 });
      connection.pragma('journal_mode = WAL');
      connection.pragma(`synchronous = ${synchronous}`);
      connection.pragma(`cache_size = -${cacheKib}`);
      connection.pragma('temp_store = MEMORY');
      // After a burst the write-ahead log shrinks back to this.
      connection.pragma('journal_size_limit = 16777216');
      migrate(connection, migrations, file);
      return new SqliteDatabase(connection);
    } catch (error) {
      connection?.close();
      const translated = translateSqliteError(error);
      if (translated instanceof Unavailable || isSystemError(error)) {
        throw new Unavailable('DATABASE_NOT_USABLE', `${messageOf(translated)} (${file})`, { cause: error });
      }
      throw translated;
    }
  }

  /** The statement of this text, prepared once. */
  statement(sql: string): PreparedStatement {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = new PreparedStatement(this.connection.prepare(sql));
      this.statements.set(sql, statement);
    }
    return statement;
  }

  /** Runs a query on what is committed. @throws Unavailable as told by SQLite, or once closed. */
  read<T>(query: () => T): T {
    if (this.closed) throw closedError();
    try {
      return query();
    } catch (error) {
      throw translateSqliteError(error);
    }
  }

  /**
   * Runs a change with its neighbours in one transaction; durable when it resolves. See `GroupCommit.run` for what it
   * may throw.
   */
  write<T>(change: () => T): Promise<T> {
    return this.closed ? Promise.reject(closedError()) : this.commits.run(change);
  }

  onTransaction(listener: TransactionListener): void {
    this.listeners.push(listener);
  }

  /** How many bytes of the file are in use; pages that were freed are not. */
  usedBytes(): number {
    return this.statement(USED_BYTES).get([])?.[0] as number;
  }

  /** For maintenance at start and for tests: statements without parameters, outside any transaction. */
  exec(sql: string): void {
    this.connection.exec(sql);
  }

  /** Commits what was asked for, folds the write-ahead log into the file and closes it. Safe to call twice. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.commits.flushAll();
    this.statements.clear();
    try {
      this.connection.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      this.connection.close();
    }
  }
}

/** A prepared statement with positional (`?`) or named (`:name`) parameters. Rows are arrays in column order. */
export class PreparedStatement {
  constructor(private readonly statement: Database.Statement) {
    // Statements that return nothing refuse the setting.
    if (statement.reader) statement.raw();
  }

  /** @returns how many rows were changed, and the id of the last one inserted. */
  run(parameters: SqlParameters): { changes: number; id: number } {
    const { changes, lastInsertRowid } = this.statement.run(parameters);
    return { changes, id: Number(lastInsertRowid) };
  }

  /** The first row, or undefined. */
  get(parameters: SqlParameters): SqlRow | undefined {
    return this.statement.get(parameters) as SqlRow | undefined;
  }

  all(parameters: SqlParameters): SqlRow[] {
    return this.statement.all(parameters) as SqlRow[];
  }
}

export type SqlParameters = SqlRow | Readonly<Record<string, SqlValue>>;

function migrate(connection: Database.Database, migrations: readonly string[], file: string): void {
  const [row] = connection.pragma('user_version') as [{ user_version: number }];
  const version = row.user_version;
  if (version > migrations.length) {
    throw new InvalidInput(
      'SCHEMA_TOO_NEW',
      `Expected a database of schema version ${migrations.length} or older, got version ${version} at ${file}: ` +
        'it was written by a newer release.',
    );
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    connection.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}

function closedError(): Unavailable {
  return new Unavailable('DATABASE_CLOSED', 'Expected an open database, but it has been closed.');
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
