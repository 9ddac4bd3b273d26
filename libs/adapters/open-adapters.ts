import type { Config } from '#config';
import type {
  ApiKeyStore,
  AuditStore,
  BlobStore,
  CallerLimits,
  Clock,
  DeadLetterStore,
  FlowControl,
  IdempotencyStore,
  KeyStore,
  LogStore,
  MessageBus,
  ProcessStore,
  ProjectStore,
  ResponseCache,
  RetentionStore,
  SdkStore,
  SpecStore,
} from '#core';
import { AppError } from '#core';
import { Encryption, KeyRing, openKeyFile } from '#encryption';
import type { Opened } from './opened.js';
import { openBlobs } from './blobs/open-blobs.js';
import { InProcessBus } from './bus/in-process/index.js';
import { MemoryCallerLimits } from './caller-limits/memory/index.js';
import { MemoryResponseCache } from './cache/memory/index.js';
import { MemoryFlowControl } from './flow/memory/index.js';
import { openThreadedStores } from './store/sqlite/index.js';

/** Why a database is not opened however often that is tried. */
const NEVER_OPENS = new Set(['ENCRYPTION_KEY_WRONG', 'ENCRYPTION_STATE_GONE']);

/** The ports of one process, each on the backend that the configuration names. */
export interface Adapters {
  readonly clock: Clock;
  readonly specs: SpecStore;
  readonly processes: ProcessStore;
  readonly sdks: SdkStore;
  readonly logs: LogStore;
  readonly retention: RetentionStore;
  readonly idempotency: IdempotencyStore;
  readonly keys: KeyStore;
  readonly projects: ProjectStore;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditStore;
  readonly deadLetters: DeadLetterStore;
  readonly bus: MessageBus;
  readonly cache: ResponseCache;
  readonly flow: FlowControl;
  readonly callerLimits: CallerLimits;
  readonly blobs: BlobStore;
  /** Closes what was opened, the bus first. Safe to call twice. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly clock: Clock;
  /** Takes the lines for people about connections. */
  readonly print: (line: string) => void;
  /** Takes a sentence that an operator should act on. */
  readonly warn: (sentence: string) => void;
  /** Told of each connection that is made; the address is the configured one, credentials and all. */
  readonly onConnected: (server: string, address: string) => void;
  /** Told what goes wrong with a backend while work goes on. */
  readonly onFault: (backend: string, error: unknown) => void;
  /** Told that an embedded backend has ended for good: this process can do nothing more. */
  readonly onLost: (error: unknown) => void;
}

/** What processes share but for the database. */
type Shared = Pick<Adapters, 'cache' | 'flow' | 'callerLimits'>;

type Stores = Omit<Adapters, 'clock' | 'blobs' | keyof Shared | 'bus' | 'close'>;

/**
 * The one switch: opens what the configuration names, and embedded backends for the rest. Connections to servers are
 * made in the background. The client libraries of servers are loaded only where they are used.
 * @throws Unavailable or InvalidInput, in one sentence, when an embedded backend cannot be used.
 */
