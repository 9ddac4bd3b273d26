import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Claim, Lease, Spec, SpecStatus, SpecStore } from '#core';
import { newTraceId } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { SAMPLE_TIME, sampleSpec } from './samples.js';

const CLAIMED = ['Received in the API', 'Received in the worker'];
const LEASE_MS = 60_000;
const now = SAMPLE_TIME;

/** What every SpecStore must do with claims and what is due; part of `runSpecStoreConformance`. */
export function runSpecClaimConformance(name: string, make: MakeStore<SpecStore>): void {
  describe(`${name} is a SpecStore that gives out work`, () => {
    let harness: StoreHarness<SpecStore>;
    let store: SpecStore;
    beforeEach(async () => {
      harness = await make();
      store = harness.store;
    });
    afterEach(() => harness.close());

    async function insert(change: Partial<Spec> = {}): Promise<Spec> {
      const spec = sampleSpec(change);
      await store.insert(spec);
      return spec;
    }
    async function generate(traceId: string): Promise<Claim> {
      const claimed = await store.claim(traceId, 'generate', lease(), CLAIMED, now);
      return { traceId, attempt: claimed!.attempt };
    }
    /** Inserts a Spec and leads it to a status under a claim, with its lease kept or dropped. */
    async function insertAt(status: SpecStatus, release: boolean): Promise<Claim> {
      const claim = await generate((await insert()).traceId);
      await store.advance(claim, { status, steps: CLAIMED, release }, now);
      return claim;
    }

    describe('claim', () => {
      it('takes a waiting Spec to be generated', async () => {
        const spec = await insert();
        const claimed = await store.claim(spec.traceId, 'generate', lease(), CLAIMED, now + 5);
        const expected = { ...spec, status: 'IN_PROGRESS', steps: CLAIMED, attempt: 1, updatedAt: now + 5 };
        expect(claimed).toStrictEqual(expected);
        expect(await harness.other.find(null, spec.traceId)).toStrictEqual(expected);
      });

      it('takes nothing that is held, and it once the lease has ended', async () => {
        const { traceId } = await generate((await insert()).traceId);
        const until = now + LEASE_MS;
        expect(await harness.other.claim(traceId, 'generate', lease('second'), CLAIMED, until - 1)).toBeNull();
        const taken = await harness.other.claim(traceId, 'generate', lease('second', until * 2), CLAIMED, until + 1);
        expect(taken).toMatchObject({ status: 'IN_PROGRESS', attempt: 2 });
      });

      it('starts anew where a worker died after the first stage', async () => {
        const { traceId } = await insertAt('READY_YAML', false);
        expect(await store.claim(traceId, 'generate', lease(), CLAIMED, now + 1)).toBeNull();
        const taken = await store.claim(traceId, 'generate', lease('second'), CLAIMED, now + LEASE_MS + 1);
        expect(taken).toMatchObject({ status: 'IN_PROGRESS', steps: CLAIMED, attempt: 2 });
      });

      it('takes a generated Spec to be reviewed, and leaves status and steps', async () => {
        const { traceId } = await insertAt('READY_CLIENT', true);
        expect(await store.claim(traceId, 'generate', lease(), ['other'], now)).toBeNull();
        const taken = await store.claim(traceId, 'review', lease(), ['other'], now);
        expect(taken).toMatchObject({ status: 'READY_CLIENT', steps: CLAIMED, attempt: 2 });
        expect(await harness.other.claim(traceId, 'review', lease(), CLAIMED, now)).toBeNull();
        expect(await store.claim(traceId, 'review', lease(), CLAIMED, now + LEASE_MS + 1)).not.toBeNull();
      });

      it('takes nothing at another stage, ended, archived or unknown', async () => {
        const waiting = await insert();
        expect(await store.claim(waiting.traceId, 'review', lease(), CLAIMED, now)).toBeNull();
        await store.archive(waiting.project, waiting.traceId, now);
        const [done, failed] = [await insertAt('SUCCESS', true), await insertAt('ERROR', true)];
        for (const traceId of [waiting.traceId, done.traceId, failed.traceId, newTraceId()]) {
          expect(await store.claim(traceId, 'generate', lease(), CLAIMED, now + 2 * LEASE_MS)).toBeNull();
          expect(await store.claim(traceId, 'review', lease(), CLAIMED, now + 2 * LEASE_MS)).toBeNull();
        }
      });

      it('is won by exactly one of several at once', async () => {
        const { traceId } = await insert();
        const claims = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            harness[index % 2 === 0 ? 'store' : 'other'].claim(traceId, 'generate', lease(), CLAIMED, now),
          ),
        );
        expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
      });
    });

    describe('advance', () => {
      it('writes the next status, steps and error under the claim', async () => {
        const claim = await generate((await insert()).traceId);
        const yaml = { status: 'READY_YAML', steps: [...CLAIMED, 'Spec YAML file generated'], release: false } as const;
        expect(await store.advance(claim, yaml, now + 1)).toBe(true);
        const found = await store.find(null, claim.traceId);
        expect(found).toMatchObject({ status: 'READY_YAML', steps: yaml.steps, updatedAt: now + 1, attempt: 1 });
        const error = 'Expected "\0" at /paths/~1ü.';
        expect(await store.advance(claim, { status: 'ERROR', steps: CLAIMED, error, release: true }, now)).toBe(true);
        expect(await store.find(null, claim.traceId)).toMatchObject({ status: 'ERROR', error, steps: CLAIMED });
      });

      it('refuses a claim that was taken over, requeued, archived or is over', async () => {
        const progress = { status: 'SUCCESS', steps: CLAIMED, release: true } as const;
        const takenOver = await generate((await insert()).traceId);
        await harness.other.claim(takenOver.traceId, 'generate', lease('second'), CLAIMED, now + LEASE_MS + 1);
        const requeued = await generate((await insert()).traceId);
        await store.update('default', requeued.traceId, 1, { requeue: { steps: [] }, now });
        const archived = await generate((await insert()).traceId);
        await store.archive('default', archived.traceId, now);
        const over = await insertAt('READY_CLIENT', true);
        for (const claim of [takenOver, requeued, archived, over]) {
          expect(await store.advance(claim, progress, now)).toBe(false);
          expect(await store.renew(claim, now + 10 * LEASE_MS)).toBe(false);
        }
        expect(await store.find(null, takenOver.traceId)).toMatchObject({ status: 'IN_PROGRESS', attempt: 2 });
        expect(await store.find(null, over.traceId)).toMatchObject({ status: 'READY_CLIENT' });
      });
    });

    describe('renew', () => {
      it('moves the end of a lease', async () => {
        const claim = await generate((await insert()).traceId);
        expect(await store.renew(claim, now + 3 * LEASE_MS)).toBe(true);
        const { traceId } = claim;
        expect(await store.claim(traceId, 'generate', lease(), CLAIMED, now + 2 * LEASE_MS)).toBeNull();
        expect(await store.claim(traceId, 'generate', lease(), CLAIMED, now + 3 * LEASE_MS + 1)).not.toBeNull();
      });
    });

    describe('requeue', () => {
      it('leads back to WAITING from every status, drops the lease and raises the attempt', async () => {
        const statuses: SpecStatus[] = ['IN_PROGRESS', 'READY_YAML', 'READY_CLIENT', 'SUCCESS', 'ERROR'];
        for (const status of statuses) {
          const claim = await generate((await insert()).traceId);
          await store.advance(claim, { status, steps: CLAIMED, error: 'Old.', release: false }, now);
          const requeue = { steps: ['Received in the API'] };
          const updated = await store.update('default', claim.traceId, 1, { requeue, now: now + 5 });
          const expected = { status: 'WAITING', steps: requeue.steps, attempt: 2, revision: 2, updatedAt: now + 5 };
          expect(updated).toMatchObject({ ...expected, version: 1 });
          expect(updated).not.toHaveProperty('error');
          const again = await store.claim(claim.traceId, 'generate', lease(), CLAIMED, now + 5);
          expect(again).toMatchObject({ attempt: 3 });
        }
      });
    });

    describe('due', () => {
      it('names unfinished Specs that nobody holds, the longest untouched first', async () => {
        const old = await insert({ updatedAt: now - 20_000 });
        const older = await insert({ updatedAt: now - 30_000 });
        await insert({ updatedAt: now });
        await generate((await insert()).traceId);
        await Promise.all([insertAt('SUCCESS', true), insertAt('ERROR', true)]);
        const archived = await insert({ updatedAt: now - 40_000 });
        await store.archive(archived.project, archived.traceId, now);
        expect(await store.due(now - 10_000, 10, now)).toEqual([
          { traceId: older.traceId, status: 'WAITING' },
          { traceId: old.traceId, status: 'WAITING' },
        ]);
      });

      it('names what was released or whose lease has ended, with its status', async () => {
        const released = await insertAt('READY_CLIENT', true);
        const abandoned = await insertAt('READY_YAML', false);
        expect(await store.due(now + 1, 10, now + 1)).toEqual([{ traceId: released.traceId, status: 'READY_CLIENT' }]);
        const later = now + LEASE_MS + 1;
        const due = await store.due(later, 10, later);
        expect(due).toContainEqual({ traceId: abandoned.traceId, status: 'READY_YAML' });
      });

      it('does not repeat itself at once, and names at most as many as asked for', async () => {
        const specs = await Promise.all([3, 2, 1].map((age) => insert({ updatedAt: now - age * 1_000 })));
        const first = await store.due(now, 2, now);
        expect(first.map((each) => each.traceId)).toEqual(specs.slice(0, 2).map((spec) => spec.traceId));
        const second = await store.due(now, 2, now);
        expect(second.map((each) => each.traceId)).toEqual([specs[2]?.traceId]);
        expect(await store.due(now, 2, now)).toEqual([]);
        expect(await store.due(now + 10_000, 10, now + 10_000)).toHaveLength(3);
      });

      it('gives each Spec to one of two that ask at once', async () => {
        const specs = await Promise.all(Array.from({ length: 10 }, () => insert({ updatedAt: now - 1_000 })));
        const given = await Promise.all([store.due(now, 6, now), harness.other.due(now, 6, now)]);
        for (;;) {
          const more = await store.due(now, 6, now);
          if (more.length === 0) break;
          given.push(more);
        }
        expect(given.flatMap((due) => due.map((each) => each.traceId)).sort()).toEqual(
          specs.map((spec) => spec.traceId).sort(),
        );
      });

      it('names a finished Spec again once it is requeued', async () => {
        const { traceId } = await insertAt('SUCCESS', true);
        await store.update('default', traceId, 1, { requeue: { steps: [] }, now });
        expect(await store.due(now + 1, 10, now + 1)).toEqual([{ traceId, status: 'WAITING' }]);
      });
    });
  });
}

function lease(owner = 'first', until = now + LEASE_MS): Lease {
  return { owner, until };
}
