import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import type { StoreHarness } from '#testing';
import {
  FakeClock,
  runApiKeyStoreConformance,
  runAuditStoreConformance,
  runDeadLetterStoreConformance,
  runIdempotencyStoreConformance,
  runKeyStoreConformance,
  runLogStoreConformance,
  runProcessStoreConformance,
  runProjectStoreConformance,
  runRetentionStoreConformance,
  runSdkStoreConformance,
  runSpecStoreConformance,
} from '#testing';
import type { SqliteStores } from './index.js';
import { openSqliteStores } from './index.js';

const clock = new FakeClock();
let root: string;
let opened = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'callboard-sqlite-'));
  const template = await openSqliteStores({ folder: join(root, 'template'), clock });
  await template.close();
});
afterAll(() => rm(root, { recursive: true }));

/** All stores in a folder of their own. The second worker has the same objects: only one process may open a folder. */
async function all(): Promise<StoreHarness<SqliteStores>> {
  const folder = join(root, `store-${(opened += 1)}`);
  await mkdir(folder);
  // A closed database is whole in its file; what lies beside it goes when the binding's memory is collected.
  for (const file of ['callboard.db', 'logs.db', 'callboard.key'])
    await copyFile(join(root, 'template', file), join(folder, file));
  const stores = await openSqliteStores({ folder, clock });
  return { store: stores, other: stores, close: () => stores.close() };
}

/** One of them. */
function fresh<Name extends Exclude<keyof SqliteStores, 'close' | 'mayHoldPlain'>>(name: Name) {
  return async (): Promise<StoreHarness<SqliteStores[Name]>> => {
    const harness = await all();
    return { store: harness.store[name], other: harness.other[name], close: () => harness.close() };
  };
}

runSpecStoreConformance('SqliteSpecStore', fresh('specs'));
runProcessStoreConformance('SqliteProcessStore', fresh('processes'));
runSdkStoreConformance('SqliteSdkStore', fresh('sdks'));
runLogStoreConformance('SqliteLogStore', fresh('logs'));
runRetentionStoreConformance('SqliteRetentionStore', all);
runIdempotencyStoreConformance('SqliteIdempotencyStore', fresh('idempotency'));
runKeyStoreConformance('SqliteKeyStore', fresh('keys'));
runProjectStoreConformance('SqliteProjectStore', fresh('projects'));
runApiKeyStoreConformance('SqliteApiKeyStore', fresh('apiKeys'));
runAuditStoreConformance('SqliteAuditStore', fresh('audit'));
runDeadLetterStoreConformance('SqliteDeadLetterStore', all);
