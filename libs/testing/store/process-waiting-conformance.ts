import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_PROJECT } from '#core';
import type { ProcessStore } from '#core';
import type { MakeStore } from './harness.js';
import { CLAIMED, EXECUTED, LEASE_MS, ProcessFixture, lease, sampleCall, success } from './process-fixture.js';
import { SAMPLE_TIME, sampleProcess } from './samples.js';

const now = SAMPLE_TIME;

/** What every ProcessStore must do with leases, waiting and what is due; part of `runProcessStoreConformance`. */
export function runProcessWaitingConformance(name: string, make: MakeStore<ProcessStore>): void {
  describe(`${name} is a ProcessStore that waits`, () => {
    let fixture: ProcessFixture;
    beforeEach(async () => {
      fixture = new ProcessFixture(await make());
    });
    afterEach(() => fixture.harness.close());

    describe('renew', () => {
      it('moves the end of leases, and names those still held', async () => {
        const [held, ended, stale] = [
          await fixture.insertClaimed(),
          await fixture.insertClaimed(),
          await fixture.insertClaimed(),
        ];
        await fixture.store.complete(ended, success(), EXECUTED, now);
        const wrong = { ...stale, attempt: 9 };
        expect(await fixture.store.renew([held, ended, wrong], now + 5 * LEASE_MS)).toEqual([held]);
        expect(await fixture.store.claim(held.traceId, lease(), CLAIMED, now + 2 * LEASE_MS)).toBeNull();
        expect(await fixture.store.claim(stale.traceId, lease(), CLAIMED, now + 2 * LEASE_MS)).not.toBeNull();
        expect(await fixture.store.claim(held.traceId, lease(), CLAIMED, now + 5 * LEASE_MS + 1)).not.toBeNull();
      });

      it('does nothing for none', async () => {
        expect(await fixture.store.renew([], now)).toEqual([]);
      });

      it('follows a clock that was set back', async () => {
        const claim = await fixture.insertClaimed();
        expect(await fixture.store.renew([claim], now - 3_600_000)).toEqual([claim]);
        expect(await fixture.store.claim(claim.traceId, lease(), CLAIMED, now - 3_599_999)).toMatchObject({
          attempt: 2,
        });
      });
    });

    describe('handBack', () => {
      it('lets the process wait until it is due again', async () => {
        const claim = await fixture.insertClaimed();
        const steps = ['Received in the API'];
        expect(await fixture.store.handBack(claim, { dueAt: now + 5_000, steps }, now + 1)).toBe(true);
        const found = await fixture.store.find(null, claim.traceId);
        expect(found).toMatchObject({ status: 'WAITING', steps, dueAt: now + 5_000, attempt: 1, updatedAt: now + 1 });
        expect(await fixture.store.claim(claim.traceId, lease(), CLAIMED, now + 4_999)).toBeNull();
        expect(await fixture.store.claim(claim.traceId, lease(), CLAIMED, now + 5_000)).toMatchObject({ attempt: 2 });
      });

      it('ends the claim: nothing more can be written under it', async () => {
        const claim = await fixture.insertClaimed();
        await fixture.store.handBack(claim, { dueAt: now, steps: CLAIMED }, now);
        expect(await fixture.store.handBack(claim, { dueAt: now, steps: CLAIMED }, now)).toBe(false);
        expect(await fixture.store.complete(claim, success(), EXECUTED, now)).toBe(false);
        expect(await fixture.store.renew([claim], now + LEASE_MS)).toEqual([]);
      });

      it('keeps the version that the process has begun on', async () => {
        const claim = await fixture.insertClaimed();
        await fixture.store.handBack(claim, { dueAt: now, steps: CLAIMED, specVersion: 2 }, now);
        const again = await fixture.store.claim(claim.traceId, lease(), CLAIMED, now);
        expect(again).toMatchObject({ specVersion: 2 });
        await fixture.store.handBack(again!, { dueAt: now, steps: CLAIMED }, now);
        expect(await fixture.store.find(null, claim.traceId)).toMatchObject({ specVersion: 2 });
      });
    });

    describe('times', () => {
      it('that lie ahead are given out once when they have come, earliest first', async () => {
        const late = await fixture.insert({ dueAt: now + 2_000 });
        const early = await fixture.insert({ dueAt: now + 1_000 });
        await fixture.insert({ dueAt: now });
        await fixture.park('T'.repeat(16));
        expect(await fixture.store.nextTimed()).toBe(now + 1_000);
        expect(await fixture.dueTimed(10, now + 999)).toEqual([]);
        expect(await fixture.dueTimed(10, now + 2_000)).toEqual([early.traceId, late.traceId]);
        expect(await fixture.dueTimed(10, now + 5_000, fixture.other)).toEqual([]);
        expect(await fixture.other.nextTimed()).toBeNull();
      });

      it('are given out in pieces, each to one of several who ask at once', async () => {
        const dueAt = now + 1_000;
        const processes = await Promise.all(Array.from({ length: 60 }, () => fixture.insert({ dueAt })));
        const given = await Promise.all(
          [1, 2, 3, 4].map((turn) => fixture.dueTimed(15, dueAt, fixture[turn % 2 === 0 ? 'store' : 'other'])),
        );
        const last = await fixture.dueTimed(100, dueAt);
        const all = [...given.flat(), ...last];
        expect(all.sort()).toEqual(processes.map(({ traceId }) => traceId).sort());
        expect(given.every((part) => part.length <= 15)).toBe(true);
      });

      it('count for what is handed back to be tried later, and no more for what was claimed', async () => {
        const claim = await fixture.insertClaimed();
        await fixture.store.handBack(claim, { dueAt: now + 3_000, steps: CLAIMED }, now);
        expect(await fixture.store.nextTimed()).toBe(now + 3_000);
        await fixture.store.claim(claim.traceId, lease('first', now + 90_000), CLAIMED, now + 3_000);
        expect(await fixture.store.nextTimed()).toBeNull();
        expect(await fixture.dueTimed(10, now + 9_000)).toEqual([]);
      });
    });

    describe('a clock that was set back', () => {
      const before = now - 3_600_000;

      it('has what is to be tried again wait for as long as it was to', async () => {
        const [later, back] = [await fixture.insertClaimed(), await fixture.insertClaimed()];
        await fixture.store.tryLater(later, { at: now + 4_000, calls: [], specVersion: 1 }, now);
        await fixture.store.handBack(back, { dueAt: now + 3_000, steps: CLAIMED }, now);
        await fixture.store.followClock(before);
        expect(await fixture.other.nextTimed()).toBe(before + 3_000);
        expect(await fixture.store.claim(back.traceId, lease(), CLAIMED, before + 2_999)).toBeNull();
        expect(await fixture.store.claim(back.traceId, lease(), CLAIMED, before + 3_000)).not.toBeNull();
        expect(await fixture.store.find(null, later.traceId)).toMatchObject({ nextCallAt: before + 4_000 });
        const again = await fixture.dueTimed(10, before + 4_000);
        expect(again).toEqual([later.traceId]);
        expect(await fixture.store.claim(later.traceId, lease(), CLAIMED, before + 4_000)).not.toBeNull();
      });

      it('has what was given out to be tried again given out once more, for no claim of then would take it', async () => {
        const later = await fixture.insertClaimed();
        await fixture.store.tryLater(later, { at: now + 100, calls: [], specVersion: 1 }, now);
        expect(await fixture.dueTimed(10, now + 100)).toEqual([later.traceId]);
        await fixture.store.followClock(before);
        expect(await fixture.dueTimed(10, before + 100)).toEqual([later.traceId]);
        expect(await fixture.store.claim(later.traceId, lease(), CLAIMED, before + 100)).not.toBeNull();
      });

      it('has what was due by then given out, though its message was never sent, or is lost', async () => {
        const lost = await fixture.insert();
        expect(await fixture.due()).toEqual([lost.traceId]);
        const unsent = await fixture.insert();
        await fixture.store.followClock(before);
        const look = { now: before + 6_000, dueBefore: before + 1_000, repeatAfter: before + 36_000 };
        expect((await fixture.due(look)).sort()).toEqual([lost.traceId, unsent.traceId].sort());
        expect(await fixture.due(look, fixture.other)).toEqual([]);
        expect(await fixture.store.claim(unsent.traceId, lease(), CLAIMED, before + 6_000)).not.toBeNull();
      });

      it('changes nothing of the times that were asked for, of what runs, or by a clock that went on', async () => {
        const asked = await fixture.insert({ dueAt: now + 3_000 });
        await fixture.insertClaimed();
        const later = await fixture.insertClaimed();
        await fixture.store.tryLater(later, { at: now + 4_000, calls: [], specVersion: 1 }, now);
        await fixture.store.followClock(now);
        expect(await fixture.store.find(null, later.traceId)).toMatchObject({ nextCallAt: now + 4_000 });
        await fixture.store.followClock(before);
        expect(await fixture.store.find(null, asked.traceId)).toMatchObject({ dueAt: now + 3_000, updatedAt: now });
      });
    });

    describe('the backlog', () => {
      it('is empty at first', async () => {
        expect(await fixture.store.backlog(now)).toEqual({ pending: 0, oldestDueAt: null });
      });

      it('counts what waits and runs, and tells since when the oldest is due', async () => {
        const times = [now - 1_000, now - 3_000, now - 2_000, now + 60_000];
        const [, oldest] = await Promise.all(times.map((dueAt) => fixture.insert({ dueAt })));
        await fixture.park('T'.repeat(16));
        expect(await fixture.other.backlog(now)).toEqual({ pending: 4, oldestDueAt: now - 3_000 });
        const claim = await fixture.store.claim(oldest?.traceId ?? '', lease(), CLAIMED, now);
        expect(await fixture.other.backlog(now)).toEqual({ pending: 4, oldestDueAt: now - 2_000 });
        await fixture.store.due({ dueBefore: now, repeatAfter: now + 30_000, limit: 10, now });
        expect(await fixture.store.backlog(now)).toEqual({ pending: 4, oldestDueAt: now - 2_000 });
        if (claim) await fixture.store.complete(claim, success(), CLAIMED, now);
        expect(await fixture.store.backlog(now)).toMatchObject({ pending: 3 });
      });
    });

    it('counts what has not ended, parked or not, as far as it is asked to', async () => {
      expect(await fixture.store.countUnended(10)).toBe(0);
      await fixture.insert({ dueAt: now + 60_000 });
      await fixture.park('T'.repeat(16));
      const claim = await fixture.insertClaimed();
      expect(await fixture.other.countUnended(10)).toBe(3);
      expect(await fixture.store.countUnended(2)).toBe(2);
      await fixture.insert({ project: 'another' });
      expect(await fixture.store.countUnended(10, 'another')).toBe(1);
      expect(await fixture.other.countUnended(10, DEFAULT_PROJECT)).toBe(3);
      expect(await fixture.other.countUnended(2, DEFAULT_PROJECT)).toBe(2);
      await fixture.store.complete(claim, success(), CLAIMED, now);
      expect(await fixture.store.countUnended(10)).toBe(3);
      expect(await fixture.store.countUnended(10, DEFAULT_PROJECT)).toBe(2);
    });

    describe('calls', () => {
      it('stay known where the process ends by something else than one of them', async () => {
        const claim = await fixture.insertClaimed();
        const calls = [sampleCall(1, 'broken')];
        await fixture.store.tryLater(claim, { at: now, calls, specVersion: 2 }, now);
        const again = await fixture.store.claim(claim.traceId, lease('first', now + 90_000), CLAIMED, now + 1);
        const gone = { status: 'ERROR', error: 'The service is no more.' } as const;
        expect(await fixture.store.complete(again!, gone, CLAIMED, now + 2)).toBe(true);
        const found = await fixture.other.find(null, claim.traceId);
        expect(found).toMatchObject({ ...gone, calls, specVersion: 2 });
      });

      it('that fail are tried later: in progress, held by nobody, claimed again at their time', async () => {
        const claim = await fixture.insertClaimed();
        const calls = [sampleCall(1, 'broken')];
        const next = { at: now + 4_000, calls, specVersion: 2 };
        expect(await fixture.store.tryLater(claim, next, now + 1)).toBe(true);
        const found = await fixture.other.find(null, claim.traceId);
        expect(found).toMatchObject({ status: 'IN_PROGRESS', nextCallAt: now + 4_000, calls, specVersion: 2 });
        const state = await fixture.store.findState(DEFAULT_PROJECT, claim.traceId);
        expect(state).toMatchObject({ status: 'IN_PROGRESS', nextCallAt: now + 4_000, calls });
        expect(await fixture.store.nextTimed()).toBe(now + 4_000);
        expect(await fixture.store.claim(claim.traceId, lease(), CLAIMED, now + 3_999)).toBeNull();
        const again = await fixture.store.claim(claim.traceId, lease('first', now + 90_000), CLAIMED, now + 4_000);
        expect(again).toMatchObject({ calls, specVersion: 2 });
        expect(again).not.toHaveProperty('nextCallAt');
        const running = await fixture.other.findState(DEFAULT_PROJECT, claim.traceId);
        expect(running).not.toHaveProperty('nextCallAt');
        expect(running).not.toHaveProperty('calls');
      });

      it('that are tried later end their claim', async () => {
        const claim = await fixture.insertClaimed();
        const next = { at: now + 4_000, calls: [], specVersion: 1 };
        await fixture.store.tryLater(claim, next, now);
        expect(await fixture.store.tryLater(claim, next, now)).toBe(false);
        expect(await fixture.store.complete(claim, success(), EXECUTED, now)).toBe(false);
        expect(await fixture.store.noteSending(claim)).toBe(false);
        expect(await fixture.store.handBack(claim, { dueAt: now, steps: CLAIMED }, now)).toBe(false);
        expect(await fixture.store.renew([claim], now + LEASE_MS)).toEqual([]);
      });

      it('that are sent only once leave their process uncertain when their worker dies', async () => {
        const claim = await fixture.insertClaimed();
        expect(await fixture.store.noteSending(claim)).toBe(true);
        expect(await fixture.store.find(null, claim.traceId)).not.toHaveProperty('isUncertain');
        const later = now + LEASE_MS + 1;
        const taken = await fixture.other.claim(claim.traceId, lease('second', later * 2), CLAIMED, later);
        expect(taken).toMatchObject({ isUncertain: true });
        expect(await fixture.store.noteSending(claim)).toBe(false);
        await fixture.other.handBack(taken!, { dueAt: later, steps: CLAIMED }, later);
        const third = await fixture.store.claim(claim.traceId, lease('third', later * 3), CLAIMED, later);
        expect(third).toMatchObject({ isUncertain: true });
        expect(await fixture.store.complete(third!, success(), EXECUTED, later)).toBe(true);
        expect(await fixture.store.find(null, claim.traceId)).not.toHaveProperty('isUncertain');
      });

      it('that have not left after all leave it certain, by the word of who holds it', async () => {
        const claim = await fixture.insertClaimed();
        expect(await fixture.store.noteUnsent(claim)).toBe(false);
        await fixture.store.noteSending(claim);
        expect(await fixture.store.noteUnsent({ ...claim, attempt: 9 })).toBe(false);
        expect(await fixture.store.noteUnsent(claim)).toBe(true);
        await fixture.store.handBack(claim, { dueAt: now, steps: CLAIMED }, now);
        const again = await fixture.other.claim(claim.traceId, lease('second'), CLAIMED, now);
        expect(again).not.toHaveProperty('isUncertain');
        await fixture.other.noteSending(again!);
        expect(await fixture.store.noteUnsent(claim)).toBe(false);
        const later = now + 2 * LEASE_MS;
        const third = await fixture.store.claim(claim.traceId, lease('third', later * 2), CLAIMED, later);
        expect(third).toMatchObject({ isUncertain: true });
        expect(await fixture.store.noteUnsent(third!)).toBe(false);
      });

      it('whose end is told leave it certain', async () => {
        const claim = await fixture.insertClaimed();
        await fixture.store.noteSending(claim);
        await fixture.store.tryLater(claim, { at: now + 1, calls: [], specVersion: 1 }, now);
        const again = await fixture.store.claim(claim.traceId, lease('first', now + 90_000), CLAIMED, now + 1);
        expect(again).not.toHaveProperty('isUncertain');
      });
    });

    describe('unended', () => {
      it('counts by method and endpoint what waits, is parked or runs for a Spec, and nothing else', async () => {
        const specTraceId = 'UnendedUnendedUn';
        await fixture.park(specTraceId, { method: 'POST', endpoint: '/a b' });
        await fixture.insert({ specTraceId, method: 'POST', endpoint: '/a b', dueAt: now + 3_600_000 });
        await fixture.insertClaimed({ specTraceId, endpoint: '/a b' });
        await fixture.insert({ endpoint: '/a b' });
        await fixture.store.complete(await fixture.insertClaimed({ specTraceId }), success(), EXECUTED, now);
        const asked = await fixture.other.unended(specTraceId);
        expect(asked.sort((a, b) => b.count - a.count)).toStrictEqual([
          { method: 'POST', endpoint: '/a b', count: 2 },
          { method: 'GET', endpoint: '/a b', count: 1 },
        ]);
        expect(await fixture.store.unended('NoneNoneNoneNone')).toStrictEqual([]);
      });

      it('counts thousands', async () => {
        const specTraceId = 'ThousandsThousan';
        await Promise.all(Array.from({ length: 4_100 }, () => fixture.insert({ specTraceId })));
        expect(await fixture.store.unended(specTraceId)).toMatchObject([{ count: 4_100 }]);
      });
    });

    describe('parking', () => {
      it('keeps a process from everybody until its Spec releases it', async () => {
        const traceId = await fixture.park('A'.repeat(16));
        expect(await fixture.store.find(null, traceId)).toMatchObject({ status: 'WAITING', dueAt: null });
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, now + 1)).toBeNull();
        expect(await fixture.due({ dueBefore: now * 2, now: now * 2 })).toEqual([]);
        expect(await fixture.release('B'.repeat(16), 10, now)).toEqual([]);
        expect(await fixture.release('A'.repeat(16), 10, now + 7)).toEqual([traceId]);
        expect(await fixture.store.find(null, traceId)).toMatchObject({ status: 'WAITING', dueAt: now + 7 });
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, now + 7)).toMatchObject({ attempt: 2 });
      });

      it('releases the oldest first, a few at a time', async () => {
        const spec = 'A'.repeat(16);
        const traceIds: string[] = [];
        for (const age of [3, 1, 2, 0]) traceIds[age] = await fixture.park(spec, { createdAt: now - age * 1_000 });
        const inserted = sampleProcess({ specTraceId: spec, dueAt: null, createdAt: now + 1 });
        await fixture.store.insert(inserted);
        expect(await fixture.release(spec, 3, now)).toEqual([traceIds[3], traceIds[2], traceIds[1]]);
        expect(await fixture.release(spec, 3, now)).toEqual([traceIds[0], inserted.traceId]);
        expect(await fixture.release(spec, 3, now)).toEqual([]);
      });

      it('gives each parked process to one of two that release at once', async () => {
        const spec = 'A'.repeat(16);
        const traceIds = await Promise.all(Array.from({ length: 20 }, () => fixture.park(spec)));
        const released = await Promise.all([
          fixture.release(spec, 15, now),
          fixture.release(spec, 15, now, fixture.other),
        ]);
        for (;;) {
          const more = await fixture.release(spec, 15, now);
          if (more.length === 0) break;
          released.push(more);
        }
        expect(released.flat().sort()).toEqual(traceIds.sort());
      });

      it('names the Specs that processes are parked for', async () => {
        expect(await fixture.store.parkedSpecs(null, 10)).toEqual([]);
        const [a, b, c] = ['A', 'B', 'C'].map((letter) => letter.repeat(16)) as [string, string, string];
        await Promise.all([
          fixture.park(a),
          fixture.park(a),
          fixture.park(b),
          fixture.park(c),
          fixture.insert({ specTraceId: 'D'.repeat(16) }),
        ]);
        expect(await fixture.store.parkedSpecs(null, 10)).toEqual([a, b, c]);
        expect(await fixture.store.parkedSpecs(null, 2)).toEqual([a, b]);
        expect(await fixture.store.parkedSpecs(a, 2)).toEqual([b, c]);
        await fixture.release(b, 10, now);
        expect((await fixture.store.parkedSpecs(null, 10)).sort()).toEqual([a, c]);
      });
    });

    describe('due', () => {
      it('names what is due and unheld, earliest first', async () => {
        const at = async (dueAt: number): Promise<string> =>
          (await fixture.insert({ dueAt, createdAt: now - 10_000 })).traceId;
        const [third, first, second] = [await at(now - 1_000), await at(now - 3_000), await at(now - 2_000)];
        await at(now);
        await fixture.insertClaimed();
        const ended = await fixture.insertClaimed();
        await fixture.store.complete(ended, success(), EXECUTED, now);
        expect(await fixture.due({ dueBefore: now })).toEqual([first, second, third]);
      });

      it('names at most as many as asked for, and goes on from there', async () => {
        const traceIds = await Promise.all(
          Array.from({ length: 5 }, async (_, index) => (await fixture.insert({ dueAt: now - 5_000 + index })).traceId),
        );
        expect(await fixture.due({ limit: 3 })).toEqual(traceIds.slice(0, 3));
        expect(await fixture.due({ limit: 3 })).toEqual(traceIds.slice(3));
      });

      it('does not repeat itself before it was asked to', async () => {
        const { traceId } = await fixture.insert();
        expect(await fixture.due({ repeatAfter: now + 30_000 })).toEqual([traceId]);
        const later = { dueBefore: now + 29_999, now: now + 29_999, repeatAfter: now + 60_000 };
        expect(await fixture.due(later)).toEqual([]);
        expect(await fixture.due({ ...later, dueBefore: now + 90_000 })).toEqual([]);
        expect(await fixture.due({ ...later, now: now + 30_001 })).toEqual([traceId]);
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, now + 30_002)).not.toBeNull();
      });

      it('names a process whose lease has ended, and again after the next one ends', async () => {
        const { traceId } = await fixture.insertClaimed();
        const until = now + LEASE_MS;
        expect(await fixture.due({ now: until - 1, dueBefore: until - 1 })).toEqual([]);
        expect(await fixture.due({ now: until + 1, dueBefore: now, repeatAfter: until * 2 })).toEqual([traceId]);
        await fixture.store.claim(traceId, lease('second', until + LEASE_MS), CLAIMED, until + 2);
        const afterwards = until + LEASE_MS + 1;
        expect(await fixture.due({ now: afterwards, dueBefore: now })).toEqual([traceId]);
      });

      it('names anew what was handed back or released since', async () => {
        const back = await fixture.insertClaimed();
        const parked = await fixture.insertClaimed({ specTraceId: 'A'.repeat(16) });
        const until = now + LEASE_MS + 1;
        expect(await fixture.due({ now: until, repeatAfter: until * 2 })).toHaveLength(2);
        await fixture.store.handBack(back, { dueAt: until + 1, steps: CLAIMED }, until);
        await fixture.store.handBack(parked, { dueAt: null, steps: CLAIMED }, until);
        await fixture.release('A'.repeat(16), 1, until + 2);
        const found = await fixture.due({ now: until + 3, dueBefore: until + 3 });
        expect(found).toEqual([back.traceId, parked.traceId]);
      });

      it('looks ahead when asked to', async () => {
        const { traceId } = await fixture.insert({ dueAt: now + 500 });
        expect(await fixture.due({ dueBefore: now + 500 })).toEqual([]);
        expect(await fixture.due({ dueBefore: now + 501 })).toEqual([traceId]);
        expect(await fixture.due({ dueBefore: now + 501 })).toEqual([]);
      });

      it('gives each process to one of two that ask at once', async () => {
        const processes = Array.from({ length: 40 }, () => sampleProcess());
        await Promise.all(processes.map((process) => fixture.store.insert(process)));
        const query = { dueBefore: now + 1, repeatAfter: now + 30_000, limit: 25, now };
        const given = await Promise.all([fixture.due(query), fixture.due(query, fixture.other)]);
        for (;;) {
          const more = await fixture.due(query);
          if (more.length === 0) break;
          given.push(more);
        }
        expect(given.flat().sort()).toEqual(processes.map((process) => process.traceId).sort());
      });
    });
  });
}
