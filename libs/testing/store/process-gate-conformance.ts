import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_PROJECT, PRIORITY_STEP_MS } from '#core';
import type { HoldReason, ProcessStore, SchedulerProcess } from '#core';
import type { MakeStore } from './harness.js';
import { CLAIMED, idsOf, LEASE_MS, lease, ProcessFixture } from './process-fixture.js';
import { SAMPLE_TIME } from './samples.js';

const now = SAMPLE_TIME;
const SPEC = 'GateGateGateGate';

/** What every ProcessStore must do with ranks, and with what is held at a gate; part of `runProcessStoreConformance`. */
export function runProcessGateConformance(name: string, make: MakeStore<ProcessStore>): void {
  describe(`${name} is a ProcessStore that keeps turns`, () => {
    let fixture: ProcessFixture;
    beforeEach(async () => {
      fixture = new ProcessFixture(await make());
    });
    afterEach(() => fixture.harness.close());

    const insert = async (change: Partial<SchedulerProcess>) => (await fixture.insert(change)).traceId;

    describe('by rank', () => {
      /** Inserts in an order of its own what is to come out in this one. */
      async function insertRanked(dueAt: number): Promise<string[]> {
        const third = await insert({ dueAt, priority: 4 });
        const second = await insert({ dueAt: dueAt + 5 });
        const first = await insert({ dueAt: dueAt + 7, priority: 9 });
        const fourth = await insert({ dueAt: dueAt + 6, priority: 4 });
        const aged = await insert({ dueAt: dueAt + 10 - 5 * PRIORITY_STEP_MS, priority: 0 });
        return [first, second, aged, third, fourth];
      }

      it('gives out what was timed, however many more are due than asked for', async () => {
        const dueAt = now + 1_000_000;
        const expected = await insertRanked(dueAt);
        const later = dueAt + 100;
        expect(await fixture.dueTimed(2, later)).toEqual(expected.slice(0, 2));
        expect(await fixture.dueTimed(2, later)).toEqual(expected.slice(2, 4));
        expect(await fixture.dueTimed(9, later)).toEqual(expected.slice(4));
      });

      it('gives out none before its time, whatever its priority', async () => {
        await insert({ dueAt: now + 1_001, priority: 9 });
        const low = await insert({ dueAt: now + 1_000, priority: 0 });
        expect(await fixture.store.nextTimed()).toBe(now + 1_000);
        expect(await fixture.dueTimed(9, now + 1_000)).toEqual([low]);
        expect(await fixture.store.nextTimed()).toBe(now + 1_001);
      });

      it('names what is due, however many more are than asked for', async () => {
        const expected = await insertRanked(now - 100);
        expect(await fixture.due({ limit: 2 })).toEqual(expected.slice(0, 2));
        expect(await fixture.due({ limit: 2 })).toEqual(expected.slice(2, 4));
        expect(await fixture.due({ limit: 9 })).toEqual(expected.slice(4));
      });

      it('tells with each the priority and the time that it was due', async () => {
        const traceId = await insert({ dueAt: now - 100, priority: 7 });
        const query = { dueBefore: now, repeatAfter: now + 1, limit: 9, now };
        expect(await fixture.store.due(query)).toEqual([{ traceId, priority: 7, dueAt: now - 100 }]);
        const timed = await insert({ dueAt: now + 100 });
        const given = await fixture.store.dueTimed({ limit: 9, now: now + 100, repeatAfter: now + 200 });
        expect(given).toEqual([{ traceId: timed, priority: 5, dueAt: now + 100 }]);
      });

      it('releases what was parked', async () => {
        const late = await fixture.park(SPEC, { priority: 4, createdAt: now - 10 });
        const early = await fixture.park(SPEC, { priority: 9 });
        const usual = await fixture.park(SPEC);
        expect(await fixture.release(SPEC, 2, now)).toEqual([early, usual]);
        expect(await fixture.release(SPEC, 2, now)).toEqual([late]);
      });
    });

    it('leaves what it gave out in time to its message for a while', async () => {
      const dueAt = now + 1_000;
      const traceId = await insert({ dueAt });
      await fixture.store.dueTimed({ limit: 9, now: dueAt, repeatAfter: dueAt + 30_000 });
      expect(await fixture.due({ now: dueAt + 29_999, dueBefore: dueAt + 29_999 })).toEqual([]);
      expect(await fixture.due({ now: dueAt + 30_001, dueBefore: dueAt + 30_001 })).toEqual([traceId]);
    });

    it('does not tell in time of what was given out as due', async () => {
      await insert({ dueAt: now + 1_000 });
      expect(await fixture.due({ now: now + 2_000, dueBefore: now + 2_000 })).toHaveLength(1);
      expect(await fixture.dueTimed(9, now + 3_000)).toEqual([]);
      expect(await fixture.store.nextTimed()).toBeNull();
    });

    describe('at a gate', () => {
      async function hold(
        change: Partial<SchedulerProcess> = {},
        { why = 'limit', expiresAt }: { why?: HoldReason; expiresAt?: number } = {},
      ): Promise<string> {
        const { key = '', priority = 5 } = change;
        const { traceId } = await fixture.insert({ specTraceId: SPEC, dueAt: now, ...change });
        const claimed = await fixture.store.claim(traceId, lease(), CLAIMED, now);
        const held = { why, key, priority, dueAt: claimed?.dueAt ?? NaN };
        const next = { dueAt: null, held, expiresAt, steps: ['Received in the API'] };
        expect(await fixture.store.handBack(claimed!, next, now)).toBe(true);
        return traceId;
      }

      it('keeps a process from everybody until it is released, due as it was', async () => {
        const traceId = await hold({ dueAt: now - 500, key: 'a', priority: 7 });
        expect(await fixture.other.find(null, traceId)).toMatchObject({
          status: 'WAITING',
          dueAt: null,
          held: 'limit',
        });
        expect(await fixture.store.findState(DEFAULT_PROJECT, traceId)).toMatchObject({ held: 'limit' });
        const later = now + LEASE_MS * 2;
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, later)).toBeNull();
        expect(await fixture.due({ now: later, dueBefore: later })).toEqual([]);
        expect(await fixture.release(SPEC, 9, now)).toEqual([]);
        expect(await fixture.store.parkedSpecs(null, 9)).toEqual([]);
        expect(await fixture.store.releaseHeld([traceId, 'x'.repeat(16)], now + 30_000, now + 1)).toEqual([traceId]);
        const found = await fixture.store.find(null, traceId);
        expect(found).toMatchObject({ status: 'WAITING', dueAt: now - 500, key: 'a', priority: 7 });
        expect(found).not.toHaveProperty('held');
        expect(await fixture.store.releaseHeld([traceId], now + 30_000, now + 1)).toEqual([]);
        expect(await fixture.due({ now: now + 2, dueBefore: now + 2 })).toEqual([]);
        expect(await fixture.due({ now: now + 30_001, dueBefore: now + 30_001 })).toEqual([traceId]);
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, now + 1)).toMatchObject({ attempt: 2 });
      });

      it('has a line for each key, in the order of ranks', async () => {
        const [b2, a1, b1, none] = [
          await hold({ key: 'b', dueAt: now - 1 }),
          await hold({ key: 'a' }),
          await hold({ key: 'b', dueAt: now, priority: 6 }),
          await hold({}),
        ];
        await hold({ specTraceId: 'OtherOtherOtherO', key: 'c' });
        const [first = '', second = ''] = [SPEC, 'OtherOtherOtherO'].sort();
        expect(await fixture.other.heldSpecs(null, 9)).toEqual([first, second]);
        expect(await fixture.store.heldSpecs(null, 1)).toEqual([first]);
        expect(await fixture.store.heldSpecs(first, 9)).toEqual([second]);
        expect(await fixture.store.heldKeys(SPEC, null, 9)).toEqual(['', 'a', 'b']);
        expect(await fixture.store.heldKeys(SPEC, null, 2)).toEqual(['', 'a']);
        expect(await fixture.store.heldKeys(SPEC, '', 1)).toEqual(['a']);
        expect(await fixture.store.heldKeys(SPEC, 'b', 9)).toEqual([]);
        expect(idsOf(await fixture.other.heldLine(SPEC, 'b', 9))).toEqual([b1, b2]);
        expect(await fixture.store.heldLine(SPEC, 'b', 1)).toEqual([{ traceId: b1, priority: 6, dueAt: now }]);
        expect(idsOf(await fixture.store.heldLine(SPEC, '', 9))).toEqual([none]);
        await fixture.store.releaseHeld([a1], now, now);
        expect(await fixture.store.heldKeys(SPEC, null, 9)).toEqual(['', 'b']);
      });

      it('counts as not ended, and lets what was cancelled go', async () => {
        const [first] = [await hold({ key: 'a', method: 'POST' }), await hold({ method: 'POST' })];
        expect(await fixture.store.unended(SPEC)).toMatchObject([{ method: 'POST', count: 2 }]);
        expect(await fixture.other.countUnended(9)).toBe(2);
        expect(await fixture.store.cancel('default', first, 'Cancelled', now)).toBe(true);
        expect(await fixture.store.heldKeys(SPEC, null, 9)).toEqual(['']);
        expect(await fixture.store.releaseHeld([first], now, now)).toEqual([]);
        const found = await fixture.store.find(null, first);
        expect(found).toMatchObject({ status: 'CANCELLED' });
        expect(await fixture.store.countUnended(9)).toBe(1);
        expect(found).not.toHaveProperty('held');
      });

      it('lets go what expires', async () => {
        const expiresAt = now + 1_000;
        const traceId = await hold({ key: 'a' }, { why: 'paused', expiresAt });
        expect(await fixture.store.nextTimed()).toBe(expiresAt);
        expect(await fixture.dueTimed(9, expiresAt)).toEqual([traceId]);
        expect(await fixture.store.heldSpecs(null, 9)).toEqual([]);
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, expiresAt)).toMatchObject({ attempt: 2 });
      });

      it('gives each to one of two that release at once', async () => {
        const traceIds = await Promise.all(Array.from({ length: 20 }, () => hold()));
        const released = await Promise.all([
          fixture.store.releaseHeld(traceIds, now, now),
          fixture.other.releaseHeld(traceIds, now, now),
        ]);
        expect(released.flat().sort()).toEqual(traceIds.sort());
      });
    });
  });
}
