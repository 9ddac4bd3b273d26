import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LogRecord, LogStore } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { logBatch } from './log-batch.js';
import { ODD_HEADERS } from './samples.js';

/** What every LogStore must do. */
export function runLogStoreConformance(name: string, make: MakeStore<LogStore>): void {
  describe(`${name} is a LogStore`, () => {
    let harness: StoreHarness<LogStore>;
    beforeEach(async () => {
      harness = await make();
    });
    afterEach(() => harness.close());

    it('is empty at first', async () => {
      expect(await harness.store.latest(10)).toEqual([]);
    });

    it('gives the newest records first, across and within batches', async () => {
      await harness.store.append(logBatch({ n: 1 }, { n: 2 }));
      await harness.store.append(logBatch());
      await harness.store.append(logBatch({ n: 3 }, { n: 4 }));
      expect(await harness.other.latest(10)).toEqual([{ n: 4 }, { n: 3 }, { n: 2 }, { n: 1 }]);
      expect(await harness.store.latest(2)).toEqual([{ n: 4 }, { n: 3 }]);
    });

    it('keeps a record as it is, whatever its keys and values', async () => {
      const record: LogRecord = {
        '@timestamp': '2026-01-01T00:00:00.000Z',
        'X-TRACE-ID': 'abcdefghijklmnop',
        latency: 0.25,
        status: 200,
        other_data: null,
        data: [1, 'two', { three: [3, null] }],
        empty: {},
        req_headers: ODD_HEADERS,
        resp_headers: { 'content-type': 'text/plain' },
        _id: 'not a key',
        at: 'not a time',
        project: 'not a tenant',
        $where: 'not an operator',
        'a.b': { 'c.d': 1 },
        req_body: 'x'.repeat(10_000),
      };
      await harness.store.append(logBatch(record));
      expect(await harness.store.latest(1)).toEqual([record]);
    });

    it('keeps what was sent in its order among the rest, across and within batches', async () => {
      const sent = (n: number) => ({ n, req_body: `body ${n}` });
      const batches: readonly (readonly LogRecord[])[] = [
        [{ n: 1 }, sent(2), { n: 3 }],
        [sent(4)],
        [{ n: 5 }],
        [sent(6), sent(7)],
      ];
      for (const batch of batches) await harness.store.append(logBatch(...batch));
      const newest = batches.flat().reverse();
      expect(await harness.other.latest(10)).toEqual(newest);
      expect(await harness.store.latest(4)).toEqual(newest.slice(0, 4));
      // What is encrypted together goes together.
      let removed = 0;
      for (let count = -1; count !== 0; removed += count) {
        count = await harness.store.sweep({ since: Number.MAX_SAFE_INTEGER / 2, maxBytes: null }, 2);
      }
      expect(removed).toBe(7);
      expect(await harness.store.latest(1)).toEqual([]);
    });

    it('removes the oldest beyond an age, so many at a time', async () => {
      const { store } = harness;
      for (const n of [1, 2, 3]) await store.append(logBatch({ n }));
      expect(await store.sweep({ since: 0, maxBytes: null }, 10)).toBe(0);
      expect(await store.sweep({ since: null, maxBytes: null }, 10)).toBe(0);
      expect(await store.sweep({ since: Number.MAX_SAFE_INTEGER / 2, maxBytes: null }, 2)).toBe(2);
      expect(await store.latest(10)).toEqual([{ n: 3 }]);
    });

    it('removes the oldest while there are too many bytes', async () => {
      const { store } = harness;
      const records = Array.from({ length: 1_000 }, (_, n) => ({ n, text: 'x'.repeat(1_000) }));
      // What is appended together may go together.
      for (let n = 0; n < records.length; n += 50) await store.append(logBatch(...records.slice(n, n + 50)));
      const keep = { since: null, maxBytes: 400_000 };
      let removed = 0;
      for (let count = -1; count !== 0; removed += count) count = await store.sweep(keep, 50);
      expect(removed).toBeGreaterThan(500);
      expect(removed).toBeLessThan(800);
      expect((await store.latest(1_000)).map(({ n }) => n)).toEqual(
        records
          .slice(removed)
          .map(({ n }) => n)
          .reverse(),
      );
      expect(await store.sweep({ ...keep, maxBytes: 2_000_000 }, 50)).toBe(0);
    });

    it('takes a thousand records at once', async () => {
      await harness.store.append(logBatch(...Array.from({ length: 1_000 }, (_, n) => ({ n }))));
      const numbers = (await harness.store.latest(1_000)).map((record) => record.n);
      expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, index) => 999 - index));
    });
  });
}
