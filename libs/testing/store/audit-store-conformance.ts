import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AuditFilter, AuditOutcome, AuditRecord, AuditStore } from '#core';
import { DEFAULT_PROJECT, InvalidInput, newTraceId } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { SAMPLE_TIME, UNSTORABLE_TEXTS } from './samples.js';

const now = SAMPLE_TIME;
const DONE: AuditOutcome = { kind: 'done', at: now + 7, after: { name: 'b' }, made: 'MadeMadeMadeMade' };

function sampleRecord(change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    ...{ traceId: newTraceId(), project: DEFAULT_PROJECT, at: now, who: 'user:admin', action: 'spec.change' },
    ...{
      target: 'SpecSpecSpecSpec',
      from: '127.0.0.1',
      agent: 'test',
      asked: { dry_run: false },
      before: { name: 'a' },
      outcome: null,
    },
    ...change,
  };
}

/** What every AuditStore must do. */
export function runAuditStoreConformance(name: string, make: MakeStore<AuditStore>): void {
  describe(`${name} is an AuditStore`, () => {
    let harness: StoreHarness<AuditStore>;
    let store: AuditStore;
    beforeEach(async () => {
      harness = await make();
      store = harness.store;
    });
    afterEach(() => harness.close());

    async function list(filter: AuditFilter = {}): Promise<readonly AuditRecord[]> {
      return (await harness.other.list(DEFAULT_PROJECT, { limit: 100, ...filter })).records;
    }
    async function append(change: Partial<AuditRecord> = {}): Promise<AuditRecord> {
      const record = sampleRecord(change);
      await store.append(record);
      return record;
    }

    it('keeps an action as it was begun until its outcome is known, and then both', async () => {
      const record = await append();
      expect(await list()).toEqual([record]);
      await store.end(record.traceId, DONE);
      expect(await list()).toEqual([{ ...record, outcome: DONE }]);
    });

    it('changes nothing by a second action of one trace id, nor by a second outcome', async () => {
      const record = await append();
      await store.append({ ...record, who: 'user:mallory' });
      await store.end(record.traceId, DONE);
      await harness.other.end(record.traceId, { kind: 'failed', at: now + 9 });
      const ended = await append({ at: now + 1, outcome: { kind: 'refused', at: now + 1, count: 3 } });
      await store.end(ended.traceId, DONE);
      expect(await list()).toEqual([ended, { ...record, outcome: DONE }]);
    });

    it('keeps every text as it is', async () => {
      for (const [index, text] of UNSTORABLE_TEXTS.entries()) {
        await append({ agent: text, target: text, before: { [text]: text }, at: now + index });
      }
      const texts = (await list()).map(({ agent, target, before }) => [agent, target, before]);
      expect(texts.reverse()).toEqual(UNSTORABLE_TEXTS.map((text) => [text, text, { [text]: text }]));
    });

    it('lists of each project its own, newest first, and only what meets every condition', async () => {
      const a = await append({ at: now + 1, who: 'user:a' });
      const b = await append({ at: now + 2, action: 'key.create', target: 'ci' });
      const c = await append({ at: now + 3, target: null, outcome: DONE });
      await append({ at: now + 4, project: 'another' });
      expect(await list()).toEqual([c, b, a]);
      expect(await list({ who: 'user:a' })).toEqual([a]);
      expect(await list({ action: 'key.create' })).toEqual([b]);
      expect(await list({ target: 'SpecSpecSpecSpec' })).toEqual([a]);
      expect(await list({ target: 'MadeMadeMadeMade' })).toEqual([c]);
      expect(await list({ who: 'user:a', action: 'key.create' })).toEqual([]);
      expect(await list({ from: now + 2, before: now + 3 })).toEqual([b]);
      expect(await list({ before: now + 3, action: 'spec.change' })).toEqual([a]);
      expect(await list({ from: now + 4 })).toEqual([]);
    });

    it('gives each action once over all pages, whatever is added between them', async () => {
      const records = Array.from({ length: 60 }, (_, index) => sampleRecord({ at: now + Math.floor(index / 7) }));
      await Promise.all(records.map((record) => store.append(record)));
      const listed: AuditRecord[] = [];
      let cursor: string | undefined;
      do {
        const page = await harness.other.list(DEFAULT_PROJECT, { limit: 25, cursor, before: now + 1_000 });
        listed.push(...page.records);
        await append({ at: now + 1 });
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      const ids = new Set(listed.map(({ traceId }) => traceId));
      expect(ids.size).toBe(listed.length);
      expect(records.every(({ traceId }) => ids.has(traceId))).toBe(true);
      expect(listed.map(({ at }) => at)).toEqual(listed.map(({ at }) => at).sort((x, y) => y - x));
    });

    it.each(['', 'nonsense', Buffer.from('[1,2]').toString('base64url')])(
      'refuses a cursor of which it gave none: %j',
      async (cursor) => {
        await expect(store.list(DEFAULT_PROJECT, { limit: 1, cursor })).rejects.toThrow(InvalidInput);
      },
    );

    it('lets the oldest go, so many at a time, with their outcomes', async () => {
      const old = [await append({ at: now - 3 }), await append({ at: now - 2, project: 'another' })];
      for (const { traceId } of old) await store.end(traceId, DONE);
      const kept = await append();
      expect(await store.sweep(now, 1)).toBe(1);
      expect(await store.sweep(now, 10)).toBe(1);
      expect(await store.sweep(now, 10)).toBe(0);
      expect(await list()).toEqual([kept]);
      // Nothing of the old one is left that a new one could be mistaken for.
      const again = await append({ traceId: old[0]?.traceId ?? '', at: now + 1 });
      expect(await list()).toEqual([again, kept]);
    });
  });
}
