import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Claim, Spec, SpecStore } from '#core';
import { inlinePayload } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { SAMPLE_TIME, sampleSpec } from './samples.js';

const CLAIMED = ['Received in the API', 'Received in the worker'];
const now = SAMPLE_TIME;

/** What every SpecStore must do with versions and with the drift of answers; part of `runSpecStoreConformance`. */
export function runSpecVersionConformance(name: string, make: MakeStore<SpecStore>): void {
  describe(`${name} is a SpecStore that keeps versions`, () => {
    let harness: StoreHarness<SpecStore>;
    let store: SpecStore;
    let spec: Spec;
    beforeEach(async () => {
      harness = await make();
      store = harness.store;
      spec = sampleSpec();
      await store.insert(spec);
    });
    afterEach(() => harness.close());

    function version(number: number) {
      return store.findVersion(spec.project, spec.traceId, number);
    }
    async function claim(): Promise<Claim> {
      const lease = { owner: 'first', until: now + 60_000 };
      return (await store.claim(spec.traceId, 'generate', lease, CLAIMED, now))!;
    }
    async function end(held: Claim, status: 'SUCCESS' | 'ERROR', error?: string): Promise<boolean> {
      return store.advance(held, { status, steps: CLAIMED, error, release: true }, now);
    }
    /** Gives the Spec another document and asks for its generation, as a PUT does. */
    async function change(content: string): Promise<Spec> {
      const { revision } = (await store.find(null, spec.traceId))!;
      const document = { content: inlinePayload(content), hash: content.padEnd(64, '0') };
      const requeue = { steps: ['Received in the API'] };
      return (await store.update(spec.project, spec.traceId, revision, { document, requeue, now: now + 1 }))!;
    }

    it('the first is there with its Spec, and has not ended', async () => {
      expect(await version(1)).toStrictEqual({
        ...{ version: 1, document: spec.document, documentHash: spec.documentHash, outcome: null },
        createdAt: now,
      });
      expect(await version(2)).toBeNull();
      expect(await store.findVersion('another', spec.traceId, 1)).toBeNull();
    });

    it('a different document makes the next one; the former stays as it was', async () => {
      await end(await claim(), 'SUCCESS');
      await change('two');
      const document = { blob: 'specs/three', bytes: 100_000 };
      const third = { content: document, hash: '3'.repeat(64) };
      await store.update(spec.project, spec.traceId, 2, { document: third, now: now + 2 });
      const found = await harness.other.versions(spec.project, spec.traceId, { limit: 10 });
      expect(found.map((each) => [each.version, each.outcome, each.createdAt])).toStrictEqual([
        [3, null, now + 2],
        [2, null, now + 1],
        [1, 'SUCCESS', now],
      ]);
      expect(found.map((each) => each.document)).toStrictEqual([document, inlinePayload('two'), spec.document]);
      const page = await store.versions(spec.project, spec.traceId, { before: 3, limit: 1 });
      expect(page).toStrictEqual([found[1]]);
      expect(await store.versions('another', spec.traceId, { limit: 10 })).toStrictEqual([]);
    });

    it('a change without a document makes none', async () => {
      await store.update(spec.project, spec.traceId, 1, { name: 'renamed', requeue: { steps: [] }, now });
      expect(await store.versions(spec.project, spec.traceId, { limit: 10 })).toHaveLength(1);
    });

    it('a refused name makes none', async () => {
      await store.insert(sampleSpec({ name: 'taken' }));
      const document = { content: inlinePayload('two'), hash: '2'.repeat(64) };
      const attempt = store.update(spec.project, spec.traceId, 1, { name: 'taken', document, now });
      await expect(attempt).rejects.toMatchObject({ code: 'SPEC_NAME_TAKEN' });
      expect(await version(2)).toBeNull();
    });

    it('the one that was reviewed serves, until a later one was', async () => {
      await end(await claim(), 'SUCCESS');
      expect(await store.find(null, spec.traceId)).toMatchObject({ status: 'SUCCESS', servingVersion: 1 });
      expect(await change('two')).toMatchObject({ status: 'WAITING', version: 2, servingVersion: 1 });
      await end(await claim(), 'ERROR', 'It is broken.');
      const failed = await store.find(null, spec.traceId);
      expect(failed).toMatchObject({ status: 'ERROR', error: 'It is broken.', version: 2, servingVersion: 1 });
      expect(await version(2)).toMatchObject({ outcome: 'ERROR', error: 'It is broken.' });
      expect(await version(1)).toMatchObject({ outcome: 'SUCCESS' });
      await change('three');
      await end(await claim(), 'SUCCESS');
      expect(await store.find(null, spec.traceId)).toMatchObject({ status: 'SUCCESS', servingVersion: 3 });
    });

    it('an older one that ends late changes nothing', async () => {
      const late = await claim();
      await change('two');
      expect(await end(late, 'SUCCESS')).toBe(false);
      expect(await version(1)).toMatchObject({ outcome: null });
      expect(await store.find(null, spec.traceId)).toMatchObject({ status: 'WAITING', servingVersion: null });
      const current = await claim();
      expect(await end(late, 'ERROR', 'Late.')).toBe(false);
      expect(await end(current, 'SUCCESS')).toBe(true);
      expect(await store.find(null, spec.traceId)).toMatchObject({ status: 'SUCCESS', servingVersion: 2 });
    });

    it('one that is generated once more may end otherwise', async () => {
      await end(await claim(), 'ERROR', 'It is broken.');
      await store.update(spec.project, spec.traceId, 1, { name: 'renamed', requeue: { steps: [] }, now });
      await end(await claim(), 'SUCCESS');
      const found = await version(1);
      expect(found).toMatchObject({ outcome: 'SUCCESS' });
      expect(found).not.toHaveProperty('error');
    });

    it.each([
      ['inline', inlinePayload('{"warnings":[]}')],
      ['a blob', { blob: 'clients/report.json', bytes: 90_000 }],
    ])('keeps a report that is %s', async (_, report) => {
      const held = await claim();
      await store.advance(held, { status: 'READY_YAML', steps: CLAIMED, release: false }, now);
      expect(await version(1)).not.toHaveProperty('report');
      await store.advance(held, { status: 'READY_CLIENT', steps: CLAIMED, report, release: true }, now);
      expect((await version(1))?.report).toStrictEqual(report);
      const [listed] = await harness.other.versions(spec.project, spec.traceId, { limit: 1 });
      expect(listed?.report).toStrictEqual(report);
    });

    it('are gone from sight with their Spec', async () => {
      await store.archive(spec.project, spec.traceId, now);
      expect(await version(1)).toBeNull();
      expect(await store.versions(spec.project, spec.traceId, { limit: 1 })).toStrictEqual([]);
    });

    it('credentials are kept, replaced and removed', async () => {
      const credentials = { 'api key': { value: 's3cr3t' }, oauth: { clientId: 'a', clientSecret: 'b' } };
      const given = sampleSpec({ credentials });
      await store.insert(given);
      expect(await store.find(null, given.traceId)).toStrictEqual(given);
      const other = { basic: { username: 'ü', password: '' } };
      const replaced = await store.update(given.project, given.traceId, 1, { credentials: other, now });
      expect(replaced?.credentials).toStrictEqual(other);
      const removed = await store.update(given.project, given.traceId, 2, { credentials: null, now });
      expect(removed).not.toHaveProperty('credentials');
      expect(await harness.other.find(null, given.traceId)).toStrictEqual(removed);
    });

    it('a retry policy is replaced and removed', async () => {
      const replaced = await store.update(spec.project, spec.traceId, 1, { retry: { attempts: 5 }, now });
      expect(replaced?.retry).toStrictEqual({ attempts: 5 });
      const removed = await store.update(spec.project, spec.traceId, 2, { retry: null, now });
      expect(removed).not.toHaveProperty('retry');
      expect(await harness.other.find(null, spec.traceId)).toStrictEqual(removed);
    });

    it('drift is counted by version and operation, also at once', async () => {
      const get = { version: 1, method: 'GET', path: '/a\0{b.c}' };
      const post = { version: 1, method: 'POST', path: '/$x' };
      await Promise.all([
        ...[1, 2, 3].map((ago) => store.countDrift(spec.traceId, { ...get, lastAt: now - ago })),
        harness.other.countDrift(spec.traceId, { ...get, lastAt: now }),
        store.countDrift(spec.traceId, { ...post, lastAt: now }),
        store.countDrift(spec.traceId, { ...get, version: 2, lastAt: now }),
        store.countDrift('AnotherAnotherAn', { ...get, lastAt: now }),
      ]);
      const found = await store.drifts(spec.traceId, 1);
      expect(found.sort((a, b) => b.count - a.count)).toStrictEqual([
        { ...get, count: 4, lastAt: now },
        { ...post, count: 1, lastAt: now },
      ]);
      expect(await store.drifts(spec.traceId, 3)).toStrictEqual([]);
    });
  });
}
