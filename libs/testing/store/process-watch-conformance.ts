import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProcessStore } from '#core';
import { inlinePayload, newTraceId } from '#core';
import type { MakeStore } from './harness.js';
import { CLAIMED, EXECUTED, lease, ProcessFixture, sampleCall, success } from './process-fixture.js';
import { SAMPLE_TIME } from './samples.js';

const now = SAMPLE_TIME;

/** What every ProcessStore must do for those who watch processes; part of `runProcessStoreConformance`. */
export function runProcessWatchConformance(name: string, make: MakeStore<ProcessStore>): void {
  describe(`${name} is watched`, () => {
    let fixture: ProcessFixture;
    beforeEach(async () => {
      fixture = new ProcessFixture(await make());
    });
    afterEach(() => fixture.harness.close());

    it('by whoever finds many at once: each that is there, without its body', async () => {
      const { reqBody, ...first } = await fixture.insert({ reqBody: inlinePayload('{"a":1}'), project: 'another' });
      const { traceId } = await fixture.insertClaimed();
      const found = await fixture.other.findMany([first.traceId, newTraceId(), traceId]);
      expect(reqBody).not.toBeNull();
      expect(found).toHaveLength(2);
      expect(found.find((process) => process.traceId === first.traceId)).toStrictEqual(first);
      expect(found.find((process) => process.traceId === traceId)).toMatchObject({ status: 'IN_PROGRESS', attempt: 1 });
      expect(await fixture.store.findMany([])).toEqual([]);
    });

    it('by whoever listens, who is told of every change if it says so', async () => {
      const { store } = fixture;
      let told: string[] = [];
      const isToldAll = store.onChanged((traceId) => told.push(traceId));
      async function change(traceId: string, act: () => Promise<unknown>): Promise<void> {
        told = [];
        await act();
        expect(new Set(told)).toEqual(new Set(isToldAll ? [traceId] : told));
      }
      const { traceId } = await fixture.insert();
      const claim = async () => (await store.claim(traceId, lease(), CLAIMED, now))!;
      await change(traceId, claim);
      await change(traceId, () => store.handBack({ traceId, attempt: 1 }, { dueAt: now, steps: [] }, now));
      await change(traceId, claim);
      const calls = [sampleCall(1)];
      await change(traceId, () => store.tryLater({ traceId, attempt: 2 }, { at: now, calls, specVersion: 1 }, now));
      const last = await claim();
      await change(traceId, () => store.complete(last, success(), EXECUTED, now));
      const parked = await fixture.park('SpecSpecSpecSpec');
      await change(parked, () => store.release('SpecSpecSpecSpec', 10, now));
      await change(parked, () => store.cancel('default', parked, 'Cancelled', now));
      const claimed = await fixture.insertClaimed();
      const held = { why: 'limit', key: '', priority: 5, dueAt: now } as const;
      await change(claimed.traceId, () => store.handBack(claimed, { dueAt: null, held, steps: [] }, now));
      await change(claimed.traceId, () => store.releaseHeld([claimed.traceId], now, now));
    });
  });
}
