import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ListedProcess } from '#core';
import { eventually, FakeClock, sampleProcess } from '#testing';
import { ProcessWatch } from './process-watch.js';

describe.each([true, false])('a watch over processes (told of all changes: %s)', (isTold) => {
  let clock: FakeClock;
  let stored: Map<string, ListedProcess>;
  let queries: string[][];
  let isAway: boolean;
  let tell: (traceId: string) => void;
  let watch: ProcessWatch;

  beforeEach(() => {
    clock = new FakeClock();
    stored = new Map();
    queries = [];
    isAway = false;
    tell = () => undefined;
    const store = {
      findMany: (traceIds: readonly string[]) => {
        queries.push([...traceIds]);
        if (isAway) return Promise.reject(new Error('away'));
        return Promise.resolve(traceIds.flatMap((traceId) => stored.get(traceId) ?? []));
      },
      onChanged: (listener: (traceId: string) => void) => {
        if (isTold) tell = listener;
        return isTold;
      },
    };
    watch = new ProcessWatch(store, clock);
  });

  function put(traceId: string, change: Partial<ListedProcess> = {}): void {
    stored.set(traceId, sampleProcess({ traceId, ...change }));
    tell(traceId);
  }
  function open(traceId: string) {
    const seen: string[] = [];
    const listener = {
      changed: ({ status }: ListedProcess) => void seen.push(status),
      gone: () => void seen.push('-'),
    };
    return { seen, stop: watch.watch(traceId, listener) };
  }
  async function sees(seen: string[], status: string): Promise<void> {
    await eventually(`to see ${status}`, async () => {
      await clock.advance(25);
      return seen.at(-1) === status;
    });
  }

  it('tells how it stands at once, and of what changes', async () => {
    put('a');
    const { seen, stop } = open('a');
    await sees(seen, 'WAITING');
    put('a', { status: 'IN_PROGRESS' });
    await sees(seen, 'IN_PROGRESS');
    stop();
    stop();
    const count = queries.length;
    put('a', { status: 'SUCCESS' });
    await clock.advance(1_000);
    expect([seen.at(-1), queries.length]).toEqual(['IN_PROGRESS', count]);
    expect(clock.sleeping).toBe(0);
  });

  it('tells that there is none, or none any more', async () => {
    const { seen } = open('a');
    await sees(seen, '-');
    put('b');
    const other = open('b');
    await sees(other.seen, 'WAITING');
    stored.delete('b');
    tell('b');
    await sees(other.seen, '-');
  });

  it('asks once for many, whoever watches them, and no query is larger than 500', async () => {
    const all = Array.from({ length: 600 }, (_, n) => `${n}`);
    for (const traceId of all) put(traceId);
    const opened = [...all, ...all].map(open);
    await eventually('all to see', () => opened.every(({ seen }) => seen.length > 0));
    expect(queries.map((traceIds) => traceIds.length)).toEqual([500, 100]);
    for (const { stop } of opened) stop();
    await clock.advance(100);
  });

  it('looks within 250 ms, or as soon as it is told', async () => {
    put('a');
    const { seen, stop } = open('a');
    await sees(seen, 'WAITING');
    await clock.advance(5_000);
    put('a', { status: 'SUCCESS' });
    await clock.advance(isTold ? 0 : 250);
    await eventually('the last look', () => seen.at(-1) === 'SUCCESS');
    const before = queries.length;
    await clock.advance(1_000);
    expect(queries.length - before).toBe(isTold ? 0 : 5);
    stop();
    await clock.advance(100);
  });

  it('goes on when the database is back', async () => {
    isAway = true;
    put('a');
    const { seen, stop } = open('a');
    await eventually('a look', () => queries.length > 0);
    expect(seen).toEqual([]);
    isAway = false;
    await sees(seen, 'WAITING');
    stop();
  });
});
