import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProcessStore } from '#core';
import { newTraceId } from '#core';
import type { MakeStore } from './harness.js';
import { EXECUTED, ProcessFixture, success } from './process-fixture.js';
import { SAMPLE_TIME } from './samples.js';

const now = SAMPLE_TIME;

/** What every ProcessStore must tell of the end of processes; part of `runProcessStoreConformance`. */
export function runProcessEndConformance(name: string, make: MakeStore<ProcessStore>): void {
  describe(`${name} tells when a process has ended`, () => {
    let fixture: ProcessFixture;
    const never = new AbortController().signal;
    beforeEach(async () => {
      fixture = new ProcessFixture(await make());
    });
    afterEach(() => fixture.harness.close());

    it('to all that wait for it, whoever ends it', async () => {
      const claim = await fixture.insertClaimed();
      const waiting = [1, 2].map(() => fixture.store.whenEnded(claim.traceId, never));
      await fixture.other.complete(claim, success(), EXECUTED, now);
      expect(await Promise.all(waiting)).toEqual([true, true]);
      const { traceId } = await fixture.insert();
      const cancelled = fixture.store.whenEnded(traceId, never);
      await fixture.other.cancel('default', traceId, 'Cancelled', now);
      expect(await cancelled).toBe(true);
    });

    it('at once where it has ended before, and false where there is none', async () => {
      const claim = await fixture.insertClaimed();
      await fixture.store.complete(claim, success(), EXECUTED, now);
      expect(await fixture.store.whenEnded(claim.traceId, never)).toBe(true);
      expect(await fixture.store.whenEnded(newTraceId(), never)).toBe(false);
    });

    it('to nobody who has stopped waiting', async () => {
      const { traceId } = await fixture.insert();
      const abort = new AbortController();
      const waiting = fixture.store.whenEnded(traceId, abort.signal);
      abort.abort();
      expect(await waiting).toBe(false);
      expect(await fixture.store.whenEnded(traceId, abort.signal)).toBe(false);
    });
  });
}
