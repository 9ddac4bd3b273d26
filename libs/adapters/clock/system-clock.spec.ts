import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { SystemClock } from './system-clock.js';

describe('SystemClock', () => {
  const clock = new SystemClock();

  it('sleeps until the time is over', async () => {
    const start = performance.now();
    await clock.sleep(20);
    expect(performance.now() - start).toBeGreaterThanOrEqual(18);
  });

  it('wakes as soon as its signal aborts', async () => {
    const abort = new AbortController();
    const sleep = clock.sleep(60_000, abort.signal);
    abort.abort();
    await sleep;
  });

  it('does not sleep at all when its signal has aborted', async () => {
    await clock.sleep(60_000, AbortSignal.abort());
  });

  it('leaves no listener on a signal that many sleeps shared', async () => {
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 5 }, () => clock.sleep(1, signal)));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('sleeps on past the longest pause that one timer can hold', async () => {
    const abort = new AbortController();
    let awake = false;
    const sleep = clock.sleep(2 ** 31 + 10, abort.signal).then(() => (awake = true));
    await clock.sleep(20);
    expect(awake).toBe(false);
    abort.abort();
    await sleep;
  });

  it('takes a negative pause as none', async () => {
    await clock.sleep(-5);
  });

  it('tells the wall clock', () => {
    expect(Math.abs(clock.now() - (performance.timeOrigin + performance.now()))).toBeLessThan(1_000);
  });
});
