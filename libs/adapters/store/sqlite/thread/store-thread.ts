/** What runs in the thread that has the embedded database. */
import { parentPort, workerData } from 'node:worker_threads';
import { SystemClock } from '../../../clock/index.js';
import { KeyRing } from '#encryption';
import { openSqliteStores } from '../open-sqlite-stores.js';
import { StoreServer } from './store-server.js';
import { packError } from './wire.js';
import type { FromThread } from './wire.js';

if (parentPort) {
  const { folder, keys } = workerData as { folder: string; keys: string | undefined };
  let first: FromThread;
  try {
    const given = keys === undefined ? undefined : KeyRing.parse(keys);
    const stores = await openSqliteStores({ folder, clock: new SystemClock(), keys: given });
    new StoreServer(stores, parentPort);
    first = { mayHoldPlain: stores.mayHoldPlain };
  } catch (error) {
    first = { refused: packError(error) };
  }
  parentPort.postMessage(first);
  if ('refused' in first) parentPort.close();
}
