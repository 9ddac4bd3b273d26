import { getEventListeners, setMaxListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { LogStore, Unavailable } from '#core';
import type { LogBatch, LogRecord } from '#core';
import { FakeClock } from '#testing';
import { LogWriter } from './index.js';

/** A store that takes, refuses or never answers, as a test asks. */
class MemoryLogStore extends LogStore {
  readonly batches: number[][] = [];
  state: 'up' | 'down' | 'silent' | 'confused' = 'up';

  append({ count, json }: LogBatch): Promise<void> {
    if (this.state === 'silent') return new Promise(() => undefined);
    if (this.state === 'down') return Promise.reject(new Unavailable('DOWN', 'the database does not answer.'));
    if (this.state === 'confused') return Promise.reject(new Error('no such record.'));
    const records = JSON.parse(Buffer.from(json).toString()) as { n: number }[];
    expect(records).toHaveLength(count);
    this.batches.push(records.map(({ n }) => n));
    return Promise.resolve();
  }

  latest(): Promise<LogRecord[]> {
    return Promise.resolve([]);
  }

  sweep(): Promise<number> {
    return Promise.resolve(0);
  }
}

function open(bufferRecords = 100, batchRecords = 3, bufferCharacters?: number) {
  const clock = new FakeClock();
  const store = new MemoryLogStore();
  const reports: string[] = [];
  const writer = new LogWriter({
    store,
    clock,
    bufferRecords,
    bufferCharacters,
    batchRecords,
    deadlineMs: 1_000,
    pauseMs: 100,
    hurryMs: 10,
    report: (message) => reports.push(message),
  });
  const stopping = new AbortController();
  const stopped = writer.run(stopping.signal);
  const push = (...numbers: number[]) => numbers.forEach((n) => writer.push(JSON.stringify({ n })));
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
    push(1, 2);
    await settle();
    expect(store.batches).toEqual([]);
    await clock.advance(99);
    push(3, 4);
    await clock.advance(1);
    expect(store.batches).toEqual([[1, 2, 3]]);
    await clock.advance(100);
    expect(store.batches).toEqual([[1, 2, 3], [4]]);
    expect(writer.health()).toEqual({ waiting: 0, kept: 4, lost: 0 });
    await stop();
  });

  test('hurries while more than a batch is waiting', async () => {
    const { clock, store, push, settle, stop } = open();
    push(1, 2, 3, 4, 5, 6, 7);
    await settle();
    await clock.advance(20);
    expect(store.batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    await clock.advance(99);
    expect(store.batches).toHaveLength(2);
    await clock.advance(1);
    expect(store.batches[2]).toEqual([7]);
    await stop();
  });

  test('records whose texts are too long together are counted and left out', async () => {
    const { clock, store, writer, settle, stop } = open(100, 3, 1_000);
    for (const n of [1, 2, 3]) writer.push(JSON.stringify({ n, body: 'x'.repeat(400) }));
    expect(writer.health()).toEqual({ waiting: 2, kept: 0, lost: 1 });
    await settle();
    await clock.advance(100);
    expect(store.batches).toEqual([[1, 2]]);
    writer.push(JSON.stringify({ n: 4, body: 'x'.repeat(900) }));
    expect(writer.health()).toEqual({ waiting: 1, kept: 2, lost: 1 });
    await stop();
    expect(store.batches).toEqual([[1, 2], [4]]);
  });

  test('records with large bodies go in smaller batches', async () => {
    const { store, writer, stop } = open(100, 50);
    for (let n = 0; n < 4; n += 1) writer.push(JSON.stringify({ n, req_body: 'x'.repeat(400 * 1024) }));
    await stop();
    expect(store.batches).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test('listens for its stop once, however much it writes', async () => {
    const { clock, store, push, stopping, settle, stop } = open();
    setMaxListeners(0, stopping.signal);
    const idle = getEventListeners(stopping.signal, 'abort').length;
    for (let n = 0; n < 50; n += 1) {
      push(n);
      await settle();
      await clock.advance(100);
    }
    expect(store.batches).toHaveLength(50);
    // The sleeps of this clock leave theirs behind, one each.
    expect(getEventListeners(stopping.signal, 'abort').length - idle).toBe(50);
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

  test('a refused batch stays and goes first, after growing pauses', async () => {
    const { clock, store, reports, push, settle, stop, writer } = open();
    store.state = 'down';
    push(1, 2);
    await settle();
    await clock.advance(100);
    await clock.advance(1_000);
    expect(writer.health()).toEqual({ waiting: 2, kept: 0, lost: 0 });
    store.state = 'up';
    push(3, 4);
    await clock.advance(1_999);
    expect(store.batches).toEqual([]);
    await clock.advance(1);
    expect(store.batches).toEqual([[1, 2]]);
    await clock.advance(100);
    expect(store.batches[1]).toEqual([3, 4]);
    expect(writer.health()).toEqual({ waiting: 0, kept: 4, lost: 0 });
    expect(reports).toEqual([]);
    await stop();
  });

  test('while the store refuses, a full buffer leaves out the newest and says why', async () => {
    const { clock, store, reports, push, settle, stop } = open(2);
    store.state = 'down';
    push(1, 2);
    await settle();
    await clock.advance(100);
    push(3);
    expect(reports).toEqual(['1 log records were not kept: the database does not answer.']);
    store.state = 'up';
    await clock.advance(1_000);
    expect(store.batches).toEqual([[1, 2]]);
    await stop();
  });

  test('a batch that the store can make nothing of does not keep the others out for ever', async () => {
    const { clock, store, reports, push, settle, stop, writer } = open();
    store.state = 'confused';
    push(1, 2, 3);
    await settle();
    await clock.advance(14_000);
    expect(writer.health()).toMatchObject({ waiting: 3, lost: 0 });
    await clock.advance(1_100);
    expect(writer.health()).toMatchObject({ waiting: 0, lost: 3 });
    expect(reports).toEqual(['3 log records were not kept: no such record.']);
    store.state = 'up';
    push(4);
    await settle();
    await clock.advance(100);
    expect(store.batches).toEqual([[4]]);
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

  test('a batch under way at the stop is waited for, and not sent twice', async () => {
    const { clock, store, push, stopping, stopped, settle, writer } = open();
    let answer: (() => void) | undefined;
    const append = store.append.bind(store);
    store.append = async (batch) => {
      await new Promise<void>((resolve) => (answer = resolve));
      await append(batch);
    };
    push(1);
    await settle();
    await clock.advance(100);
    stopping.abort();
    await settle();
    answer?.();
    await stopped;
    expect(store.batches).toEqual([[1]]);
    expect(writer.health()).toEqual({ waiting: 0, kept: 1, lost: 0 });
  });

  test('a store that fell silent before the stop does not hold it up', async () => {
    const { clock, store, push, stopping, stopped, settle, writer } = open();
    store.state = 'silent';
    push(1, 2);
    await settle();
    await clock.advance(100);
    stopping.abort();
    await settle();
    await clock.advance(1_000);
    await stopped;
    expect(writer.health()).toMatchObject({ waiting: 0, lost: 2 });
  });

  test('a store that is down when it stops does not hold it up', async () => {
    const { store, push, stop, writer } = open();
    store.state = 'down';
    push(1, 2, 3, 4);
    await stop();
    expect(writer.health()).toMatchObject({ waiting: 0, lost: 4 });
  });
});
