import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeyStore } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';

/** What every KeyStore must do. */
export function runKeyStoreConformance(name: string, make: MakeStore<KeyStore>): void {
  describe(`${name} is a KeyStore`, () => {
    let harness: StoreHarness<KeyStore>;
    beforeEach(async () => {
      harness = await make();
    });
    afterEach(() => harness.close());

    it('gives 32 bytes, the same ones each time and to everybody', async () => {
      const first = await harness.store.key('cache');
      expect(Buffer.isBuffer(first)).toBe(true);
      expect(first).toHaveLength(32);
      expect(await harness.store.key('cache')).toEqual(first);
      expect(await harness.other.key('cache')).toEqual(first);
    });

    it('gives each name bytes of its own', async () => {
      const [one, two] = await Promise.all([harness.store.key('one'), harness.store.key('two')]);
      expect(one).not.toEqual(two);
    });

    it('gives all first callers at once the same bytes', async () => {
      const calls = Array.from({ length: 20 }, (_, index) => harness[index % 2 === 0 ? 'store' : 'other'].key('new'));
      const keys = new Set((await Promise.all(calls)).map((key) => key.toString('hex')));
      expect(keys.size).toBe(1);
    });
  });
}
