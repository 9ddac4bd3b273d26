import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Claim, Lease, Sdk, SdkStore, WantedSdk } from '#core';
import { DEFAULT_PROJECT, inlinePayload, newTraceId } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { SAMPLE_TIME } from './samples.js';

const LEASE_MS = 60_000;
const now = SAMPLE_TIME;

/** What every SdkStore must do. */
export function runSdkStoreConformance(name: string, make: MakeStore<SdkStore>): void {
  describe(`${name} is an SdkStore`, () => {
    let harness: StoreHarness<SdkStore>;
    let store: SdkStore;
    beforeEach(async () => {
      harness = await make();
      store = harness.store;
    });
    afterEach(() => harness.close());

    async function claimed(at = now): Promise<Claim> {
      const sdk = await store.claim(lease(), at);
      return { traceId: sdk!.traceId, attempt: sdk!.attempt };
    }
    const find = ({ project, specTraceId, generator, version }: WantedSdk): Promise<Sdk | null> =>
      harness.other.find(project, specTraceId, generator, version);

    describe('ask', () => {
      it('adds an SDK that waits', async () => {
        const asked = wanted();
        const expected = { ...asked, status: 'WAITING', createdAt: now, updatedAt: now, attempt: 0 };
        expect(await store.ask(asked, now)).toStrictEqual(expected);
        expect(await find(asked)).toStrictEqual(expected);
      });

      it('gives what is there when it is asked for again, whoever asks', async () => {
        const first = await store.ask(wanted(), now);
        expect(await harness.other.ask({ ...first, traceId: newTraceId() }, now + 5)).toStrictEqual(first);
        const claim = await claimed();
        expect(await store.ask(first, now + 5)).toMatchObject({ status: 'IN_PROGRESS', attempt: 1, updatedAt: now });
        await store.finish(claim, { archive: inlinePayload('zip') }, now);
        expect(await store.ask(first, now + 5)).toMatchObject({ status: 'SUCCESS', attempt: 1, updatedAt: now });
      });

      it('begins anew after an error, so that nobody late can write', async () => {
        const asked = wanted();
        await store.ask(asked, now);
        const claim = await claimed();
        await store.finish(claim, { error: 'Old.' }, now);
        const again = await store.ask({ ...asked, traceId: newTraceId() }, now + 5);
        const expected = { ...asked, status: 'WAITING', createdAt: now, updatedAt: now + 5, attempt: 2 };
        expect(again).toStrictEqual(expected);
        expect(await store.renew(claim, now + LEASE_MS)).toBe(false);
        expect(await store.finish(claim, { error: 'Late.' }, now)).toBe(false);
        expect(await store.claim(lease(), now + 5)).toMatchObject({ traceId: asked.traceId, attempt: 3 });
      });

      it('gives the same SDK to all that ask at once', async () => {
        const asked = wanted();
        const sdks = await Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            harness[index % 2 === 0 ? 'store' : 'other'].ask({ ...asked, traceId: newTraceId() }, now),
          ),
        );
        expect(new Set(sdks.map((sdk) => sdk.traceId)).size).toBe(1);
        expect(await store.list(asked.project, asked.specTraceId)).toHaveLength(1);
      });
    });

    describe('find and list', () => {
      it('give the newest version unless told which', async () => {
        const first = await store.ask(wanted(), now);
        const second = await store.ask({ ...first, traceId: newTraceId(), version: 2 }, now);
        const { project, specTraceId, generator } = first;
        expect(await store.find(project, specTraceId, generator)).toStrictEqual(second);
        expect(await store.find(project, specTraceId, generator, 1)).toStrictEqual(first);
        expect(await store.find(project, specTraceId, generator, 3)).toBeNull();
        const python = await store.ask({ ...first, traceId: newTraceId(), generator: 'a-python' }, now);
        expect(await harness.other.list(project, specTraceId)).toStrictEqual([python, second, first]);
      });

      it('know nothing of other Specs, projects and generators', async () => {
        const { project, specTraceId, generator } = await store.ask(wanted(), now);
        expect(await store.find('other', specTraceId, generator)).toBeNull();
        expect(await store.find(project, newTraceId(), generator)).toBeNull();
        for (const other of ['', 'G', 'go\0', '\ud800', '$ne']) {
          expect(await store.find(project, specTraceId, other)).toBeNull();
        }
        expect(await store.list('other', specTraceId)).toEqual([]);
        expect(await store.list(project, newTraceId())).toEqual([]);
      });
    });

    describe('claim', () => {
      it('takes the oldest that waits, each once', async () => {
        const second = await store.ask(wanted(), now + 2);
        const first = await store.ask(wanted(), now + 1);
        const claim = await store.claim(lease(), now + 3);
        expect(claim).toStrictEqual({ ...first, status: 'IN_PROGRESS', attempt: 1, updatedAt: now + 3 });
        expect(await harness.other.claim(lease('other'), now + 3)).toMatchObject({ traceId: second.traceId });
        expect(await store.claim(lease(), now + 3)).toBeNull();
      });

      it('takes what a worker left behind once its lease has ended, and nothing that has ended', async () => {
        const asked = await store.ask(wanted(), now);
        const first = await claimed();
        expect(await store.claim(lease(), now + LEASE_MS - 1)).toBeNull();
        const second = await harness.other.claim(lease('other', now + 3 * LEASE_MS), now + LEASE_MS + 1);
        expect(second).toMatchObject({ traceId: asked.traceId, status: 'IN_PROGRESS', attempt: 2 });
        expect(await store.finish(first, { error: 'Late.' }, now)).toBe(false);
        expect(await store.finish({ ...first, attempt: 2 }, { error: 'Too bad.' }, now)).toBe(true);
        expect(await store.claim(lease(), now + 9 * LEASE_MS)).toBeNull();
      });

      it('is won by exactly one of several at once', async () => {
        await store.ask(wanted(), now);
        const claims = await Promise.all(
          Array.from({ length: 8 }, (_, index) => harness[index % 2 === 0 ? 'store' : 'other'].claim(lease(), now)),
        );
        expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
      });
    });

    it('renews a lease', async () => {
      await store.ask(wanted(), now);
      expect(await store.renew(await claimed(), now + 3 * LEASE_MS)).toBe(true);
      expect(await store.claim(lease(), now + 2 * LEASE_MS)).toBeNull();
      expect(await store.claim(lease(), now + 3 * LEASE_MS + 1)).toMatchObject({ attempt: 2 });
    });

    describe('finish', () => {
      it('keeps the archive, inline or as a blob', async () => {
        for (const archive of [inlinePayload(Buffer.from([80, 75, 0, 255])), { blob: 'sdks/a/1.zip', bytes: 9 }]) {
          const asked = await store.ask(wanted(), now);
          expect(await store.finish(await claimed(), { archive }, now + 7)).toBe(true);
          const ended = { ...asked, status: 'SUCCESS', archive, updatedAt: now + 7, attempt: 1 };
          expect(await find(asked)).toStrictEqual(ended);
        }
      });

      it('keeps the sentence of an error, whatever it holds', async () => {
        const asked = await store.ask(wanted(), now);
        const claim = await claimed();
        const error = 'Expected "\0" and \ud800 to be told.';
        expect(await store.finish(claim, { error }, now)).toBe(true);
        expect(await find(asked)).toMatchObject({ status: 'ERROR', error });
        expect(await store.finish(claim, { archive: inlinePayload('late') }, now)).toBe(false);
      });
    });
  });
}

/** An SDK of a Spec of its own. */
function wanted(): WantedSdk {
  return { traceId: newTraceId(), project: DEFAULT_PROJECT, specTraceId: newTraceId(), version: 1, generator: 'go' };
}

function lease(owner = 'first', until = now + LEASE_MS): Lease {
  return { owner, until };
}
