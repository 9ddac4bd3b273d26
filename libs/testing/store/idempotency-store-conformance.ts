import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_PROJECT, newTraceId } from '#core';
import type { IdempotencyStore, WantedKey } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { SAMPLE_TIME } from './samples.js';

const now = SAMPLE_TIME;
const BUSY_MS = 10_000;
const KEPT_MS = 86_400_000;

/** What every IdempotencyStore must do. */
export function runIdempotencyStoreConformance(name: string, make: MakeStore<IdempotencyStore>): void {
  describe(`${name} is an IdempotencyStore`, () => {
    let harness: StoreHarness<IdempotencyStore>;
    let store: IdempotencyStore;
    let other: IdempotencyStore;
    beforeEach(async () => {
      harness = await make();
      ({ store, other } = harness);
    });
    afterEach(() => harness.close());

    function wanted(key: string, change: Partial<WantedKey> = {}): WantedKey {
      const times = { busyUntil: now + BUSY_MS, expiresAt: now + KEPT_MS };
      return { key, project: DEFAULT_PROJECT, fingerprint: 'body', traceId: newTraceId(), ...times, ...change };
    }

    /** Takes a key and ends it, as a request that was carried out does. */
    async function done(key: string): Promise<string> {
      const { traceId } = await store.take(wanted(key), now);
      await store.end(key, traceId);
      return traceId;
    }

    it('gives a new key to who asks, and tells the next that it is busy', async () => {
      const first = wanted('new');
      expect(await store.take(first, now)).toEqual({ state: 'mine', traceId: first.traceId });
      expect(await other.take(wanted('new'), now)).toEqual({ state: 'busy', traceId: first.traceId });
    });

    it('tells of a request that was carried out, always with its trace id', async () => {
      const traceId = await done('done');
      expect(await other.take(wanted('done'), now + KEPT_MS - 1)).toEqual({ state: 'done', traceId });
    });

    it('knows another request under the same key, carried out or not', async () => {
      const traceId = await done('done');
      const busy = await store.take(wanted('busy'), now);
      expect(await other.take(wanted('done', { fingerprint: 'x' }), now)).toEqual({ state: 'other', traceId });
      const late = now + BUSY_MS;
      expect(await other.take(wanted('busy', { fingerprint: 'x' }), late)).toEqual({ ...busy, state: 'other' });
    });

    it('gives one that was left on to the next, under the first trace id, once', async () => {
      const { traceId } = await store.take(wanted('left'), now);
      const late = now + BUSY_MS;
      const again = wanted('left', { busyUntil: late + BUSY_MS });
      expect(await other.take(again, late - 1)).toEqual({ state: 'busy', traceId });
      expect(await other.take(again, late)).toEqual({ state: 'mine', traceId });
      expect(await store.take(again, late)).toEqual({ state: 'busy', traceId });
    });

    it('has nobody wait for one that was left by a clock that was set back since', async () => {
      const { traceId } = await store.take(wanted('left'), now);
      const before = now - 3_600_000;
      const again = wanted('left', { busyUntil: before + BUSY_MS });
      expect(await other.take(again, before)).toEqual({ state: 'mine', traceId });
      expect(await store.take(again, before)).toEqual({ state: 'busy', traceId });
    });

    it('lets clocks differ a little', async () => {
      const { traceId } = await store.take(wanted('ahead'), now);
      const behind = now - 2_000;
      const again = wanted('ahead', { busyUntil: behind + BUSY_MS });
      expect(await other.take(again, behind)).toEqual({ state: 'busy', traceId });
    });

    it('gives one whose time is over to any request', async () => {
      await done('old');
      const next = wanted('old', { fingerprint: 'x', expiresAt: now + 2 * KEPT_MS });
      expect(await other.take(next, now + KEPT_MS)).toEqual({ state: 'mine', traceId: next.traceId });
    });

    it('gives one that was given up to any request, but not one that has ended or was taken over', async () => {
      const until = now + BUSY_MS;
      const first = await store.take(wanted('a'), now);
      await store.giveUp('a', newTraceId(), until);
      await store.giveUp('a', first.traceId, until - 1);
      expect(await store.take(wanted('a'), now)).toMatchObject({ state: 'busy' });
      await store.giveUp('a', first.traceId, until);
      expect(await other.take(wanted('a', { fingerprint: 'x' }), now)).toMatchObject({ state: 'mine' });
      const traceId = await done('b');
      await store.giveUp('b', traceId, until);
      expect(await other.take(wanted('b'), now)).toEqual({ state: 'done', traceId });
    });

    it('does not end what stands for another trace id, nor what is not there', async () => {
      await store.take(wanted('a'), now);
      await store.end('a', newTraceId());
      await store.end('b', newTraceId());
      expect(await store.take(wanted('a'), now)).toMatchObject({ state: 'busy' });
      expect(await store.take(wanted('b'), now)).toMatchObject({ state: 'mine' });
    });

    it.each([
      ['a new key', now],
      ['one whose time is over', now + KEPT_MS],
      ['one that was left', now + BUSY_MS],
    ])('gives %s to exactly one of 100 who ask at once', async (kind, at) => {
      if (kind !== 'a new key') await store.take(wanted('race'), now);
      const times = { busyUntil: at + BUSY_MS, expiresAt: at + KEPT_MS };
      const asked = Array.from({ length: 100 }, (_, index) =>
        (index % 2 === 0 ? store : other).take(wanted('race', times), at),
      );
      const answers = await Promise.all(asked);
      expect(answers.filter(({ state }) => state === 'mine')).toHaveLength(1);
      expect(answers.filter(({ state }) => state === 'busy')).toHaveLength(99);
      expect(new Set(answers.map(({ traceId }) => traceId)).size).toBe(1);
    });

    it('removes what is over in pieces, oldest first, and nothing else', async () => {
      for (const [key, age] of [
        ['c', 1],
        ['a', 3],
        ['b', 2],
      ] as const) {
        await store.take(wanted(key, { expiresAt: now - age }), now - 10);
      }
      const traceId = await done('kept');
      expect(await store.sweep(2, now)).toBe(2);
      // Still there, hence still busy as of then.
      expect(await store.take(wanted('c'), now - 10)).toMatchObject({ state: 'busy' });
      expect(await other.take(wanted('a'), now - 10)).toMatchObject({ state: 'mine' });
      expect(await store.sweep(2, now)).toBe(1);
      expect(await store.sweep(2, now)).toBe(0);
      expect(await store.take(wanted('kept'), now)).toEqual({ state: 'done', traceId });
    });
  });
}