export async function openAdapters(config: Config, options: OpenOptions): Promise<Adapters> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  const keep = <T>({ port, close: closer }: Opened<T>): T => {
    closers.push(closer);
    return port;
  };
  try {
    const encryption = new Encryption(keysOf(config, options));
    const stores = keep(await openStores(config, encryption, options));
    const blobs = keep(await openBlobs(config, encryption));
    const shared = keep(await openShared(config, encryption, options));
    const bus = keep(await openBus(config, encryption, options));
    const { specs, processes, sdks, idempotency, keys, projects, apiKeys, audit, deadLetters, logs, retention } =
      stores;
    const kept = { specs, processes, sdks, idempotency, keys, projects, apiKeys, audit, deadLetters, logs, retention };
    return { clock: options.clock, ...kept, blobs, ...shared, bus, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The keys that are configured; without any, those of the key file. */
function keysOf({ callboardEncryptionKey, callboardDataDir }: Config, { warn }: OpenOptions): KeyRing {
  const configured = callboardEncryptionKey === undefined ? undefined : KeyRing.parse(callboardEncryptionKey);
  if (configured) return configured;
  const { keys, file, isNew } = openKeyFile(callboardDataDir);
  if (isNew)
    warn(`Made the key file ${file}. Without it nothing that is kept can be read: keep a copy, apart from backups.`);
  return keys;
}

async function openStores(config: Config, encryption: Encryption, options: OpenOptions): Promise<Opened<Stores>> {
  const { clock, onLost } = options;
  if (config.mongodbUri === undefined) {
    const stores = await openThreadedStores({ folder: config.callboardDataDir, keys: encryption.keys, onLost });
    encryption.acceptsPlain = stores.mayHoldPlain;
    return { port: stores, close: () => stores.close() };
  }
  const { openMongoStores } = await import('./store/mongo/index.js');
  const { print, onFailure } = connectionListeners('MongoDB', config.mongodbUri, options);
  const stores = openMongoStores({
    uri: config.mongodbUri,
    clock,
    encryption,
    print,
    onFailure: (error) => {
      // Another key will never do: this process must not be taken for one that waits for its server.
      if (error instanceof AppError && NEVER_OPENS.has(error.code)) onLost(error);
      else onFailure(error);
    },
  });
  return { port: stores, close: () => stores.close() };
}

/** On Redis, or each process has its own. */
async function openShared(config: Config, encryption: Encryption, options: OpenOptions): Promise<Opened<Shared>> {
  const { clock, onFault } = options;
  if (config.redisUrl === undefined) {
    const cache = new MemoryResponseCache({ clock, maxBytes: config.cacheMaxBytes });
    const port = { cache, flow: new MemoryFlowControl(clock), callerLimits: new MemoryCallerLimits(clock) };
    return { port, close: async () => undefined };
  }
  const { RedisResponseCache } = await import('./cache/redis/index.js');
  const { RedisFlowControl } = await import('./flow/redis/index.js');
  const { RedisCallerLimits } = await import('./caller-limits/redis/index.js');
  const tell = (fault: string, count: number) => onFault('Redis', new Error(`${fault} (${count} times)`));
  const cache = new RedisResponseCache({
    url: config.redisUrl,
    clock,
    encryption,
    ...connectionListeners('Redis', config.redisUrl, options),
    onFault: tell,
  });
  const common = { connection: cache.connection, clock, onFault: tell };
  const flow = new RedisFlowControl(common);
  const callerLimits = new RedisCallerLimits({ ...common, encryption });
  cache.start();
  return { port: { cache, flow, callerLimits }, close: () => cache.close() };
}

async function openBus(config: Config, encryption: Encryption, options: OpenOptions): Promise<Opened<MessageBus>> {
  const { clock, onFault } = options;
  if (config.rabbitmqUrl === undefined) {
    const port = new InProcessBus({ clock });
    return { port, close: () => port.close() };
  }
  const { RabbitBus } = await import('./bus/rabbitmq/index.js');
  const port = new RabbitBus({
    url: config.rabbitmqUrl,
    clock,
    encryption,
    prefix: config.rabbitmqPrefix,
    ...connectionListeners('RabbitMQ', config.rabbitmqUrl, options),
    onDeadLetter: (letter) => onFault('RabbitMQ', new Error(`dead letter: ${letter.reason}`)),
  });
  port.start();
  return { port, close: () => port.close() };
}

/** The lines of the contract about one connection; what led to them goes with the faults. */
function connectionListeners(name: string, url: string, { print, onConnected, onFault }: OpenOptions) {
  return {
    print: (line: string) => {
      print(line);
      if (line.startsWith('✅')) onConnected(name, url);
    },
    onFailure: (error: unknown) => onFault(name, error),
  };
}
