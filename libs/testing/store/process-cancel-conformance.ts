import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Claim, ProcessStore } from '#core';
import { newTraceId } from '#core';
import type { MakeStore } from './harness.js';
import { CLAIMED, EXECUTED, LEASE_MS, ProcessFixture, lease, sampleCall, success } from './process-fixture.js';
import { SAMPLE_TIME, sampleProcess } from './samples.js';

const now = SAMPLE_TIME;
const STEP = 'Cancelled';

/** What every ProcessStore must do when processes are cancelled; part of `runProcessStoreConformance`. */
export function runProcessCancelConformance(name: string, make: MakeStore<ProcessStore>): void {
  describe(`${name} is a ProcessStore that cancels`, () => {
    let fixture: ProcessFixture;
    beforeEach(async () => {
      fixture = new ProcessFixture(await make());
    });
    afterEach(() => fixture.harness.close());

    function cancel(traceId: string): Promise<boolean> {
      return fixture.other.cancel('default', traceId, STEP, now + 7);
    }

    async function betweenCalls(): Promise<string> {
      const claim = await fixture.insertClaimed();
      await fixture.store.tryLater(claim, { at: now + 4_000, calls: [sampleCall(1)], specVersion: 1 }, now);
      return claim.traceId;
    }

    it.each([
      ['waits', async () => (await fixture.insert()).traceId, 1],
      ['is to start later', async () => (await fixture.insert({ dueAt: now + 9_000 })).traceId, 1],
      ['is parked', () => fixture.park('A'.repeat(16)), 2],
      ['runs', async () => (await fixture.insertClaimed()).traceId, 2],
      ['is between two calls', betweenCalls, 3],
    ])('what %s, at once, and nobody comes across it any more', async (_, begin, attempt) => {
      const traceId = await begin();
      const { steps } = (await fixture.store.find(null, traceId))!;
      expect(await cancel(traceId)).toBe(true);
      const found = await fixture.store.find('default', traceId);
      expect(found).toMatchObject({ status: 'CANCELLED', steps: [...steps, STEP], attempt, updatedAt: now + 7 });
      expect(found).not.toHaveProperty('nextCallAt');
      expect(found).not.toHaveProperty('error');
      const later = now + 100 * LEASE_MS;
      expect(await fixture.store.claim(traceId, lease(), CLAIMED, later)).toBeNull();
      expect(await fixture.due({ dueBefore: later, now: later })).toEqual([]);
      expect(await fixture.store.nextTimed()).toBeNull();
      expect(await fixture.dueTimed(10, later)).toEqual([]);
      expect(await fixture.store.parkedSpecs(null, 10)).toEqual([]);
      expect(await fixture.release('A'.repeat(16), 10, now)).toEqual([]);
      expect(await fixture.store.unended('A'.repeat(16))).toEqual([]);
    });

    it('what runs, and refuses all that is written under its claim afterwards', async () => {
      const claim = await fixture.insertClaimed();
      expect(await fixture.store.noteSending(claim)).toBe(true);
      expect(await cancel(claim.traceId)).toBe(true);
      expect(await fixture.store.complete(claim, success(), EXECUTED, now)).toBe(false);
      expect(await fixture.store.noteSending(claim)).toBe(false);
      expect(await fixture.store.tryLater(claim, { at: now, calls: [], specVersion: 1 }, now)).toBe(false);
      expect(await fixture.store.handBack(claim, { dueAt: now, steps: CLAIMED }, now)).toBe(false);
      expect(await fixture.store.handBack(claim, { dueAt: null, steps: CLAIMED }, now)).toBe(false);
      expect(await fixture.store.renew([claim], now + LEASE_MS)).toEqual([]);
      expect(await fixture.store.findResponse('default', claim.traceId)).toBeNull();
      expect(await fixture.store.find(null, claim.traceId)).toMatchObject({ status: 'CANCELLED' });
      expect(await fixture.store.find(null, claim.traceId)).not.toHaveProperty('isUncertain');
    });

    it('and tells whoever listens to that very object, once for each', async () => {
      const told: string[] = [];
      fixture.other.onCancelled((traceId) => told.push(traceId));
      const { traceId } = await fixture.insert();
      await cancel(traceId);
      await cancel(traceId);
      await cancel(newTraceId());
      expect(told).toEqual([traceId]);
    });

    it('nothing that has ended, that is of another project, or that is not there', async () => {
      const ended = await fixture.insertClaimed();
      await fixture.store.complete(ended, success(), EXECUTED, now);
      const cancelled = await fixture.insert();
      expect(await cancel(cancelled.traceId)).toBe(true);
      const foreign = await fixture.insert({ project: 'another' });
      for (const traceId of [ended.traceId, cancelled.traceId, foreign.traceId, newTraceId()]) {
        const before = await fixture.store.find(null, traceId);
        expect(await cancel(traceId)).toBe(false);
        expect(await fixture.store.find(null, traceId)).toStrictEqual(before);
      }
    });

    it('or completes, of both at once exactly one', async () => {
      const claims = await Promise.all(Array.from({ length: 40 }, () => fixture.insertClaimed()));
      const won = await Promise.all(
        claims.map(async (claim, index) => {
          const both = [
            () => fixture.store.complete(claim, success(), EXECUTED, now),
            () => fixture.other.cancel('default', claim.traceId, STEP, now),
          ];
          if (index % 2 === 1) both.reverse();
          const [first, second] = await Promise.all(both.map((write) => write()));
          expect(first).toBe(!second);
          return index % 2 === 1 ? first : second;
        }),
      );
      for (const [index, { traceId }] of claims.entries()) {
        const status = (await fixture.store.find(null, traceId))?.status;
        expect(status).toBe(won[index] ? 'CANCELLED' : 'SUCCESS');
        expect((await fixture.store.findResponse('default', traceId)) === null).toBe(won[index]);
      }
    });

    it('or is claimed, of both at once in either order', async () => {
      const processes = await fixture.insertMany(40);
      const claims = await Promise.all(
        processes.map(async ({ traceId }) => {
          const [claimed] = await Promise.all([
            fixture.store.claim(traceId, lease(), CLAIMED, now),
            fixture.other.cancel('default', traceId, STEP, now),
          ]);
          expect(claimed?.status ?? 'IN_PROGRESS').toBe('IN_PROGRESS');
          return claimed;
        }),
      );
      for (const [index, { traceId }] of processes.entries()) {
        expect(await fixture.store.find(null, traceId)).toMatchObject({ status: 'CANCELLED' });
        const claim = claims[index];
        if (claim) expect(await fixture.store.complete(claim, success(), EXECUTED, now)).toBe(false);
      }
    });

    describe('notes the calls', () => {
      const calls = [sampleCall(1, 'broken off')];

      it('of what was cancelled under the claim that made them', async () => {
        const claim = await fixture.insertClaimed();
        await cancel(claim.traceId);
        await fixture.store.noteCalls(claim, calls);
        expect(await fixture.other.find(null, claim.traceId)).toMatchObject({ status: 'CANCELLED', calls });
      });

      it('of nothing else', async () => {
        const running = await fixture.insertClaimed();
        const ended = await fixture.insertClaimed();
        await fixture.store.complete(ended, success(), EXECUTED, now);
        const late = await fixture.insertClaimed();
        const until = now + LEASE_MS + 1;
        await fixture.other.claim(late.traceId, lease('second', 2 * until), CLAIMED, until);
        await cancel(late.traceId);
        for (const claim of [running, ended, late]) {
          await fixture.store.noteCalls(claim, calls);
          expect(await fixture.store.find(null, claim.traceId)).not.toHaveProperty('calls');
        }
      });
    });

    it('held names the claims that are still the latest of what has not ended, and changes nothing', async () => {
      const [held, ended, cancelled, stale] = await Promise.all([
        fixture.insertClaimed(),
        fixture.insertClaimed(),
        fixture.insertClaimed(),
        fixture.insertClaimed(),
      ]);
      await fixture.store.complete(ended, success(), EXECUTED, now);
      await cancel(cancelled.traceId);
      const before = await fixture.store.find(null, held.traceId);
      const unknown: Claim = { traceId: sampleProcess().traceId, attempt: 1 };
      const asked = [ended, held, cancelled, { ...stale, attempt: 9 }, unknown];
      expect(await fixture.other.held(asked)).toEqual([held]);
      expect(await fixture.other.held([])).toEqual([]);
      expect(await fixture.store.find(null, held.traceId)).toStrictEqual(before);
    });
  });
}
