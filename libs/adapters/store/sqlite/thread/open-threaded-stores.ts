import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Unavailable } from '#core';
import type { KeyRing } from '#encryption';
import type { SqliteStores } from '../open-sqlite-stores.js';
import { rememberSpecs } from './remember-specs.js';
import { StoreClient } from './store-client.js';
import { LISTENED, STORE_METHODS, STREAMED } from './store-methods.js';
import type { StoreName } from './store-methods.js';
import { unpackError } from './wire.js';
import type { FromThread } from './wire.js';

export interface ThreadedStoresOptions {
  /** Where the files lie; see `openSqliteStores`. */
  readonly folder: string;
  /** What all contents are encrypted with; see `openSqliteStores`. */
  readonly keys?: KeyRing | undefined;
  /** Told when the thread ends before `close`: everything that is asked of the stores from then on is refused. */
  readonly onLost: (error: unknown) => void;
}

/** Short-lived rows and texts are most of what it makes. In MiB. */
const NURSERY_MB = 16;

/**
 * Opens the embedded stores in a thread of their own, where SQLite, whose calls wait for the disk, holds nobody up.
 * Everything is as with `openSqliteStores`, but for the time, which is the system's.
 * @throws as `openSqliteStores` does.
 */
export async function openThreadedStores({ folder, keys, onLost }: ThreadedStoresOptions): Promise<SqliteStores> {
  const thread = startThread(folder, keys);
  const [first] = (await once(thread, 'message')) as [FromThread];
  if (typeof first === 'object' && 'refused' in first) {
    await once(thread, 'exit');
    throw unpackError(first.refused);
  }
  const client = new StoreClient(thread);
  const ended = once(thread, 'exit');
  let closing: Promise<void> | undefined;
  thread.on('error', (error) => client.lose(error));
  thread.on('exit', () => {
    if (closing) return;
    const error = new Unavailable('DATABASE_CLOSED', 'Expected the thread of the database to run, but it has ended.');
    onLost(client.lose(error));
  });
  const end = async (): Promise<void> => {
    client.close();
    await ended;
  };
  const mayHoldPlain = typeof first === 'object' && 'mayHoldPlain' in first && first.mayHoldPlain;
  return storesOf(client, mayHoldPlain, () => (closing ??= end()));
}

/** The stores that a client asks. */
export function storesOf(client: StoreClient, mayHoldPlain: boolean, close: () => Promise<void>): SqliteStores {
  return {
    specs: rememberSpecs(storeOf(client, 'specs')),
    processes: storeOf(client, 'processes'),
    sdks: storeOf(client, 'sdks'),
    idempotency: storeOf(client, 'idempotency'),
    keys: storeOf(client, 'keys'),
    projects: storeOf(client, 'projects'),
    apiKeys: storeOf(client, 'apiKeys'),
    audit: storeOf(client, 'audit'),
    deadLetters: storeOf(client, 'deadLetters'),
    retention: storeOf(client, 'retention'),
    logs: storeOf(client, 'logs'),
    mayHoldPlain,
    close,
  };
}

/** The compiled entry stands beside this file; from source it runs through tsx, which the product does not need. */
function startThread(folder: string, keys: KeyRing | undefined): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './store-thread.ts' : './store-thread.js', import.meta.url);
  const fromSource = `import('tsx/esm/api').then(({ register }) => { register(); return import('${entry.href}'); })`;
  return new Worker(isSource ? fromSource : entry, {
    eval: isSource,
    workerData: { folder, keys: keys?.toText() },
    // Those of this process are for its main thread.
    execArgv: isSource ? ['--conditions=callboard-source'] : [],
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
  });
}

/** An object with the methods of a store, each of which asks the thread. */
function storeOf<Name extends StoreName>(client: StoreClient, store: Name): SqliteStores[Name] {
  const entries = STORE_METHODS[store].map((method) => [method, asking(client, store, method)]);
  return Object.fromEntries(entries) as SqliteStores[Name];
}

function asking(client: StoreClient, store: StoreName, method: string): (...args: unknown[]) => unknown {
  if (STREAMED.has(method)) return (...args) => client.stream(store, method, args);
  if (!LISTENED.has(method)) return (...args) => client.call(store, method, args);
  return (listener) => {
    client.listen(store, method, listener as (arg: unknown) => void);
    return true;
  };
}
