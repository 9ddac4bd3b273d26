import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessBus, openSqliteStores } from '#adapters';
import { newTraceId } from '#core';
import type { ProcessStore } from '#core';
import { eventually, FakeClock, sampleProcess } from '#testing';
import { DueTimer } from './due-timer.js';
import { Herald } from './herald.js';

const EVERY_MS = 50;

describe('the due timer', () => {
  let folder: string;
  let clock: FakeClock;
  let stores: Awaited<ReturnType<typeof openSqliteStores>>;
  let bus: InProcessBus;
  let timer: DueTimer;
  let told: string[];
  let faults: unknown[];
  let isAway: boolean;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-timer-'));
    clock = new FakeClock();
    stores = await openSqliteStores({ folder, clock });
    bus = new InProcessBus({ clock });
    told = [];
    faults = [];
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 1_000 }, async ({ traceId }) => {
      told.push(traceId);
      return { kind: 'ack' };
    });
    isAway = false;
    const processes = Object.create(stores.processes, {
      nextTimed: {
        value: () => (isAway ? Promise.reject(new Error('away')) : stores.processes.nextTimed()),
      },
    }) as ProcessStore;
    timer = newTimer(processes);
  });
  afterEach(async () => {
    await bus.close();
    await stores.close();
    await rm(folder, { recursive: true });
  });

  function newTimer(processes: ProcessStore): DueTimer {
    return new DueTimer(processes, new Herald(bus, clock), clock, {
      everyMs: EVERY_MS,
      faultPauseMs: 5_000,
      repeatMs: 30_000,
      onFault: (error) => void faults.push(error),
    });
  }

  async function insert(inMs: number, priority?: number): Promise<string> {
    const now = clock.now();
    const times = { createdAt: now, updatedAt: now, dueAt: now + inMs };
    const process = sampleProcess({ traceId: newTraceId(), ...times, priority });
    await stores.processes.insert(process);
    return process.traceId;
  }

  it('tells of each process when its time has come, and sleeps until the next', async () => {
    const first = await insert(20);
    const second = await insert(30);
    expect(await timer.runOnce()).toBe(20);
    clock.jump(clock.now() + 20);
    expect(await timer.runOnce()).toBe(10);
    await eventually('the first', () => told.length === 1);
    clock.jump(clock.now() + 10);
    expect(await timer.runOnce()).toBe(EVERY_MS);
    await eventually('the second', () => told.length === 2);
    expect(told).toEqual([first, second]);
  });

  it('has what is to be tried again not wait for a clock that was set back', async () => {
    const id = await insert(0);
    const now = clock.now();
    const claim = await stores.processes.claim(id, { owner: 'me', until: now + 30_000 }, [], now);
    await stores.processes.tryLater(claim!, { at: now + 1_000, calls: [], specVersion: 1 }, now);
    expect(await timer.runOnce()).toBe(EVERY_MS);
    clock.jump(now - 3_600_000);
    await timer.runOnce();
    clock.jump(now - 3_600_000 + 1_000);
    await timer.runOnce();
    await eventually('it', () => told.length === 1);
  });

  it('tells of more than one batch in one look', async () => {
    await Promise.all(Array.from({ length: 1_100 }, () => insert(10)));
    clock.jump(clock.now() + 10);
    await timer.runOnce();
    await eventually('all of them', () => told.length === 1_100);
  });

  it('gives out by priority and then due time, never more at once than the bus has room for', async () => {
    const count = 20_000;
    const due = await Promise.all(
      Array.from({ length: count }, (_, index) => insert(1_000 + ((index * 7) % 1_000), index % 10)),
    );
    clock.jump(clock.now() + 2_000);
    await bus.close();
    bus = new InProcessBus({ clock, maxFilled: 2_000 });
    timer = newTimer(stores.processes);
    await timer.runOnce();
    expect(bus.waiting('SCHEDULER_PROCESS')).toBe(2_000);
    let most = 0;
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 100 }, async ({ traceId }) => {
      most = Math.max(most, bus.waiting('SCHEDULER_PROCESS'));
      told.push(traceId);
      return { kind: 'ack' };
    });
    await eventually('all of them', async () => (await timer.runOnce(), told.length === count), 15_000);
    expect(most).toBeLessThanOrEqual(2_000);
    const times = Array.from({ length: count }, (_, index) => ({ index, at: (index * 7) % 1_000 }));
    const expected = times.sort((a, b) => (b.index % 10) - (a.index % 10) || a.at - b.at || a.index - b.index);
    expect(told).toEqual(expected.map(({ index }) => due[index]));
  });

  it('leaves what it told of to its message, and the rest to its next look, where there is no room', async () => {
    await insert(10);
    clock.jump(clock.now() + 10);
    await bus.close();
    bus = new InProcessBus({ clock, maxFilled: 0 });
    timer = newTimer(stores.processes);
    expect(await timer.runOnce()).toBe(EVERY_MS);
    expect(await stores.processes.nextTimed()).not.toBeNull();
  });

  it('looks again after a look that failed, and stops when it is told to', async () => {
    const stop = new AbortController();
    const running = timer.run(stop.signal);
    await eventually('its sleep', () => clock.sleeping === 1);
    isAway = true;
    await clock.advance(EVERY_MS);
    await eventually('the fault', () => faults.length === 1 && clock.sleeping === 1);
    isAway = false;
    const traceId = await insert(1);
    await clock.advance(5_000);
    await eventually('what came due meanwhile', () => told.includes(traceId));
    stop.abort();
    await running;
  });

  it('gives nothing out that nobody would hear of', async () => {
    await insert(1);
    clock.jump(clock.now() + 1);
    await bus.close();
    expect(await timer.runOnce()).toBe(EVERY_MS);
    expect(await stores.processes.nextTimed()).not.toBeNull();
  });
});
