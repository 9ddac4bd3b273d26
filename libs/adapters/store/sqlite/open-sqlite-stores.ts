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
import { Encryption, openKeyFile } from '#encryption';
import type { KeyRing } from '#encryption';
import { KeptBytesTotal } from './kept-bytes.js';
import { settleSqliteKeys } from './key-state.js';
import { openFiles } from './open-files.js';
import { SqliteApiKeyStore } from './sqlite-api-key-store.js';
import { SqliteAuditStore } from './sqlite-audit-store.js';
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
  /** What all contents are encrypted with (those of the key file in the folder, which is made when it is missing). */
  readonly keys?: KeyRing | undefined;
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
  /** Whether something may be in the files that an older release has stored plain. */
  readonly mayHoldPlain: boolean;
  /** Commits what is under way, closes the files and lets the folder go. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the embedded stores. The folder belongs to this process until `close` or its death; the leases that a former
 * process left are ended, so that its work resumes at once.
 * @throws Unavailable when the folder cannot be written or another process has it; InvalidInput when a newer release
 *   wrote the files, or they are encrypted with another key. All but the last name the place.
 */
export async function openSqliteStores({ folder, clock, keys: given }: SqliteStoresOptions): Promise<SqliteStores> {
  const { main, logging, close: closeFiles } = openFiles(folder);
  const close = async () => closeFiles();
  try {
    const encryption = new Encryption(given ?? openKeyFile(folder).keys);
    await settleSqliteKeys(main, encryption);
    const specs = new SqliteSpecStore(main, encryption);
    const kept = new KeptBytesTotal(main);
    const processes = new SqliteProcessStore(main, kept, encryption);
    const sdks = new SqliteSdkStore(main);
    await Promise.all([specs.resume(), processes.resume(clock.now()), sdks.resume()]);
    const idempotency = new SqliteIdempotencyStore(main);
    const keys = new SqliteKeyStore(main, encryption);
    const logs = new SqliteLogStore(logging, clock, encryption);
    const retention = new SqliteRetentionStore(main, kept);
    const deadLetters = new SqliteDeadLetterStore(main, encryption);
    const [apiKeys, audit] = [new SqliteApiKeyStore(main), new SqliteAuditStore(main)];
    const projects = new SqliteProjectStore(main);
    const { acceptsPlain: mayHoldPlain } = encryption;
    const about = { keys, projects, apiKeys, audit, deadLetters, logs, retention };
    return { specs, processes, sdks, idempotency, ...about, mayHoldPlain, close };
  } catch (error) {
    closeFiles();
    throw error;
  }
}
