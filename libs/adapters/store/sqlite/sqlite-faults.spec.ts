import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidInput, Unavailable } from '#core';
import {
  FakeClock,
  logBatch,
  SAMPLE_TIME,
  sampleEncryption,
  sampleProcess,
  sampleResponse,
  sampleSpec,
} from '#testing';
import type { SqliteStores } from './index.js';
import { openSqliteStores } from './index.js';
import { PROCESS_SQL } from './process-sql.js';
import { MAIN_MIGRATIONS } from './schema.js';
import { SPEC_SQL } from './spec-sql.js';
import { SqliteDatabase } from './sqlite-database.js';
import { KeptBytesTotal } from './kept-bytes.js';
import { SqliteProcessStore } from './sqlite-process-store.js';

const now = SAMPLE_TIME;
const lease = { owner: 'first', until: now + 60_000 };

describe('openSqliteStores', () => {
  let root: string;
  let folder: string;
  const opened: SqliteStores[] = [];
  const open = async (clock = new FakeClock(now)): Promise<SqliteStores> => {
    const stores = await openSqliteStores({ folder, clock });
    opened.push(stores);
    return stores;
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'callboard-faults-'));
    folder = join(root, 'deep', 'data');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((stores) => stores.close()));
    await rm(root, { recursive: true });
  });

  it('makes a folder and files that only their owner can read', async () => {
    const { processes } = await open();
    await processes.insert(sampleProcess());
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const file of await readdir(folder)) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  });

  it('waits for the disk at every commit', async () => {
    const { processes } = await open();
    const database = Reflect.get(processes, 'database') as SqliteDatabase;
    const [synchronous] = database.read(() => database.statement('PRAGMA synchronous').get([])) ?? [];
    // https://www.sqlite.org/pragma.html#pragma_synchronous: FULL
    expect(synchronous).toBe(2);
  });

  it('finds everything again', async () => {
    const first = await open();
    const [spec, process] = [sampleSpec(), sampleProcess()];
    await Promise.all([
      first.specs.insert(spec),
      first.processes.insert(process),
      first.logs.append(logBatch({ n: 1 })),
    ]);
    const key = await first.keys.key('cache');
    await first.close();
    const second = await open();
    expect(await second.specs.find(null, spec.traceId)).toStrictEqual(spec);
    expect(await second.processes.find(null, process.traceId)).toStrictEqual(process);
    expect(await second.logs.latest(5)).toEqual([{ n: 1 }]);
    expect(await second.keys.key('cache')).toEqual(key);
  });

  it('commits what is under way when it is closed, and refuses what comes later', async () => {
    const stores = await open();
    const [under, late] = [sampleProcess(), sampleProcess()];
    const insert = stores.processes.insert(under);
    await stores.close();
    await stores.close();
    await insert;
    await expect(stores.processes.insert(late)).rejects.toBeInstanceOf(Unavailable);
    await expect(stores.processes.find(null, under.traceId)).rejects.toBeInstanceOf(Unavailable);
    const again = await open();
    expect(await again.processes.find(null, under.traceId)).not.toBeNull();
  });

  it('ends the leases of its predecessor, so that work resumes at once', async () => {
    const first = await open();
    const [process, spec] = [sampleProcess(), sampleSpec()];
    await Promise.all([first.processes.insert(process), first.specs.insert(spec)]);
    await first.processes.claim(process.traceId, lease, [], now);
    await first.specs.claim(spec.traceId, 'generate', lease, [], now);
    await first.close();
    const second = await open();
    expect(await second.specs.due(now, 10, now)).toEqual([{ traceId: spec.traceId, status: 'IN_PROGRESS' }]);
    const query = { dueBefore: now, repeatAfter: now + 30_000, limit: 10, now };
    expect(await second.processes.due(query)).toMatchObject([{ traceId: process.traceId }]);
    expect(await second.processes.claim(process.traceId, lease, [], now)).toMatchObject({ attempt: 2 });
    expect(await second.specs.claim(spec.traceId, 'generate', lease, [], now)).toMatchObject({ attempt: 2 });
  });

  it('gives out again what its predecessor gave out, though the clock was set back meanwhile', async () => {
    const first = await open();
    const [given, fresh] = [sampleProcess(), sampleProcess({ createdAt: now + 1, updatedAt: now + 1, dueAt: now + 1 })];
    await first.processes.insert(given);
    await first.processes.insert(fresh);
    await first.processes.due({ dueBefore: now + 1, repeatAfter: now + 30_000, limit: 10, now });
    await first.close();
    const earlier = now - 3_600_000;
    const second = await open(new FakeClock(earlier));
    const query = { dueBefore: earlier, repeatAfter: earlier + 30_000, limit: 10, now: earlier };
    expect(await second.processes.due(query)).toMatchObject([given, fresh].map(({ traceId }) => ({ traceId })));
    expect(await second.processes.due(query)).toEqual([]);
    expect(await second.processes.claim(given.traceId, lease, [], earlier)).not.toBeNull();
  });

  it('does not come across what is to be tried again before its time, however much that is', async () => {
    const first = await open();
    const later = Array.from({ length: 2_000 }, async () => {
      const { traceId } = sampleProcess();
      await first.processes.insert(sampleProcess({ traceId }));
      const claim = await first.processes.claim(traceId, lease, [], now);
      await first.processes.tryLater(claim!, { at: now + 3_600_000, calls: [], specVersion: 1 }, now);
    });
    await Promise.all(later);
    await first.processes.insert(sampleProcess());
    await first.close();
    const second = await open();
    // It looks at the first 2,000 that anybody is to look at.
    expect(await second.processes.backlog(now)).toEqual({ pending: 2_001, oldestDueAt: now });
  });

  it('refuses a folder that is in use, naming it', async () => {
    await open();
    const refusal = await open().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Unavailable);
    const sentence = `Expected to have the data folder ${folder} alone, but another process is using it.`;
    expect(refusal).toMatchObject({ code: 'DATA_FOLDER_IN_USE', message: sentence });
  });

  it('is refused by a living process and let in once that was killed', async () => {
    const first = await open();
    await first.close();
    const script = `
      const Database = require('libsql');
      const holder = new Database(${JSON.stringify(join(folder, 'lock.db'))});
      holder.exec('BEGIN EXCLUSIVE');
      process.stdout.write('held');
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    await expect(open()).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
    other.kill('SIGKILL');
    await once(other, 'exit');
    await open();
  });

  it('refuses a folder that it cannot write, naming it', async () => {
    await writeFile(join(root, 'deep'), 'a file where a folder should be');
    const refusal = await open().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Unavailable);
    expect(refusal).toMatchObject({ code: 'DATA_FOLDER_NOT_WRITABLE', message: expect.stringContaining(folder) });
  });

  it('counts what is kept by what stands in the file, however it came there, and anew what a former release counted', async () => {
    const headers = [['x-long', 'y'.repeat(5_000)]] as const;
    const response = { status: 503, headers, bytes: 2 };
    const calls = [{ number: 1, startedAt: now, endedAt: now, worker: 'me', error: 'no', response }];
    const first = await open();
    const claimed = async () => {
      const process = sampleProcess({ reqBody: { inline: Buffer.alloc(300), bytes: 300 } });
      await first.processes.insert(process);
      return (await first.processes.claim(process.traceId, lease, [], now))!;
    };
    const [done, between, broken, gone] = [await claimed(), await claimed(), await claimed(), await claimed()];
    const answer = sampleResponse({ headers });
    await first.processes.complete(done, { status: 'SUCCESS', response: answer, calls }, [], now);
    for (const claim of [between, gone]) {
      await first.processes.tryLater(claim, { at: now, calls, specVersion: 1 }, now);
    }
    await first.processes.cancel('default', between.traceId, 'Cancelled', now);
    await first.processes.cancel('default', broken.traceId, 'Cancelled', now);
    await first.processes.noteCalls(broken, calls);
    const again = await first.processes.claim(gone.traceId, lease, [], now);
    await first.processes.complete(again!, { status: 'ERROR', error: 'gone' }, [], now);
    const kept = await first.retention.keptBytes(now);
    expect(kept.requests).toBeGreaterThan(4 * 5_000);
    expect(kept.responses).toBeGreaterThan(5_000);
    await first.close();
    const file = join(folder, 'callboard.db');
    const former = SqliteDatabase.open({ file, migrations: MAIN_MIGRATIONS, synchronous: 'FULL' });
    former.exec('UPDATE kept_bytes SET bytes = 1; PRAGMA user_version = 3');
    former.close();
    const second = await open();
    expect(await second.retention.keptBytes(now)).toEqual(kept);
    const { items } = await second.retention.oldProcesses({ endedBefore: now, limit: 10 });
    expect(items.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(kept.requests + kept.responses);
    await second.retention.removeProcesses(items.map(({ traceId }) => traceId));
    expect(await second.retention.keptBytes(now)).toEqual({ requests: 0, responses: 0 });
  });

  it('refuses files that a newer release wrote, and lets the folder go', async () => {
    const stores = await open();
    await stores.close();
    const file = join(folder, 'callboard.db');
    const newer = SqliteDatabase.open({
      file,
      migrations: [...MAIN_MIGRATIONS, 'CREATE TABLE later (id)'],
      synchronous: 'FULL',
    });
    newer.close();
    const refusal = await open().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidInput);
    expect(refusal).toMatchObject({
      code: 'SCHEMA_TOO_NEW',
      message: expect.stringMatching(/^Expected a database of schema version 4 or older, got version 5 at .*db/),
    });
    await expect(open()).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' });
  });

  it('refuses a file that is no database, naming it', async () => {
    const stores = await open();
    await stores.close();
    await writeFile(join(folder, 'callboard.db'), 'x'.repeat(5_000));
    await expect(open()).rejects.toMatchObject({
      code: 'DATABASE_NOT_USABLE',
      message: expect.stringMatching(/holds something else\. \(.*callboard\.db\)$/),
    });
  });
});

describe('SqliteDatabase', () => {
  let folder: string;
  let database: SqliteDatabase;
  let store: SqliteProcessStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-database-'));
    database = SqliteDatabase.open({
      file: join(folder, 'main.db'),
      migrations: MAIN_MIGRATIONS,
      synchronous: 'FULL',
    });
    store = new SqliteProcessStore(database, new KeptBytesTotal(database), sampleEncryption());
  });
  afterEach(async () => {
    database.close();
    await rm(folder, { recursive: true });
  });

  it('loses nothing when the disk is full, and goes on when there is room again', async () => {
    const kept = sampleProcess();
    await store.insert(kept);
    const claim = { traceId: kept.traceId, attempt: 1 };
    await store.claim(kept.traceId, lease, [], now);
    // SQLite reports the limit with the same code as a full disk.
    database.exec('PRAGMA max_page_count = 1');
    const body = { inline: Buffer.alloc(60_000), bytes: 60_000 };
    const large = Array.from({ length: 20 }, () => sampleProcess({ reqBody: body }));
    const results = await Promise.allSettled(large.map((process) => store.insert(process)));
    const full = { reason: expect.any(Unavailable) };
    expect(results).toMatchObject(large.map(() => full));
    await expect(
      store.complete(claim, { status: 'SUCCESS', response: sampleResponse({ body }) }, [], now),
    ).rejects.toMatchObject({ code: 'DATABASE_FULL', message: expect.stringContaining('disk is full') });
    expect(await store.find(null, kept.traceId)).toMatchObject({ status: 'IN_PROGRESS' });
    expect(await store.find(null, large[0]!.traceId)).toBeNull();

    database.exec('PRAGMA max_page_count = 1000000');
    expect(await store.complete(claim, { status: 'SUCCESS', response: sampleResponse({ body }) }, [], now)).toBe(true);
    await Promise.all(large.map((process) => store.insert(process)));
    expect(await store.find(null, large[19]!.traceId)).not.toBeNull();
  });

  it('says so when it may not write, and still reads', async () => {
    const kept = sampleProcess();
    await store.insert(kept);
    database.exec('PRAGMA query_only = 1');
    await expect(store.insert(sampleProcess())).rejects.toMatchObject({ code: 'DATABASE_READ_ONLY' });
    expect(await store.find(null, kept.traceId)).not.toBeNull();
    database.exec('PRAGMA query_only = 0');
    await store.insert(sampleProcess());
  });

  it('finds its rows by an index, already in order, in every statement', () => {
    const statements = [...Object.entries(PROCESS_SQL), ...Object.entries(SPEC_SQL)];
    const plans = statements.map(([name, sql]) => {
      const steps = database.statement(`EXPLAIN QUERY PLAN ${sql}`).all([]);
      return `${name}: ${steps.map((row) => row[3]).join('; ')}`;
    });
    expect(plans.filter((plan) => /SCAN (process|spec|client|p|r)\b(?! USING)|TEMP B-TREE/.test(plan))).toEqual([]);
    expect(plans.filter((plan) => /SEARCH .* USING/.test(plan)).length).toBeGreaterThan(20);
  });
});
