import { getEventListeners } from 'node:events';
import { expect, it } from '@jest/globals';
import type { Link } from './link-holder.js';
import { LinkHolder } from './link-holder.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function aLink(): Link {
  return {
    incoming: () => Promise.reject(new Error('Not asked for.')),
    fail: () => undefined,
    lost: new Promise(() => undefined),
  };
}

it('gives a link to whoever waits for one, and leaves nothing on the signal, which outlives many', async () => {
  const holder = new LinkHolder();
  const { signal } = new AbortController();
  for (let time = 0; time < 3; time++) {
    const link = aLink();
    const waiting = holder.next(signal);
    holder.hold(link);
    expect(await waiting).toBe(link);
    expect(holder.drop(link)).toBe(true);
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('waits no longer than its signal lets it', async () => {
  const holder = new LinkHolder();
  const stop = new AbortController();
  const waiting = holder.next(stop.signal).catch((error: unknown) => error);
  await settled();
  stop.abort(new Error('stopped'));
  expect(await waiting).toEqual(new Error('stopped'));
});
