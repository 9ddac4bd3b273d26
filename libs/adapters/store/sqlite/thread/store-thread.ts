/** What runs in the thread that has the embedded database. */
import { parentPort, workerData } from 'node:worker_threads';
import { SystemClock } from '../../../clock/index.js';
import { openSqliteStores } from '../open-sqlite-stores.js';
import { StoreServer } from './store-server.js';
import { packError } from './wire.js';
import type { FromThread } from './wire.js';

if (parentPort) {
  const { folder } = workerData as { folder: string };
  let first: FromThread = 'opened';
  try {
    new StoreServer(await openSqliteStores({ folder, clock: new SystemClock() }), parentPort);
  } catch (error) {
    first = { refused: packError(error) };
  }
  parentPort.postMessage(first);
  if (first !== 'opened') parentPort.close();
}
