import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from './system-clock.js';

describe('SystemClock', () => {
  const clock = new SystemClock();

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('sleeps until the time is over', async () => {
    jest.useFakeTimers();
    const woke = jest.fn();
    const sleep = clock.sleep(20).then(woke);
    await jest.advanceTimersByTimeAsync(19);
    expect(woke).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(woke).toHaveBeenCalledTimes(1);
    await sleep;
  });

  it('wakes as soon as its signal aborts', async () => {
    const abort = new AbortController();
    const set = jest.spyOn(globalThis, 'setTimeout');
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    const sleep = clock.sleep(60_000, abort.signal);
    abort.abort();
    await sleep;
    expect(cleared).toHaveBeenCalledWith(set.mock.results[0]!.value as NodeJS.Timeout);
  });

  it('does not sleep at all when its signal has aborted', async () => {
    const set = jest.spyOn(globalThis, 'setTimeout');
    await clock.sleep(60_000, AbortSignal.abort());
    expect(set).not.toHaveBeenCalled();
  });

  it('leaves no listener on a signal that many sleeps shared', async () => {
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 5 }, () => clock.sleep(1, signal)));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('sleeps on past the longest pause that one timer can hold', async () => {
    jest.useFakeTimers();
    const longestMs = 2 ** 31 - 1;
    const woke = jest.fn();
    const sleep = clock.sleep(longestMs + 10).then(woke);
    await jest.advanceTimersByTimeAsync(longestMs + 9);
    expect(woke).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(woke).toHaveBeenCalledTimes(1);
    await sleep;
  });

  it.each([-5, 0])('takes a pause of %d ms as none', async (ms) => {
    jest.useFakeTimers();
    const woke = jest.fn();
    const sleep = clock.sleep(ms).then(woke);
    await jest.advanceTimersByTimeAsync(0);
    expect(woke).toHaveBeenCalledTimes(1);
    await sleep;
  });

  it('tells the wall clock', () => {
    expect(Math.abs(clock.now() - (performance.timeOrigin + performance.now()))).toBeLessThan(1_000);
  });
});
