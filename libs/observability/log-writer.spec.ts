import { describe, expect, test } from '@jest/globals';
import { LogStore, Unavailable } from '#core';
import type { LogRecord } from '#core';
import { FakeClock } from '#testing';
import { LogWriter } from './index.js';

/** A store that takes, refuses or never answers, as a test asks. */
class MemoryLogStore extends LogStore {
  readonly batches: number[][] = [];
  state: 'up' | 'down' | 'silent' = 'up';

  append(records: readonly LogRecord[]): Promise<void> {
    if (this.state === 'silent') return new Promise(() => undefined);
    if (this.state === 'down') return Promise.reject(new Unavailable('DOWN', 'the database does not answer.'));
    this.batches.push(records.map((record) => record.n as number));
    return Promise.resolve();
  }

  latest(): Promise<LogRecord[]> {
    return Promise.resolve([]);
  }
}

function open(bufferRecords = 100, batchRecords = 3) {
  const clock = new FakeClock();
  const store = new MemoryLogStore();
  const reports: string[] = [];
  const writer = new LogWriter({
    store,
    clock,
    bufferRecords,
    batchRecords,
    deadlineMs: 1_000,
    pauseMs: 100,
    report: (message) => reports.push(message),
  });
  const stopping = new AbortController();
  const stopped = writer.run(stopping.signal);
  const push = (...numbers: number[]) => numbers.forEach((n) => writer.push({ n }));
  const stop = async () => {
    stopping.abort();
    await stopped;
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, store, reports, writer, push, stop, stopped, stopping, settle };
}

describe('the writer of logs', () => {
  test('gathers records for a moment and hands them over in order, in batches', async () => {
    const { clock, store, push, settle, stop, writer } = open();
    await settle();
    expect(clock.sleeping).toBe(0);
    push(1, 2, 3, 4);
    await settle();
    expect(store.batches).toEqual([]);
    await clock.advance(100);
    expect(store.batches).toEqual([[1, 2, 3]]);
    await clock.advance(100);
    expect(store.batches).toEqual([[1, 2, 3], [4]]);
    expect(writer.health()).toEqual({ waiting: 0, kept: 4, lost: 0 });
    await stop();
  });

  test('counts what does not fit and says so once a minute', async () => {
    const { clock, reports, push, stop, writer } = open(2);
    push(1, 2, 3, 4);
    expect(writer.health()).toMatchObject({ waiting: 2, lost: 2 });
    expect(reports).toEqual(['1 log records were not kept: the database did not take them in time']);
    clock.jump(clock.now() + 60_000);
    push(5);
    expect(reports[1]).toMatch(/^2 log records/);
    await stop();
    expect(reports).toHaveLength(2);
  });

  test('a clock that was set back does not silence it', async () => {
    const { clock, reports, push, stop } = open(1);
    push(1, 2);
    clock.jump(0);
    push(3);
    expect(reports).toHaveLength(2);
    await stop();
  });

  test('a refused batch is lost, not written twice, and the next ones go after a pause', async () => {
    const { clock, store, reports, push, settle, stop, writer } = open();
    store.state = 'down';
    push(1, 2);
    await settle();
    await clock.advance(100);
    expect(writer.health()).toEqual({ waiting: 0, kept: 0, lost: 2 });
    expect(reports).toEqual(['2 log records were not kept: the database does not answer.']);
    store.state = 'up';
    push(3);
    await clock.advance(999);
    expect(store.batches).toEqual([]);
    await clock.advance(1);
    await clock.advance(100);
    expect(store.batches).toEqual([[3]]);
    await stop();
  });

  test('writes what is left when it is told to stop', async () => {
    const { store, push, stop, writer } = open();
    push(1, 2, 3, 4);
    await stop();
    expect(store.batches).toEqual([[1, 2, 3], [4]]);
    expect(writer.health().waiting).toBe(0);
  });

  test('gives up what is left at its deadline', async () => {
    const { clock, store, reports, push, stopping, stopped, settle, writer } = open();
    store.state = 'silent';
    push(1, 2, 3, 4);
    stopping.abort();
    await settle();
    await clock.advance(1_000);
    await stopped;
    expect(writer.health()).toMatchObject({ waiting: 0, lost: 4 });
    expect(reports).toEqual(['4 log records were not kept: the database did not take them in time']);
  });

  test('a store that is down when it stops does not hold it up', async () => {
    const { store, push, stop, writer } = open();
    store.state = 'down';
    push(1, 2, 3, 4);
    await stop();
    expect(writer.health()).toMatchObject({ waiting: 0, lost: 4 });
  });
});
