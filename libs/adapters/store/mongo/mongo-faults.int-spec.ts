import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import type mongoose from 'mongoose';
import { Unavailable, newTraceId } from '#core';
import { eventually, SAMPLE_TIME, sampleEncryption, sampleProcess, sampleResponse, TcpProxy } from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import { SystemClock } from '../../clock/index.js';
import type { MongoStores } from './index.js';
import { openMongoStores } from './index.js';
import { KeptBytesTotal } from './kept-bytes.js';
import { MongoDatabase } from './mongo-database.js';
import { MongoProcessStore } from './mongo-process-store.js';

const lease = { owner: 'first', until: SAMPLE_TIME + 60_000 };

describeWithServer(['MONGODB_URI'], 'The MongoDB stores under faults', ({ MONGODB_URI = '' }) => {
  const clock = new SystemClock();
  const encryption = sampleEncryption();
  let direct: string;
  let proxy: TcpProxy;
  let lines: string[];
  const opened: MongoStores[] = [];

  beforeEach(async () => {
    const uri = new URL(MONGODB_URI);
    uri.pathname = `/callboard_test_${newTraceId()}`;
    direct = uri.href;
    proxy = await TcpProxy.start(direct);
    lines = [];
  });
  afterEach(async () => {
    proxy.thaw();
    await Promise.all(opened.splice(0).map((stores) => stores.close()));
    await proxy.down();
    const admin = await mongo.MongoClient.connect(direct);
    await admin.db().dropDatabase();
    await admin.close();
  });

  function open(timeoutMs = 3_000): MongoStores {
    const pauses = { firstPauseMs: 20, longestPauseMs: 200 };
    const uri = proxy.url(direct);
    const stores = openMongoStores({ uri, clock, encryption, timeoutMs, print: (line) => lines.push(line), ...pauses });
    opened.push(stores);
    return stores;
  }

  it('start without their server and work when it comes', async () => {
    await proxy.down();
    const { processes, keeper } = open(300);
    const process = sampleProcess();
    await expect(processes.insert(process)).rejects.toBeInstanceOf(Unavailable);
    await eventually('an attempt', () => lines.length > 0);
    await proxy.up();
    await keeper.connected();
    expect(lines.at(-1)).toBe('✅ Connected to MongoDB successfully!');
    await processes.insert(process);
    expect(await processes.find(null, process.traceId)).toStrictEqual(process);
  });

  it('refuse while their server is away, lose nothing that was accepted, and go on by themselves', async () => {
    const { processes, keeper } = open();
    await keeper.connected();
    const kept = sampleProcess();
    await processes.insert(kept);
    await proxy.down();
    await eventually('the loss to be noticed', () => keeper.state === 'connecting');
    const refusals = [processes.insert(sampleProcess()), processes.find(null, kept.traceId)];
    for (const refusal of refusals) await expect(refusal).rejects.toBeInstanceOf(Unavailable);
    await proxy.up();
    await keeper.connected();
    expect(await processes.find(null, kept.traceId)).toStrictEqual(kept);
    await processes.insert(sampleProcess());
    expect(lines).toContain('⏳ Trying to reconnect MongoDB in 0.02s...');
  });

  it('refuse in time when their server says nothing more', async () => {
    const { processes, keeper } = open(500);
    await keeper.connected();
    const kept = sampleProcess();
    await processes.insert(kept);
    proxy.freeze();
    const start = performance.now();
    const calls = Array.from({ length: 150 }, () => processes.insert(sampleProcess()));
    const results = await Promise.allSettled([...calls, processes.find(null, kept.traceId)]);
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(results).toMatchObject(results.map(() => ({ reason: expect.any(Unavailable) })));
    proxy.thaw();
    await eventually('an answer', () => processes.find(null, kept.traceId).catch(() => null), 15_000);
  });

  it('wait for the disks of a majority, and ask the primary, whatever the address says', async () => {
    const database = new MongoDatabase({
      uri: `${direct}?w=0&journal=false&readPreference=secondary`,
      clock,
      encryption,
    });
    const connection = await database.connect();
    const { options } = (Reflect.get(database, 'connection') as mongoose.Connection).getClient();
    await connection.close();
    expect(options.writeConcern).toMatchObject({ w: 'majority', journal: true });
    expect(options.readPreference).toMatchObject({ mode: 'primary' });
  });

  it('need at most one command for a process at load', async () => {
    class CountingDatabase extends MongoDatabase {
      commands = 0;
      override command<T>(send: () => Promise<T>): Promise<T> {
        this.commands += 1;
        return super.command(send);
      }
    }
    const database = new CountingDatabase({ uri: direct, clock, encryption, timeoutMs: 15_000 });
    const connection = await database.connect();
    const store = new MongoProcessStore(database, new KeptBytesTotal(database), encryption);
    const processes = Array.from({ length: 100 }, () => sampleProcess());
    const outcome = { status: 'SUCCESS', response: sampleResponse() } as const;
    await Promise.all(
      processes.map(async (process) => {
        await store.insert(process);
        const claimed = await store.claim(process.traceId, lease, [], SAMPLE_TIME);
        expect(await store.complete(claimed!, outcome, [], SAMPLE_TIME)).toBe(true);
        expect(await store.find(process.project, process.traceId)).toMatchObject({ status: 'SUCCESS' });
      }),
    );
    await connection.close();
    expect(database.commands).toBeLessThanOrEqual(processes.length);
  });
});
