import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Conflict, Unavailable } from '#core';
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
  sampleProcess,
  sampleSpec,
} from '#testing';
import type { StoreHarness } from '#testing';
import { openSqliteStores } from '../open-sqlite-stores.js';
import type { SqliteStores } from '../open-sqlite-stores.js';
import { openThreadedStores, storesOf } from './open-threaded-stores.js';
import { StoreClient } from './store-client.js';
import type { StoreName } from './store-methods.js';
import { StoreServer } from './store-server.js';

let root: string;
let opened = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'callboard-threaded-'));
});
afterAll(() => rm(root, { recursive: true }));

function folder(): string {
  return join(root, `store-${(opened += 1)}`);
}

/** Everything but the thread: what is asked and answered crosses a port, as it does between threads. */
async function all(): Promise<StoreHarness<SqliteStores>> {
  const stores = await openSqliteStores({ folder: folder(), clock: new FakeClock() });
  const { port1, port2 } = new MessageChannel();
  new StoreServer(stores, port1);
  const client = new StoreClient(port2);
  const asked = storesOf(client, false, async () => {
    const closed = new Promise((resolve) => port2.once('close', resolve));
    client.close();
    await closed;
  });
  return { store: asked, other: asked, close: () => asked.close() };
}

function fresh<Name extends StoreName>(name: Name) {
  return async (): Promise<StoreHarness<SqliteStores[Name]>> => {
    const harness = await all();
    return { store: harness.store[name], other: harness.other[name], close: () => harness.close() };
  };
}

runSpecStoreConformance('SqliteSpecStore behind a port', fresh('specs'));
runProcessStoreConformance('SqliteProcessStore behind a port', fresh('processes'));
runSdkStoreConformance('SqliteSdkStore behind a port', fresh('sdks'));
runLogStoreConformance('SqliteLogStore behind a port', fresh('logs'));
runIdempotencyStoreConformance('SqliteIdempotencyStore behind a port', fresh('idempotency'));
runKeyStoreConformance('SqliteKeyStore behind a port', fresh('keys'));
runProjectStoreConformance('SqliteProjectStore behind a port', fresh('projects'));
runApiKeyStoreConformance('SqliteApiKeyStore behind a port', fresh('apiKeys'));
runAuditStoreConformance('SqliteAuditStore behind a port', fresh('audit'));
runRetentionStoreConformance('SqliteRetentionStore behind a port', all);
runDeadLetterStoreConformance('SqliteDeadLetterStore behind a port', all);

it('what waits for a thread that is lost is refused with the reason, and so is all that comes', async () => {
  const { port1, port2 } = new MessageChannel();
  const client = new StoreClient(port2);
  const { processes, specs } = storesOf(client, false, async () => undefined);
  const waiting = [processes.nextTimed(), specs.find(null, 'SpecSpecSpecSpec')];
  const lost = new Unavailable('DATABASE_CLOSED', 'The thread has ended.');
  expect(client.lose(lost)).toBe(lost);
  for (const each of [...waiting, processes.nextTimed()]) await expect(each).rejects.toBe(lost);
  expect(client.lose(new Error('another'))).toBe(lost);
  port1.close();
});

describe('what is remembered of Specs', () => {
  it('is read once while nothing changes, by trace id and by name', async () => {
    const harness = await fresh('specs')();
    const { store } = harness;
    const spec = sampleSpec();
    await store.insert(spec);
    const first = await store.find(null, spec.traceId);
    expect(await store.find(spec.project, spec.traceId)).toBe(first);
    expect(await store.findByName(spec.project, spec.name)).toBe(first);
    expect(await store.find('another', spec.traceId)).toBeNull();
    await harness.close();
  });

  it('is forgotten with each change, also what was being read meanwhile', async () => {
    const harness = await fresh('specs')();
    const { store } = harness;
    const spec = sampleSpec();
    await store.insert(spec);
    const reading = store.find(null, spec.traceId);
    const changing = store.update(spec.project, spec.traceId, spec.revision, { headers: { x: 'new' }, now: 1 });
    await Promise.all([reading, changing]);
    expect((await store.find(null, spec.traceId))?.headers).toEqual({ x: 'new' });
    await store.archive(spec.project, spec.traceId, 2);
    expect(await store.findByName(spec.project, spec.name)).toBeNull();
    await harness.close();
  });
});

describe('stores in a thread', () => {
  const running: SqliteStores[] = [];
  afterEach(async () => {
    for (const stores of running.splice(0)) await stores.close();
  });

  async function open(place: string): Promise<SqliteStores> {
    const stores = await openThreadedStores({ folder: place, onLost: () => undefined });
    running.push(stores);
    return stores;
  }

  it('keep what they were given, tell refusals by their class, and refuse what comes after their end', async () => {
    const place = folder();
    const stores = await open(place);
    const [spec, process] = [sampleSpec(), sampleProcess()];
    await stores.specs.insert(spec);
    await expect(stores.specs.insert({ ...spec, traceId: 'OtherOtherOther1' })).rejects.toBeInstanceOf(Conflict);
    // Asked for and not yet answered: it is carried out before the end.
    const inserted = stores.processes.insert(process);
    await stores.close();
    await inserted;
    await expect(stores.specs.find(null, spec.traceId)).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });

    const again = await open(place);
    expect(await again.specs.find(null, spec.traceId)).toEqual(spec);
    expect(await again.processes.find(null, process.traceId)).toEqual(process);
    await again.close();
  });

  it('refuse a folder that another has, naming it', async () => {
    const place = folder();
    await open(place);
    await expect(open(place)).rejects.toThrow(Unavailable);
    await expect(open(place)).rejects.toThrow(place);
  });
});
