import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesystemBlobStore, openSqliteStores } from '#adapters';
import { inlinePayload, newTraceId } from '#core';
import type { BlobStore, Payload, RetentionStore } from '#core';
import { eventually, FakeClock, logBatch, sampleProcess, sampleResponse, sampleSpec } from '#testing';
import type { SweptKind } from './observers.js';
import { Sweeper } from './sweeper.js';
import type { SweeperOptions } from './sweeper.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const NEVER = { ageMs: null, bytes: null };

describe('the sweeper', () => {
  let folder: string;
  /** Of files the system tells the age. */
  let clock: FakeClock;
  let stores: Awaited<ReturnType<typeof openSqliteStores>>;
  let blobs: BlobStore;
  let swept: Partial<Record<SweptKind, number>>;
  let faults: unknown[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-sweeper-'));
    clock = new FakeClock(Math.round(performance.timeOrigin + performance.now()));
    stores = await openSqliteStores({ folder, clock });
    blobs = new FilesystemBlobStore({ folder: join(folder, 'blobs') });
    swept = {};
    faults = [];
  });
  afterEach(async () => {
    expect(faults).toEqual([]);
    await stores.close();
    await rm(folder, { recursive: true });
  });

  function sweeper(options: Partial<SweeperOptions>, retention: RetentionStore = stores.retention): Sweeper {
    return new Sweeper({ ...stores, retention }, blobs, clock, {
      ...{ processes: NEVER, responses: NEVER, logs: NEVER, archives: NEVER, audit: NEVER },
      ...{ everyMs: 60_000, archivesEveryMs: 3_600_000, unnamedEveryMs: DAY_MS, pauseMs: 0 },
      onFault: (error) => void faults.push(error),
      observer: { swept: (kind, count) => void (swept[kind] = (swept[kind] ?? 0) + count) },
      ...options,
    });
  }
  /** A look that never waits for the clock. */
  async function look(options: Partial<SweeperOptions>): Promise<void> {
    await run(sweeper(options));
  }
  async function run(one: Sweeper): Promise<void> {
    let isDone = false;
    const looking = one.runOnce(clock.now()).then(() => (isDone = true));
    await eventually('the look to be over', async () => {
      await clock.advance(0);
      return isDone;
    });
    await looking;
  }
  async function insert(): Promise<string> {
    const now = clock.now();
    const process = sampleProcess({ createdAt: now, updatedAt: now, dueAt: now });
    await stores.processes.insert(process);
    return process.traceId;
  }
  async function ended(body: Payload = inlinePayload('ok'), traceId?: string): Promise<string> {
    const now = clock.now();
    const process = sampleProcess({ createdAt: now, updatedAt: now, dueAt: now, ...(traceId && { traceId }) });
    await stores.processes.insert(process);
    const claim = await stores.processes.claim(process.traceId, { owner: 'a', until: now + 9_000 }, [], now);
    await stores.processes.complete(claim!, { status: 'SUCCESS', response: sampleResponse({ body }) }, [], now);
    return process.traceId;
  }
  const has = async (traceId: string) => (await stores.processes.find('default', traceId)) !== null;
  const answers = async (traceId: string) => (await stores.processes.findResponse('default', traceId)) !== null;

  it('lets processes go some time after they ended, with their blobs, and nothing that has not ended', async () => {
    const waiting = await insert();
    const traceId = newTraceId();
    await blobs.put(`responses/${traceId}/1`, Buffer.from('x'));
    await ended({ blob: `responses/${traceId}/1`, bytes: 1 }, traceId);
    const many = await Promise.all(Array.from({ length: 250 }, () => ended()));
    await clock.advance(1_000);
    const young = await ended();
    await clock.advance(29_000);
    await look({ processes: { ageMs: 30_000, bytes: null } });
    expect(await Promise.all([traceId, ...many].map(has))).not.toContain(true);
    expect([await has(waiting), await has(young)]).toEqual([true, true]);
    expect(await blobs.open(`responses/${traceId}/1`)).toBeNull();
    expect(swept).toEqual({ process: 251, log: 0, letter: 0 });
  });

  it('lets responses go before their processes', async () => {
    const traceId = await ended();
    await clock.advance(10_000);
    const young = await ended();
    await look({ responses: { ageMs: 5_000, bytes: null } });
    expect([await has(traceId), await answers(traceId), await answers(young)]).toEqual([true, false, true]);
  });

  it('lets the oldest go while there are too many bytes, and no more than that', async () => {
    const waiting = await insert();
    const traceIds = [];
    for (let n = 0; n < 20; n += 1) {
      traceIds.push(await ended(inlinePayload('x'.repeat(10_000))));
      await clock.advance(1);
    }
    const { requests, responses } = await stores.retention.keptBytes(clock.now());
    const each = (requests + responses) / 20;
    const one = sweeper({ processes: { ageMs: null, bytes: requests + responses - 2.5 * each } });
    await run(one);
    expect(await Promise.all(traceIds.map(has))).toEqual(traceIds.map((_, n) => n >= 3));
    await run(one);
    expect(swept.process).toBe(3);
    await look({ responses: { ageMs: null, bytes: responses - 5 * 10_000 } });
    expect(await Promise.all(traceIds.map(answers))).toEqual(traceIds.map((_, n) => n >= 5));
    await look({ processes: { ageMs: null, bytes: 1 } });
    expect(await Promise.all(traceIds.map(has))).not.toContain(true);
    expect(await has(waiting)).toBe(true);
  });

  it('comes back for what had not ended when it passed it', async () => {
    const late = await insert();
    const old = await Promise.all(Array.from({ length: 150 }, () => ended()));
    const one = sweeper({ processes: { ageMs: 1_000, bytes: null } });
    await clock.advance(2_000);
    await run(one);
    expect([await has(old[149]!), await has(late)]).toEqual([false, true]);
    await stores.processes.cancel('default', late, 'Cancelled', clock.now());
    await clock.advance(DAY_MS);
    await run(one);
    expect(await has(late)).toBe(false);
  });

  it('lets records of the log go by age and by bytes', async () => {
    await stores.logs.append(logBatch({ n: 1 }));
    await clock.advance(10_000);
    for (let n = 0; n < 2_000; n += 50) {
      await stores.logs.append(
        logBatch(...Array.from({ length: 50 }, (_, index) => ({ n: n + index, text: 'x'.repeat(500) }))),
      );
    }
    await look({ logs: { ageMs: 5_000, bytes: null } });
    expect(swept.log).toBe(1);
    await look({ logs: { ageMs: null, bytes: 500_000 } });
    const left = await stores.logs.latest(3_000);
    expect(left.length).toBeGreaterThan(100);
    expect(left.length).toBeLessThan(1_000);
    expect(left[0]).toMatchObject({ n: 1_999 });
  });

  it('lets messages that nobody could read go as old as processes may be', async () => {
    const letter = {
      kind: 'message',
      project: 'default',
      type: 'SPEC',
      reason: 'no JSON',
      bytes: 1,
      excerpt: 'x',
    } as const;
    const append = async (at: number) => {
      const traceId = newTraceId();
      await stores.deadLetters.append({ ...letter, traceId, at }, 'x');
      return traceId;
    };
    for (let index = 0; index < 501; index += 1) await append(clock.now() - 5_001);
    const kept = await append(clock.now() - 5_000);
    await look({});
    expect(swept.letter).toBeUndefined();
    await look({ processes: { ageMs: 5_000, bytes: null } });
    expect(swept.letter).toBe(501);
    const { letters } = await stores.deadLetters.list('default', { limit: 10 });
    expect(letters.map(({ traceId }) => traceId)).toEqual([kept]);
  });

  it('lets actions of the audit log go by age alone', async () => {
    const append = async () => {
      const action = { who: 'user:admin', action: 'spec.remove', target: null, from: '127.0.0.1', agent: 'test' };
      const record = { ...action, traceId: newTraceId(), project: 'default', at: clock.now(), outcome: null };
      await stores.audit.append(record);
      return record;
    };
    for (let count = 0; count < 501; count += 1) await append();
    await clock.advance(10_000);
    const kept = await append();
    await look({});
    expect(swept.audit).toBeUndefined();
    await look({ audit: { ageMs: 5_000 } });
    expect(swept.audit).toBe(501);
    expect(await stores.audit.list('default', { limit: 10 })).toEqual({ records: [kept], next: null });
  });

  it('lets deleted Specs and uploads go by age', async () => {
    const spec = sampleSpec();
    const document = `specs/${spec.traceId}/a`;
    for (const blob of [document, 'uploads/one']) await blobs.put(blob, Buffer.from('x'));
    await stores.specs.insert({ ...spec, document: { blob: document, bytes: 1 } });
    await stores.specs.archive('default', spec.traceId, clock.now());
    await look({ archives: { ageMs: 10_000, bytes: null } });
    expect(swept).toEqual({ log: 0 });
    await clock.advance(20_000);
    await look({ archives: { ageMs: 10_000, bytes: null } });
    expect(swept).toEqual({ log: 0, spec: 1, upload: 1 });
    expect([await blobs.open(document), await blobs.open('uploads/one')]).toEqual([null, null]);
  });

  it('lets the oldest archives go while there are too many bytes, but none of the last day', async () => {
    for (const n of [1, 2, 3]) {
      await blobs.put(`uploads/${n}`, Buffer.alloc(1_000));
      // A file system may give files of one moment one time.
      await utimes(join(folder, 'blobs', 'uploads+', String(n)), clock.now() / 1_000, clock.now() / 1_000);
      await clock.advance(1);
    }
    await look({ archives: { ageMs: null, bytes: 2_000 } });
    expect(swept.upload).toBeUndefined();
    await clock.advance(DAY_MS + 1_000);
    await look({ archives: { ageMs: null, bytes: 2_000 } });
    expect(swept.upload).toBe(1);
    expect(await blobs.open('uploads/1')).toBeNull();
  });

  it('removes blobs that nothing names once they are a day old', async () => {
    const waiting = await insert();
    const [named, lost] = [`responses/${waiting}/1`, `responses/${newTraceId()}/1`];
    for (const blob of [named, lost]) await blobs.put(blob, Buffer.from('x'));
    await look({});
    expect(await blobs.open(lost)).not.toBeNull();
    await clock.advance(DAY_MS + 1_000);
    await look({});
    expect(await blobs.open(lost)).toBeNull();
    expect((await blobs.open(named))?.bytes).toBe(1);
    expect(swept.blob).toBe(1);
  });

  it('goes on with the rest when a part fails', async () => {
    const failing = Object.create(stores.retention, {
      oldProcesses: { value: () => Promise.reject(new Error('away')) },
    }) as RetentionStore;
    const traceId = await ended();
    await clock.advance(10_000);
    const keep = { ageMs: 1_000, bytes: null };
    await run(sweeper({ responses: keep, processes: keep, logs: keep }, failing));
    expect(faults.splice(0)).toEqual([new Error('away')]);
    expect(await answers(traceId)).toBe(false);
  });

  it('looks once a minute until it is told to stop, but not when the clock has just leapt', async () => {
    const stop = new AbortController();
    const running = sweeper({ processes: { ageMs: DAY_MS, bytes: null } }).run(stop.signal);
    const asleep = () => eventually('the sweeper to sleep', () => clock.sleeping === 1);
    await asleep();
    const traceId = await ended();
    clock.jump(clock.now() + 10 * DAY_MS);
    await clock.advance(1);
    await asleep();
    expect(await has(traceId)).toBe(true);
    await clock.advance(60_000);
    await eventually('the process to be gone', async () => {
      await clock.advance(0);
      return !(await has(traceId));
    });
    stop.abort();
    await running;
  });

  it('has the file used again instead of growing', async () => {
    const keep = { processes: { ageMs: 0, bytes: null } };
    const round = async () => {
      await Promise.all(Array.from({ length: 300 }, () => ended(inlinePayload('x'.repeat(5_000)))));
      await clock.advance(1);
      await look(keep);
    };
    await round();
    await stores.close();
    const { size } = await stat(join(folder, 'callboard.db'));
    stores = await openSqliteStores({ folder, clock });
    for (let n = 0; n < 4; n += 1) await round();
    await stores.close();
    expect((await stat(join(folder, 'callboard.db'))).size).toBeLessThan(size * 1.2);
    stores = await openSqliteStores({ folder, clock });
  });
});
