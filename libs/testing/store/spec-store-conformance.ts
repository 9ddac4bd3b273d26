import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Spec, SpecStore } from '#core';
import { Conflict, INLINE_LIMIT_BYTES, InvalidInput, inlinePayload, newTraceId } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { ODD_HEADERS, SAMPLE_TIME, sampleClient, sampleSpec, UNSTORABLE_TEXTS } from './samples.js';
import { runSpecClaimConformance } from './spec-claim-conformance.js';
import { runSpecVersionConformance } from './spec-version-conformance.js';

const now = SAMPLE_TIME;

/** What every SpecStore must do. */
export function runSpecStoreConformance(name: string, make: MakeStore<SpecStore>): void {
  describe(`${name} is a SpecStore`, () => {
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

    describe('insert and find', () => {
      it('give back every field as it was stored', async () => {
        const spec = await insert({
          project: 'another',
          headers: { 'X-Key': 'secret' },
          url: 'https://example.org/ü',
          serverVariables: { region: 'eu', 'a.b': '$c' },
          retry: { attempts: 3, on: ['5xx'] },
          limits: { requests: 10, seconds: 0.5, concurrency: 3 },
          paused: true,
          pausedKeys: ['a', 'b'],
          document: inlinePayload(Buffer.from([0, 255, 10, 13])),
        });
        expect(await store.find('another', spec.traceId)).toStrictEqual(spec);
        expect(await harness.other.find(null, spec.traceId)).toStrictEqual(spec);
        expect(await store.findByName('another', spec.name)).toStrictEqual(spec);
      });

      it('leave out what was not set', async () => {
        const spec = await insert();
        expect(await store.find(spec.project, spec.traceId)).toStrictEqual(spec);
      });

      it('keep projects apart', async () => {
        const one = await insert({ project: 'one', name: 'same' });
        const two = await insert({ project: 'two', name: 'same' });
        expect(await store.find('two', one.traceId)).toBeNull();
        expect(await store.findByName('one', 'same')).toStrictEqual(one);
        expect(await store.findByName('two', 'same')).toStrictEqual(two);
        expect(await store.findByName('three', 'same')).toBeNull();
        expect(await store.find(null, newTraceId())).toBeNull();
      });

      it('keep large documents and names of blobs', async () => {
        const limit = inlinePayload(Buffer.alloc(INLINE_LIMIT_BYTES, 'ü'));
        for (const document of [limit, inlinePayload(''), { blob: 'specs/a.b', bytes: 30_000_000 }]) {
          const { traceId } = await insert({ document });
          expect((await store.find(null, traceId))?.document).toStrictEqual(document);
        }
      });

      it('keep odd header names and values', async () => {
        const { traceId } = await insert({ headers: ODD_HEADERS });
        const found = await store.find(null, traceId);
        expect(Object.entries(found!.headers).sort()).toEqual(Object.entries(ODD_HEADERS).sort());
      });
    });

    describe('names', () => {
      it.each(UNSTORABLE_TEXTS)('are refused when no database keeps them: %j', async (name) => {
        const spec = await insert();
        for (const refused of [
          store.insert(sampleSpec({ name })),
          store.insert(sampleSpec({ project: name })),
          store.update(spec.project, spec.traceId, 1, { name, now }),
        ]) {
          const refusal = await rejection(refused);
          expect(refusal).toBeInstanceOf(InvalidInput);
          expect(refusal).toMatchObject({ message: expect.stringMatching(/^Expected a (name|project) without NUL/) });
        }
        expect(await store.findByName(spec.project, name)).toBeNull();
        expect(await store.find(null, name)).toBeNull();
        expect(await store.list(spec.project, { offset: 0, limit: 9 })).toStrictEqual({ specs: [spec], total: 1 });
      });

      it('belong to one active Spec: a second is refused with the trace id of the first', async () => {
        const first = await insert({ name: 'taken' });
        const refusal = await rejection(store.insert(sampleSpec({ name: 'taken' })));
        expect(refusal).toBeInstanceOf(Conflict);
        expect(refusal).toMatchObject({ code: 'SPEC_NAME_TAKEN', message: expect.stringContaining(first.traceId) });
        expect((await store.list(first.project, { offset: 0, limit: 10 })).total).toBe(1);
      });

      it('are won by exactly one of several at once', async () => {
        const specs = Array.from({ length: 6 }, () => sampleSpec({ name: 'race' }));
        const others = Array.from({ length: 6 }, () => sampleSpec());
        const racing = specs.map((spec, index) => harness[index % 2 === 0 ? 'store' : 'other'].insert(spec));
        const results = await Promise.allSettled([...racing, ...others.map((spec) => store.insert(spec))]);
        const won = specs.filter((_, index) => results[index]?.status === 'fulfilled');
        expect(won).toHaveLength(1);
        expect(await store.findByName('default', 'race')).toStrictEqual(won[0]);
        expect(results.slice(6).every((result) => result.status === 'fulfilled')).toBe(true);
      });

      it('are free again once their Spec is archived', async () => {
        const first = await insert({ name: 'reused' });
        await store.archive(first.project, first.traceId, now);
        const second = await insert({ name: 'reused' });
        expect(await store.findByName(second.project, 'reused')).toStrictEqual(second);
        expect(await store.archive(second.project, second.traceId, now)).toBe(true);
      });
    });

    describe('list', () => {
      it('gives pages of a project, newest first and then by trace id, with the total', async () => {
        await insert({ project: 'another' });
        const specs: Spec[] = [];
        for (const age of [4, 0, 2, 2, 1, 3]) specs.push(await insert({ project: 'listed', createdAt: now - age }));
        const order = [...specs].sort((a, b) => b.createdAt - a.createdAt || (a.traceId < b.traceId ? -1 : 1));
        expect(await store.list('listed', { offset: 0, limit: 100 })).toStrictEqual({ specs: order, total: 6 });
        expect(await store.list('listed', { offset: 1, limit: 3 })).toStrictEqual({
          specs: order.slice(1, 4),
          total: 6,
        });
        expect(await store.list('listed', { offset: 6, limit: 3 })).toStrictEqual({ specs: [], total: 6 });
        expect(await store.list('empty', { offset: 0, limit: 3 })).toStrictEqual({ specs: [], total: 0 });
      });

      it('does not show what is archived', async () => {
        const { project, traceId } = await insert();
        await store.archive(project, traceId, now);
        expect(await store.list(project, { offset: 0, limit: 10 })).toStrictEqual({ specs: [], total: 0 });
      });
    });

    describe('update', () => {
      it('changes only what it is given, and raises the revision', async () => {
        const spec = await insert({ url: 'https://a.example', headers: { a: '1' } });
        const change = { headers: ODD_HEADERS, now: now + 5 };
        const updated = await store.update(spec.project, spec.traceId, 1, change);
        expect(updated).toStrictEqual({ ...spec, headers: ODD_HEADERS, revision: 2, updatedAt: now + 5 });
        expect(await harness.other.find(null, spec.traceId)).toStrictEqual(updated);
      });

      it('removes what it is given as null, and nothing else', async () => {
        const fields = { url: 'https://a.example', serverVariables: { region: 'eu' }, headers: { a: '1' } };
        const { url, serverVariables, ...bare } = await insert(fields);
        const withoutUrl = await store.update(bare.project, bare.traceId, 1, { url: null, now });
        expect(withoutUrl).toStrictEqual({ ...bare, serverVariables, revision: 2 });
        expect(await store.find(null, bare.traceId)).toStrictEqual(withoutUrl);
        const change = { url, serverVariables: null, now };
        const withUrl = await store.update(bare.project, bare.traceId, 2, change);
        expect(withUrl).toStrictEqual({ ...bare, url, revision: 3 });
        const requeue = { url: null, serverVariables: null, requeue: { steps: ['Again'] }, now };
        const without = await store.update(bare.project, bare.traceId, 3, requeue);
        expect(without).toStrictEqual({ ...bare, revision: 4, steps: ['Again'], attempt: 1 });
        expect(await harness.other.find(null, bare.traceId)).toStrictEqual(without);
      });

      it('changes everything at once', async () => {
        const spec = await insert();
        const document = { content: { blob: 'b', bytes: 100_000 }, hash: 'f'.repeat(64) };
        const fields = { name: 'renamed', headers: {}, url: 'https://b.example', serverVariables: { v: '1' } };
        const updated = await store.update(spec.project, spec.traceId, 1, { ...fields, document, now: now + 5 });
        const expected = { ...spec, ...fields, document: document.content, documentHash: document.hash };
        expect(updated).toStrictEqual({ ...expected, version: 2, revision: 2, updatedAt: now + 5 });
        const inline = { content: inlinePayload('{}'), hash: '1'.repeat(64) };
        const again = await store.update(spec.project, spec.traceId, 2, { document: inline, now });
        expect(again).toMatchObject({ version: 3, revision: 3, documentHash: inline.hash });
        expect(again?.document).toStrictEqual(inline.content);
      });

      it('writes nothing over a revision that it did not see', async () => {
        const spec = await insert();
        await store.update(spec.project, spec.traceId, 1, { url: 'https://first.example', now });
        expect(await store.update(spec.project, spec.traceId, 1, { url: 'https://late.example', now })).toBeNull();
        expect(await store.update('another', spec.traceId, 2, { url: 'https://x.example', now })).toBeNull();
        expect(await store.update(spec.project, newTraceId(), 1, { url: 'https://x.example', now })).toBeNull();
        expect((await store.find(null, spec.traceId))?.url).toBe('https://first.example');
      });

      it('is won by exactly one of two at once', async () => {
        const spec = await insert();
        const updates = await Promise.all([
          store.update(spec.project, spec.traceId, 1, { name: 'one', now }),
          harness.other.update(spec.project, spec.traceId, 1, { name: 'two', now }),
        ]);
        const won = updates.filter((update) => update !== null);
        expect(won).toHaveLength(1);
        expect(await store.find(null, spec.traceId)).toStrictEqual(won[0]);
      });

      it('refuses a name that another has, and changes nothing', async () => {
        const other = await insert({ name: 'taken' });
        const spec = await insert({ name: 'own' });
        const attempt = store.update(spec.project, spec.traceId, 1, { name: 'taken', url: 'https://x', now });
        expect(await rejection(attempt)).toMatchObject({
          code: 'SPEC_NAME_TAKEN',
          message: expect.stringContaining(other.traceId),
        });
        expect(await store.find(null, spec.traceId)).toStrictEqual(spec);
        expect(await store.update(spec.project, spec.traceId, 1, { name: 'own', now })).not.toBeNull();
      });

      it('frees the former name', async () => {
        const spec = await insert({ name: 'former' });
        await store.update(spec.project, spec.traceId, 1, { name: 'latter', now });
        await insert({ name: 'former' });
        expect((await store.findByName(spec.project, 'latter'))?.traceId).toBe(spec.traceId);
      });
    });

    describe('limits and pauses', () => {
      it('are set, kept by other changes, and taken back', async () => {
        const { traceId } = await insert();
        const limits = { requests: 2, seconds: 1, burst: 2 };
        expect(await store.update('default', traceId, 1, { limits, now: now + 1 })).toMatchObject({ limits });
        expect(await store.update('default', traceId, 2, { headers: {}, now: now + 2 })).toMatchObject({ limits });
        expect(await store.update('default', traceId, 3, { limits: null, now: now + 3 })).not.toHaveProperty('limits');
      });

      it('of a Spec and of keys come and go by themselves, and change no revision', async () => {
        const { traceId } = await insert();
        const pause = (change: { key?: string; paused: boolean }) => store.pause('default', traceId, change);
        for (let twice = 0; twice < 2; twice += 1)
          expect(await pause({ paused: true })).toMatchObject({ paused: true });
        await pause({ key: 'a.b$', paused: true });
        await pause({ key: 'a.b$', paused: true });
        expect(await pause({ key: '…', paused: true })).toMatchObject({ paused: true, pausedKeys: ['a.b$', '…'] });
        expect(await pause({ paused: false })).toMatchObject({ pausedKeys: ['a.b$', '…'], revision: 1 });
        expect(await store.find(null, traceId)).not.toHaveProperty('paused');
        await pause({ key: 'a.b$', paused: false });
        await pause({ key: 'other', paused: false });
        expect(await pause({ key: '…', paused: false })).not.toHaveProperty('pausedKeys');
      });

      it('are of the Spec that is named', async () => {
        const { traceId } = await insert();
        expect(await store.pause('elsewhere', traceId, { paused: true })).toBeNull();
        expect(await store.pause('default', 'x'.repeat(16), { paused: true })).toBeNull();
        expect(await store.find(null, traceId)).not.toHaveProperty('paused');
      });

      it('of many keys at once are all kept', async () => {
        const { traceId } = await insert();
        const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
        await Promise.all(keys.map((key) => store.pause('default', traceId, { key, paused: true })));
        expect((await store.find(null, traceId))?.pausedKeys?.toSorted()).toEqual(keys.sort());
      });
    });

    describe('archive', () => {
      it('takes a Spec away from every look, once', async () => {
        const spec = await insert({ document: { blob: 'x', bytes: 99_999 } });
        expect(await store.archive('another', spec.traceId, now)).toBe(false);
        expect(await store.archive(spec.project, spec.traceId, now)).toBe(true);
        expect(await store.archive(spec.project, spec.traceId, now)).toBe(false);
        expect(await store.find(spec.project, spec.traceId)).toBeNull();
        expect(await harness.other.find(null, spec.traceId)).toBeNull();
        expect(await store.findByName(spec.project, spec.name)).toBeNull();
        expect(await store.update(spec.project, spec.traceId, 1, { url: 'https://x', now })).toBeNull();
      });

      it('succeeds for exactly one of two at once', async () => {
        const { project, traceId } = await insert();
        const answers = await Promise.all([
          store.archive(project, traceId, now),
          harness.other.archive(project, traceId, now),
        ]);
        expect(answers.filter(Boolean)).toHaveLength(1);
      });
    });

    describe('clients', () => {
      it('are kept by version', async () => {
        const first = sampleClient();
        const second = { ...first, version: 2, types: inlinePayload('second'), yaml: { blob: 'y', bytes: 80_000 } };
        expect(await store.findClient(first.specTraceId)).toBeNull();
        await store.saveClient(second);
        await store.saveClient(first);
        expect(await store.findClient(first.specTraceId)).toStrictEqual(second);
        expect(await harness.other.findClient(first.specTraceId, 1)).toStrictEqual(first);
        expect(await store.findClient(first.specTraceId, 3)).toBeNull();
        expect(await store.findClient(newTraceId())).toBeNull();
      });

      it('replace an earlier one of the same version, also at once', async () => {
        const client = sampleClient();
        const texts = ['one', 'two', 'three', 'four'];
        await Promise.all(
          texts.map((text, index) =>
            harness[index % 2 === 0 ? 'store' : 'other'].saveClient({ ...client, table: inlinePayload(text) }),
          ),
        );
        await store.saveClient({ ...client, table: inlinePayload('last') });
        expect((await store.findClient(client.specTraceId))?.table).toStrictEqual(inlinePayload('last'));
      });

      it('outlive the archiving of their Spec', async () => {
        const spec = await insert();
        await store.saveClient(sampleClient({ specTraceId: spec.traceId }));
        await store.archive(spec.project, spec.traceId, now);
        expect(await store.findClient(spec.traceId)).not.toBeNull();
      });
    });
  });

  runSpecClaimConformance(name, make);
  runSpecVersionConformance(name, make);
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
