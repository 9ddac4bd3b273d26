import { describe, expect, it } from '@jest/globals';
import type { ListedProcess } from '#core';
import { FakeClock, sampleProcess } from '#testing';
import type { ProcessListener } from './process-watch.js';
import { WaitForEnd } from './wait-for-end.js';

const never = new AbortController().signal;

/** Waits of processes of which their listeners are told this. */
function waits(tell: (listener: ProcessListener) => void = () => undefined) {
  const clock = new FakeClock();
  const watching = new Set<ProcessListener>();
  const watch = (_: string, listener: ProcessListener) => {
    watching.add(listener);
    tell(listener);
    return () => void watching.delete(listener);
  };
  return { clock, watching, wait: new WaitForEnd({ watch }, clock) };
}

describe('waiting for the end of a process', () => {
  it('ends with it, and leaves no timer and no listener', async () => {
    const states: ListedProcess[] = [sampleProcess(), sampleProcess({ status: 'SUCCESS' })];
    const { clock, wait, watching } = waits((listener) => states.forEach((state) => listener.changed(state)));
    expect(await wait.execute('p', 'a', 1_000, never)).toBe(true);
    expect([clock.sleeping, watching.size]).toEqual([0, 0]);
  });

  it('ends where there is no such process', async () => {
    const { wait } = waits((listener) => listener.gone());
    expect(await wait.execute('p', 'a', 1_000, never)).toBe(false);
  });

  it('ends when its time is over', async () => {
    const { clock, wait, watching } = waits();
    const waiting = wait.execute('p', 'a', 1_000, never);
    await clock.advance(1_000);
    expect(await waiting).toBe(false);
    expect(watching.size).toBe(0);
  });

  it('ends when the caller is gone', async () => {
    const { clock, wait } = waits();
    const gone = new AbortController();
    const waiting = wait.execute('p', 'a', 1_000, gone.signal);
    gone.abort();
    expect(await waiting).toBe(false);
    expect(clock.sleeping).toBe(0);
  });

  it('is refused to the 201st, and to all once it is stopped', async () => {
    const { wait } = waits();
    const crowd = Array.from({ length: 200 }, () => wait.execute('p', 'a', 1_000, never));
    expect(await wait.execute('p', 'b', 1_000, never)).toBe(false);
    wait.stop();
    expect(await Promise.all(crowd)).not.toContain(true);
    expect(await wait.execute('p', 'b', 1_000, never)).toBe(false);
  });

  it('of many for one project ends early for another, for whoever has waited longest', async () => {
    const { wait, clock } = waits();
    const crowd = Array.from({ length: 200 }, () => wait.execute('p', 'a', 1_000, never));
    const other = wait.execute('another', 'b', 1_000, never);
    expect(await crowd[0]).toBe(false);
    expect(clock.sleeping).toBe(200);
    wait.stop();
    expect(await Promise.all([...crowd, other])).not.toContain(true);
  });
});
