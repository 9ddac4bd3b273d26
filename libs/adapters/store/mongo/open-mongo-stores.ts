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
import type { Encryption } from '#encryption';
import type { ConnectionKeeperOptions } from '../../connection/index.js';
import { ConnectionKeeper } from '../../connection/index.js';
import { KeptBytesTotal } from './kept-bytes.js';
import { MongoApiKeyStore } from './mongo-api-key-store.js';
import { MongoAuditStore } from './mongo-audit-store.js';
import { MongoDatabase } from './mongo-database.js';
import { MongoDeadLetterStore } from './mongo-dead-letter-store.js';
import { MongoIdempotencyStore } from './mongo-idempotency-store.js';
import { MongoKeyStore } from './mongo-key-store.js';
import { MongoLogStore } from './mongo-log-store.js';
import { MongoProcessStore } from './mongo-process-store.js';
import { MongoProjectStore } from './mongo-project-store.js';
import { MongoRetentionStore } from './mongo-retention-store.js';
import { MongoSdkStore } from './mongo-sdk-store.js';
import { MongoSpecStore } from './mongo-spec-store.js';

export interface MongoStoresOptions extends Pick<
  ConnectionKeeperOptions,
  'print' | 'onFailure' | 'firstPauseMs' | 'longestPauseMs'
> {
  /** `mongodb://` or `mongodb+srv://`, with the database's name in its path. */
  readonly uri: string;
  readonly clock: Clock;
  /** What all contents are encrypted with. */
  readonly encryption: Encryption;
  /** How long a caller waits for the answer to one command before it is told `Unavailable`, in milliseconds (3,000). */
  readonly timeoutMs?: number | undefined;
}

export interface MongoStores {
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
  /** Keeps the connection: its `state` for health, `connected()` to wait for it. It has been started. */
  readonly keeper: ConnectionKeeper;
  /** Ends the connection. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * The stores on a MongoDB server. Returns at once; the connection is made, and made again, in the background, and
 * until there is one every method rejects with `Unavailable`.
 */
export function openMongoStores(options: MongoStoresOptions): MongoStores {
  const { uri, clock, encryption, timeoutMs, ...keeping } = options;
  const database = new MongoDatabase({ uri, clock, encryption, timeoutMs });
  const keeper = new ConnectionKeeper({ name: 'MongoDB', clock, connect: () => database.connect(), ...keeping });
  keeper.start();
  const kept = new KeptBytesTotal(database);
  return {
    specs: new MongoSpecStore(database, encryption),
    processes: new MongoProcessStore(database, kept, encryption),
    sdks: new MongoSdkStore(database),
    idempotency: new MongoIdempotencyStore(database),
    keys: new MongoKeyStore(database, encryption),
    projects: new MongoProjectStore(database),
    apiKeys: new MongoApiKeyStore(database),
    audit: new MongoAuditStore(database),
    deadLetters: new MongoDeadLetterStore(database, encryption),
    logs: new MongoLogStore(database, clock, kept, encryption),
    retention: new MongoRetentionStore(database, kept),
    keeper,
    close: async () => {
      // Else it is made good when all is counted anew.
      await kept.flush().catch(() => undefined);
      await keeper.close();
    },
  };
}
