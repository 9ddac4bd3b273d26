import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ListedProcess, ProcessQuery, ProcessStore, SchedulerProcess } from '#core';
import { DEFAULT_PROJECT, inlinePayload, InvalidInput } from '#core';
import type { MakeStore } from './harness.js';
import { CLAIMED, EXECUTED, lease, ProcessFixture, success } from './process-fixture.js';
import { SAMPLE_TIME, sampleProcess } from './samples.js';

const now = SAMPLE_TIME;

/** What every ProcessStore must do when it is asked for many processes. */
export function runProcessListConformance(name: string, make: MakeStore<ProcessStore>): void {
  describe(`${name} lists processes`, () => {
    let fixture: ProcessFixture;
    beforeEach(async () => {
      fixture = new ProcessFixture(await make());
    });
    afterEach(() => fixture.harness.close());

    async function list(query: Partial<ProcessQuery> = {}): Promise<readonly ListedProcess[]> {
      const page = await fixture.other.list(DEFAULT_PROJECT, { limit: 100, ...query });
      expect(page.next).toBeNull();
      return page.processes;
    }

    async function traceIds(query: Partial<ProcessQuery> = {}): Promise<string[]> {
      return (await list(query)).map((process) => process.traceId);
    }

    async function insertAt(createdAt: number, change: Partial<SchedulerProcess> = {}): Promise<SchedulerProcess> {
      return fixture.insert({ createdAt, ...change });
    }

    it('gives every field but the body, newest first', async () => {
      const { reqBody: _, ...first } = await insertAt(now, {
        headers: { Accept: 'application/json' },
        urlParams: { id: '5' },
        retry: { attempts: 2 },
        reqBody: inlinePayload('{"a":1}'),
      });
      const { reqBody: __, ...second } = await insertAt(now + 1, { reqBody: { blob: 'a/b', bytes: 5 } });
      expect(await list()).toStrictEqual([second, first]);
    });

    it('keeps projects apart', async () => {
      await insertAt(now, { project: 'another' });
      const { traceId } = await insertAt(now);
      expect(await traceIds()).toEqual([traceId]);
    });

    it('gives only processes of one status', async () => {
      const { traceId: waiting } = await insertAt(now);
      const { traceId: running } = await fixture.insertClaimed();
      const done = await fixture.insertClaimed();
      await fixture.store.complete(done, success(), EXECUTED, now);
      const failed = await fixture.insertClaimed();
      await fixture.store.complete(failed, { status: 'ERROR', error: 'broken' }, CLAIMED, now);
      const { traceId: cancelled } = await insertAt(now);
      await fixture.store.cancel(DEFAULT_PROJECT, cancelled, 'Cancelled', now);
      expect(await traceIds({ status: 'WAITING' })).toEqual([waiting]);
      expect(await traceIds({ status: 'CANCELLED' })).toEqual([cancelled]);
      expect(await traceIds({ status: 'IN_PROGRESS' })).toEqual([running]);
      expect(await traceIds({ status: 'SUCCESS' })).toEqual([done.traceId]);
      expect(await traceIds({ status: 'ERROR' })).toEqual([failed.traceId]);
      await fixture.store.claim(waiting, lease(), CLAIMED, now);
      expect((await traceIds({ status: 'IN_PROGRESS' })).sort()).toEqual([running, waiting].sort());
    });

    it('gives only processes of one service, also of one status', async () => {
      await insertAt(now, { service: 'other' });
      const { traceId: waiting } = await insertAt(now, { service: 'wanted' });
      const done = await fixture.insertClaimed({ service: 'wanted', createdAt: now + 1 });
      await fixture.store.complete(done, success(), EXECUTED, now);
      expect(await traceIds({ service: 'wanted' })).toEqual([done.traceId, waiting]);
      expect(await traceIds({ service: 'wanted', status: 'WAITING' })).toEqual([waiting]);
      expect(await traceIds({ service: 'wanted', status: 'SUCCESS' })).toEqual([done.traceId]);
      expect(await traceIds({ service: 'nobody' })).toEqual([]);
    });

    it('gives only processes of one key, also of one service and status, and none without a key', async () => {
      await insertAt(now, { service: 'wanted' });
      await insertAt(now, { key: 'another' });
      const { traceId: plain } = await insertAt(now, { key: 'ähm "1"' });
      const { traceId: wanted } = await insertAt(now + 1, { key: 'ähm "1"', service: 'wanted' });
      expect(await traceIds({ key: 'ähm "1"' })).toEqual([wanted, plain]);
      expect(await traceIds({ key: 'ähm "1"', service: 'wanted' })).toEqual([wanted]);
      expect(await traceIds({ key: 'ähm "1"', status: 'WAITING' })).toEqual([wanted, plain]);
      expect(await traceIds({ key: 'ähm "1"', status: 'SUCCESS' })).toEqual([]);
      expect(await traceIds({ key: 'nobody' })).toEqual([]);
    });

    it('gives only processes that are bound to some Specs, page after page', async () => {
      const specs = ['SpecSpecSpecSpe1', 'SpecSpecSpecSpe2'];
      const wanted: string[] = [];
      for (const [index, specTraceId] of [...specs, 'SpecSpecSpecSpe3', null, ...specs, null].entries()) {
        const { traceId } = await insertAt(now + index, { specTraceId });
        if (specTraceId !== null && specs.includes(specTraceId)) wanted.unshift(traceId);
      }
      expect(await traceIds({ specs })).toEqual(wanted);
      expect(await traceIds({ specs, status: 'WAITING', service: 'filmot' })).toEqual(wanted);
      expect(await traceIds({ specs: ['SpecSpecSpecSpe3'] })).toHaveLength(1);
      expect(await traceIds({ specs: [] })).toEqual([]);
      const page = await fixture.store.list(DEFAULT_PROJECT, { specs, limit: 3 });
      const rest = await fixture.store.list(DEFAULT_PROJECT, { specs, limit: 3, cursor: page.next ?? '' });
      expect([...page.processes, ...rest.processes].map(({ traceId }) => traceId)).toEqual(wanted);
    });

    it('gives only processes of a time: from its start on, and before its end', async () => {
      const inserted = [];
      for (const ms of [0, 10, 20]) inserted.push(await insertAt(now + ms));
      const [first, second, third] = inserted.map((process) => process.traceId);
      expect(await traceIds({ createdFrom: now + 10 })).toEqual([third, second]);
      expect(await traceIds({ createdBefore: now + 10 })).toEqual([first]);
      expect(await traceIds({ createdFrom: now + 1, createdBefore: now + 20 })).toEqual([second]);
      expect(await traceIds({ createdFrom: now + 20, createdBefore: now })).toEqual([]);
    });

    it('finds text of the error in any case, and no pattern', async () => {
      const sentences = ['Got 50% of "it"', 'got 500 of it\0', 'nothing of the kind'];
      const failed: string[] = [];
      for (const [index, error] of sentences.entries()) {
        const claim = await fixture.insertClaimed({ createdAt: now + index });
        await fixture.store.complete(claim, { status: 'ERROR', error }, CLAIMED, now);
        failed.push(claim.traceId);
      }
      await insertAt(now);
      const [percent, plain] = failed;
      expect(await traceIds({ error: 'GOT 50' })).toEqual([plain, percent]);
      expect(await traceIds({ error: '50% OF "' })).toEqual([percent]);
      expect(await traceIds({ error: 'it\0', status: 'ERROR' })).toEqual([plain]);
      expect(await traceIds({ error: 'got.*it' })).toEqual([]);
      expect(await traceIds({ error: 'got', service: 'another' })).toEqual([]);
      expect(await traceIds({ error: 'got', status: 'SUCCESS' })).toEqual([]);
    });

    it('gives each of 3,000 processes once, in order, whatever is added between the pages', async () => {
      const stored = Array.from({ length: 3_000 }, (_, index) => {
        // Several have one time; one in a thousand is of another service.
        const service = index % 1_000 === 500 ? 'rare' : 'filmot';
        return sampleProcess({ createdAt: now + Math.floor(index / 7), service });
      });
      await Promise.all(stored.map((process) => fixture.store.insert(process)));
      const listed: ListedProcess[] = [];
      let cursor: string | undefined;
      do {
        const page = await fixture.other.list(DEFAULT_PROJECT, { limit: 700, cursor });
        expect(page.processes.length).toBe(page.next === null ? 200 : 700);
        listed.push(...page.processes);
        await insertAt(now + 1_000_000 + listed.length);
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      expect(new Set(listed.map((process) => process.traceId)).size).toBe(3_000);
      expect(listed.map((process) => process.createdAt)).toEqual(
        stored.map((process) => process.createdAt).sort((a, b) => b - a),
      );
      const rare = stored.filter((process) => process.service === 'rare').map((process) => process.traceId);
      expect(await traceIds({ service: 'rare', status: 'WAITING' })).toEqual(rare.reverse());
    });

    it('ends a page that fills exactly with the last process, and goes on within one time', async () => {
      const inserted = await fixture.insertMany(4);
      const first = await fixture.store.list(DEFAULT_PROJECT, { limit: 2 });
      const second = await fixture.store.list(DEFAULT_PROJECT, { limit: 2, cursor: first.next ?? undefined });
      expect(second.next).toBeNull();
      const listed = [...first.processes, ...second.processes].map((process) => process.traceId);
      expect(listed.sort()).toEqual(inserted.map((process) => process.traceId).sort());
    });

    it('ends a page early when its requests are large, and goes on behind it', async () => {
      const headers = { large: 'x'.repeat(5_000_000) };
      const inserted = [];
      for (let index = 0; index < 3; index += 1) inserted.push((await insertAt(now - index, { headers })).traceId);
      for (let index = 3; index < 60; index += 1) inserted.push((await insertAt(now - index)).traceId);
      const first = await fixture.store.list(DEFAULT_PROJECT, { limit: 60 });
      expect(first.processes.length).toBeLessThan(60);
      const second = await fixture.store.list(DEFAULT_PROJECT, { limit: 60, cursor: first.next ?? undefined });
      expect([...first.processes, ...second.processes].map((process) => process.traceId)).toEqual(inserted);
      expect(second.next).toBeNull();
    });

    it.each(['', 'nonsense', Buffer.from('[1]').toString('base64url'), Buffer.from('[1,{}]').toString('base64url')])(
      'refuses a cursor of which it gave none: %j',
      async (cursor) => {
        const refusal: unknown = await fixture.store
          .list(DEFAULT_PROJECT, { limit: 1, cursor })
          .catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(InvalidInput);
        expect(refusal).toMatchObject({ code: 'CURSOR_INVALID' });
      },
    );
  });
}
