import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProcessStore } from '#core';
import type { MakeStore } from './harness.js';
import { CLAIMED, ProcessFixture, lease } from './process-fixture.js';
import { SAMPLE_TIME } from './samples.js';

const now = SAMPLE_TIME;
const expiresAt = now + 5_000;
const SPEC = 'A'.repeat(16);

/** What every ProcessStore must do with processes that expire; part of `runProcessStoreConformance`. */
export function runProcessExpiryConformance(name: string, make: MakeStore<ProcessStore>): void {
  describe(`${name} is a ProcessStore whose parked processes expire`, () => {
    let fixture: ProcessFixture;
    beforeEach(async () => {
      fixture = new ProcessFixture(await make());
    });
    afterEach(() => fixture.harness.close());

    it.each([
      [
        'stored',
        async () => (await fixture.insert({ specTraceId: SPEC, dueAt: null, expiresAt, createdAt: now - 1 })).traceId,
      ],
      [
        'handed back',
        async () => {
          const claim = await fixture.insertClaimed({ specTraceId: SPEC, expiresAt });
          await fixture.store.handBack(claim, { dueAt: null, expiresAt, steps: CLAIMED }, now);
          return claim.traceId;
        },
      ],
    ])('those parked when they were %s become due, each given out once', async (_, park) => {
      const traceId = await park();
      expect(await fixture.store.find(null, traceId)).toMatchObject({ dueAt: null, expiresAt });
      expect(await fixture.store.nextTimed()).toBe(expiresAt);
      expect(await fixture.dueTimed(10, expiresAt - 1)).toEqual([]);
      expect(await fixture.dueTimed(10, expiresAt + 1, fixture.other)).toEqual([traceId]);
      expect(await fixture.dueTimed(10, expiresAt + 1)).toEqual([]);
      expect(await fixture.store.nextTimed()).toBeNull();
      expect(await fixture.store.parkedSpecs(null, 10)).toEqual([]);
      expect(await fixture.release(SPEC, 10, expiresAt)).toEqual([]);
      expect(await fixture.due({ dueBefore: expiresAt + 2, now: expiresAt + 2 })).toEqual([traceId]);
      expect(await fixture.store.claim(traceId, lease(), CLAIMED, expiresAt + 1)).toMatchObject({ expiresAt });
    });

    it('those that were parked and handed back when they had expired are given out at once', async () => {
      const claim = await fixture.insertClaimed({ specTraceId: SPEC, expiresAt });
      await fixture.store.handBack(claim, { dueAt: null, expiresAt, steps: CLAIMED }, expiresAt + 1);
      expect(await fixture.dueTimed(10, expiresAt + 1)).toEqual([claim.traceId]);
    });

    it('those that were released or cancelled before are not given out, and those that never expire stay', async () => {
      const park = async (spec: string) =>
        (await fixture.insert({ specTraceId: spec, dueAt: null, expiresAt, createdAt: now - 1 })).traceId;
      const released = await park(SPEC);
      expect(await fixture.release(SPEC, 10, now)).toEqual([released]);
      expect(await fixture.store.cancel('default', await park(SPEC), 'Cancelled', now)).toBe(true);
      const forever = await fixture.park('B'.repeat(16));
      expect(await fixture.store.nextTimed()).toBeNull();
      expect(await fixture.dueTimed(10, expiresAt + 1)).toEqual([]);
      expect(await fixture.store.parkedSpecs(null, 10)).toEqual(['B'.repeat(16)]);
      expect(await fixture.release('B'.repeat(16), 10, now)).toEqual([forever]);
    });
  });
}
