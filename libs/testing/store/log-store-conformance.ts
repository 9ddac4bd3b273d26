import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LogRecord, LogStore } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
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
      await harness.store.append(['{"n":1}', '{"n":2}']);
      await harness.store.append([]);
      await harness.store.append(['{"n":3}', '{"n":4}']);
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
      await harness.store.append([JSON.stringify(record)]);
      expect(await harness.store.latest(1)).toEqual([record]);
    });

    it('takes a thousand records at once', async () => {
      await harness.store.append(Array.from({ length: 1_000 }, (_, n) => JSON.stringify({ n })));
      const numbers = (await harness.store.latest(1_000)).map((record) => record.n);
      expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, index) => 999 - index));
    });
  });
}
