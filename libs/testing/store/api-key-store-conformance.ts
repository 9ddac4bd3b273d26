import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiKey, ApiKeyStore } from '#core';
import { Conflict, DEFAULT_PROJECT, MOST_KEYS, newTraceId } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { SAMPLE_TIME, UNSTORABLE_TEXTS } from './samples.js';

const now = SAMPLE_TIME;

function sampleKey(change: Partial<ApiKey> = {}): ApiKey {
  return {
    ...{ traceId: newTraceId(), project: DEFAULT_PROJECT, name: 'ci', scopes: ['read', 'schedule'], specs: null },
    ...{ hash: '0'.repeat(64), createdBy: 'user:admin', createdAt: now, expiresAt: null, lastUsedAt: null },
    ...change,
  };
}

/** What every ApiKeyStore must do. */
export function runApiKeyStoreConformance(name: string, make: MakeStore<ApiKeyStore>): void {
  describe(`${name} is an ApiKeyStore`, () => {
    let harness: StoreHarness<ApiKeyStore>;
    let store: ApiKeyStore;
    beforeEach(async () => {
      harness = await make();
      store = harness.store;
    });
    afterEach(() => harness.close());

    it('gives a key as it was kept, whatever its name, to its own project and to who asks for any', async () => {
      const keys = [...UNSTORABLE_TEXTS, 'ci'].map((text) => {
        return sampleKey({ name: text, specs: ['SpecSpecSpecSpec'], expiresAt: now + 5, lastUsedAt: now - 1 });
      });
      for (const key of keys) {
        await store.insert(key);
        expect(await harness.other.find(DEFAULT_PROJECT, key.traceId)).toEqual(key);
        expect(await store.find(null, key.traceId)).toEqual(key);
        expect(await store.find('another', key.traceId)).toBeNull();
      }
      expect(await store.find(null, newTraceId())).toBeNull();
    });

    it('lists the keys of a project, newest first', async () => {
      const keys = [sampleKey(), sampleKey({ createdAt: now + 2 }), sampleKey({ createdAt: now + 1 })];
      await Promise.all([...keys, sampleKey({ project: 'another' })].map((key) => store.insert(key)));
      expect(await harness.other.list(DEFAULT_PROJECT)).toEqual([keys[1], keys[2], keys[0]]);
    });

    it('refuses a second key of one trace id', async () => {
      const key = sampleKey();
      await store.insert(key);
      await expect(store.insert(key)).rejects.toMatchObject({ code: 'TRACE_ID_TAKEN' });
    });

    it('takes a key away once, and only of its own project', async () => {
      const key = sampleKey();
      await store.insert(key);
      expect(await store.remove('another', key.traceId)).toBe(false);
      const removed = [store.remove(DEFAULT_PROJECT, key.traceId), harness.other.remove(DEFAULT_PROJECT, key.traceId)];
      expect((await Promise.all(removed)).sort()).toEqual([false, true]);
      expect(await store.find(null, key.traceId)).toBeNull();
    });

    it('takes away all keys of a project and no others', async () => {
      const kept = sampleKey({ project: 'another' });
      await Promise.all([sampleKey(), sampleKey(), kept].map((key) => store.insert(key)));
      expect(await store.removeAll(DEFAULT_PROJECT)).toBe(2);
      expect(await store.list(DEFAULT_PROJECT)).toEqual([]);
      expect(await store.list('another')).toEqual([kept]);
    });

    it('notes the latest use, and none of a key that is gone', async () => {
      const key = sampleKey();
      await store.insert(key);
      await store.noteUse(key.traceId, now + 60_000);
      await harness.other.noteUse(key.traceId, now + 30_000);
      expect(await store.find(null, key.traceId)).toEqual({ ...key, lastUsedAt: now + 60_000 });
      await store.remove(DEFAULT_PROJECT, key.traceId);
      await store.noteUse(key.traceId, now + 90_000);
      expect(await store.find(null, key.traceId)).toBeNull();
    });

    it('keeps so many of a project and no more', async () => {
      await Promise.all(Array.from({ length: MOST_KEYS }, () => store.insert(sampleKey())));
      await expect(store.insert(sampleKey())).rejects.toBeInstanceOf(Conflict);
      await store.insert(sampleKey({ project: 'another' }));
      expect(await store.list(DEFAULT_PROJECT)).toHaveLength(MOST_KEYS);
    });
  });
}
