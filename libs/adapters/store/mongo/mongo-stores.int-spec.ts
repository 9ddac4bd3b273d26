import { afterAll, beforeAll, describe } from '@jest/globals';
import { mongo } from 'mongoose';
import { newTraceId } from '#core';
import type { StoreHarness } from '#testing';
import {
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
  SAMPLE_TIME,
  sampleEncryption,
} from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import { SystemClock } from '../../clock/index.js';
import type { MongoStores } from './index.js';
import { openMongoStores } from './index.js';

type StoreName = 'specs' | 'processes' | 'sdks' | 'idempotency' | 'keys' | 'projects' | 'apiKeys' | 'audit' | 'logs';

// Two servers that nobody in common wrote: what both do alike is no quirk of one.
describeWithServer(['MONGODB_URI'], 'The MongoDB stores', ({ MONGODB_URI = '' }) => conform(MONGODB_URI));
describeWithServer(['MONGODB_SECOND_URI'], 'The MongoDB stores on a second server', (env) =>
  conform(env.MONGODB_SECOND_URI ?? ''),
);

function conform(address: string): void {
  let stores: MongoStores;
  let others: MongoStores;
  let admin: mongo.MongoClient;

  beforeAll(async () => {
    const uri = new URL(address);
    uri.pathname = `/callboard_test_${newTraceId()}`;
    const encryption = sampleEncryption();
    const open = (): MongoStores => {
      // FerretDB answers slowly on a busy machine.
      return openMongoStores({ uri: uri.href, clock: new SystemClock(), encryption, timeoutMs: 10_000 });
    };
    [stores, others] = [open(), open()];
    admin = await mongo.MongoClient.connect(uri.href);
    await Promise.all([stores.keeper.connected(), others.keeper.connected()]);
  });
  afterAll(async () => {
    await Promise.all([stores.close(), others.close()]);
    await admin.db().dropDatabase();
    await admin.close();
  });

  /** Two workers' stores on the same collections, emptied. */
  async function all(): Promise<StoreHarness<MongoStores>> {
    // Whatever they have still to add to totals is added before those are emptied.
    for (const { retention } of [stores, others]) await retention.keptBytes(SAMPLE_TIME);
    const collections = await admin.db().listCollections({}, { nameOnly: true }).toArray();
    for (const collection of collections) await admin.db().collection(collection.name).deleteMany({});
    return { store: stores, other: others, close: () => Promise.resolve() };
  }
  function empty<Name extends StoreName>(name: Name) {
    return async (): Promise<StoreHarness<MongoStores[Name]>> => {
      const harness = await all();
      return { store: harness.store[name], other: harness.other[name], close: () => harness.close() };
    };
  }

  describe('conform', () => {
    runSpecStoreConformance('MongoSpecStore', empty('specs'));
    runProcessStoreConformance('MongoProcessStore', empty('processes'));
    runSdkStoreConformance('MongoSdkStore', empty('sdks'));
    runRetentionStoreConformance('MongoRetentionStore', all);
    runLogStoreConformance('MongoLogStore', empty('logs'));
    runIdempotencyStoreConformance('MongoIdempotencyStore', empty('idempotency'));
    runKeyStoreConformance('MongoKeyStore', empty('keys'));
    runProjectStoreConformance('MongoProjectStore', empty('projects'));
    runApiKeyStoreConformance('MongoApiKeyStore', empty('apiKeys'));
    runAuditStoreConformance('MongoAuditStore', empty('audit'));
    runDeadLetterStoreConformance('MongoDeadLetterStore', all);
  });
}
