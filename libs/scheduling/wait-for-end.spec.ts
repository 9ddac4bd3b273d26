import { describe, expect, it } from '@jest/globals';
import type { ProcessStore } from '#core';
import { FakeClock } from '#testing';
import { WaitForEnd } from './wait-for-end.js';

const never = new AbortController().signal;

/** Waits of a store whose processes end when they are told to, or fail to be asked for. */
function waits(whenEnded: ProcessStore['whenEnded']) {
  const clock = new FakeClock();
  return { clock, wait: new WaitForEnd({ whenEnded }, clock) };
}

/** A store in which nothing ever ends. */
const endless: ProcessStore['whenEnded'] = (_, signal) => {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }));
};

describe('waiting for the end of a process', () => {
  it('ends with it, and leaves no timer', async () => {
    const { clock, wait } = waits(() => Promise.resolve(true));
    expect(await wait.execute('a', 1_000, never)).toBe(true);
    expect(clock.sleeping).toBe(0);
  });

  it('ends when its time is over', async () => {
    const { clock, wait } = waits(endless);
    const waiting = wait.execute('a', 1_000, never);
    await clock.advance(1_000);
    expect(await waiting).toBe(false);
  });

  it('ends when the caller is gone', async () => {
    const { clock, wait } = waits(endless);
    const gone = new AbortController();
    const waiting = wait.execute('a', 1_000, gone.signal);
    gone.abort();
    expect(await waiting).toBe(false);
    expect(clock.sleeping).toBe(0);
  });

  it('ends when the database is away', async () => {
    const { wait } = waits(() => Promise.reject(new Error('away')));
    expect(await wait.execute('a', 1_000, never)).toBe(false);
  });

  it('is refused to the 201st, and to all once it is stopped', async () => {
    const { wait } = waits(endless);
    const crowd = Array.from({ length: 200 }, () => wait.execute('a', 1_000, never));
    expect(await wait.execute('b', 1_000, never)).toBe(false);
    wait.stop();
    expect(await Promise.all(crowd)).not.toContain(true);
    expect(await wait.execute('b', 1_000, never)).toBe(false);
  });
});
