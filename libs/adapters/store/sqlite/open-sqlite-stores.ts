import { join } from 'node:path';
import type {
  ApiKeyStore,
  AuditStore,
  Clock,
  DeadLetterStore,
  IdempotencyStore,
  KeyStore,
  LogStore,
  ProcessStore,
  ProjectStore,
  RetentionStore,
  SdkStore,
  SpecStore,
} from '#core';
import { FolderLock } from './folder-lock.js';
import { KeptBytesTotal } from './kept-bytes.js';
import { LOG_MIGRATIONS, MAIN_MIGRATIONS } from './schema.js';
import { SqliteApiKeyStore } from './sqlite-api-key-store.js';
import { SqliteAuditStore } from './sqlite-audit-store.js';
import { SqliteDatabase } from './sqlite-database.js';
import { SqliteDeadLetterStore } from './sqlite-dead-letter-store.js';
import { SqliteIdempotencyStore } from './sqlite-idempotency-store.js';
import { SqliteKeyStore } from './sqlite-key-store.js';
import { SqliteLogStore } from './sqlite-log-store.js';
import { SqliteProcessStore } from './sqlite-process-store.js';
import { SqliteProjectStore } from './sqlite-project-store.js';
import { SqliteRetentionStore } from './sqlite-retention-store.js';
import { SqliteSdkStore } from './sqlite-sdk-store.js';
import { SqliteSpecStore } from './sqlite-spec-store.js';

export interface SqliteStoresOptions {
  /** Where `callboard.db`, `logs.db` and `lock.db` lie; made with mode 0700 when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
}

export interface SqliteStores {
  readonly specs: SpecStore;
  readonly processes: ProcessStore;
  readonly sdks: SdkStore;
  readonly idempotency: IdempotencyStore;
  readonly keys: KeyStore;
  readonly projects: ProjectStore;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditStore;
  readonly deadLetters: DeadLetterStore;
  readonly logs: LogStore;
  readonly retention: RetentionStore;
  /** Commits what is under way, closes the files and lets the folder go. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the embedded stores. The folder belongs to this process until `close` or its death; the leases that a former
 * process left are ended, so that its work resumes at once.
 * @throws Unavailable when the folder cannot be written or another process has it; InvalidInput when a newer release
 *   wrote the files. All of them name the place.
 */
export async function openSqliteStores({ folder, clock }: SqliteStoresOptions): Promise<SqliteStores> {
  const lock = FolderLock.take(folder);
  const opened: SqliteDatabase[] = [];
  const close = async (): Promise<void> => {
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
    const specs = new SqliteSpecStore(main);
    const kept = new KeptBytesTotal(main);
    const processes = new SqliteProcessStore(main, kept);
    const sdks = new SqliteSdkStore(main);
    await Promise.all([specs.resume(), processes.resume(clock.now()), sdks.resume()]);
    const idempotency = new SqliteIdempotencyStore(main);
    const [keys, logs] = [new SqliteKeyStore(main), new SqliteLogStore(logging, clock)];
    const retention = new SqliteRetentionStore(main, kept);
    const deadLetters = new SqliteDeadLetterStore(main);
    const [apiKeys, audit] = [new SqliteApiKeyStore(main), new SqliteAuditStore(main)];
    const projects = new SqliteProjectStore(main);
    return { specs, processes, sdks, idempotency, keys, projects, apiKeys, audit, deadLetters, logs, retention, close };
  } catch (error) {
    await close();
    throw error;
  }
}
