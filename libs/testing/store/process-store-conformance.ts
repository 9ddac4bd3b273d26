import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProcessStore } from '#core';
import { INLINE_LIMIT_BYTES, inlinePayload, InvalidInput, newTraceId } from '#core';
import type { MakeStore } from './harness.js';
import { runProcessExpiryConformance } from './process-expiry-conformance.js';
import { CLAIMED, EXECUTED, LEASE_MS, ProcessFixture, lease, sampleCall, success } from './process-fixture.js';
import { runProcessCancelConformance } from './process-cancel-conformance.js';
import { runProcessGateConformance } from './process-gate-conformance.js';
import { runProcessListConformance } from './process-list-conformance.js';
import { runProcessWatchConformance } from './process-watch-conformance.js';
import { runProcessWaitingConformance } from './process-waiting-conformance.js';
import { ODD_HEADERS, SAMPLE_TIME, sampleProcess, sampleResponse, UNSTORABLE_TEXTS } from './samples.js';

const now = SAMPLE_TIME;

/** What every ProcessStore must do. */
export function runProcessStoreConformance(name: string, make: MakeStore<ProcessStore>): void {
  describe(`${name} is a ProcessStore`, () => {
    let fixture: ProcessFixture;
    beforeEach(async () => {
      fixture = new ProcessFixture(await make());
    });
    afterEach(() => fixture.harness.close());

    describe('insert and find', () => {
      it('give back every field as it was stored', async () => {
        const process = await fixture.insert({
          project: 'another',
          headers: { Accept: 'application/json' },
          queryParams: { page: 1, tags: ['a', 'b'], deep: { on: true, off: null } },
          urlParams: { id: '5' },
          cookieParams: { session: ['a', 'b'] },
          contentType: 'application/json',
          credentials: { key: { value: 's3cr3t' } },
          reqBody: inlinePayload('{"a":1}'),
          runAt: now + 5_000,
          retry: { attempts: 2, unsafe: true },
          timeoutMs: 1_500,
          cache: { mode: 'refresh', ttlSeconds: 60 },
          expiresAt: now + 9_000,
          replayOf: 'ReplayReplayRepl',
          traceContext: {
            traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
            tracestate: 'a=1',
          },
          method: 'POST',
          dueAt: now + 5_000,
        });
        expect(await fixture.store.find('another', process.traceId)).toStrictEqual(process);
        expect(await fixture.other.find(null, process.traceId)).toStrictEqual(process);
      });

      it('leave out what was not set', async () => {
        const process = await fixture.insert({ specTraceId: null });
        expect(await fixture.store.find(process.project, process.traceId)).toStrictEqual(process);
      });

      it('keep projects apart', async () => {
        const { traceId } = await fixture.insert({ project: 'one' });
        expect(await fixture.store.find('two', traceId)).toBeNull();
        expect(await fixture.store.find(null, traceId)).not.toBeNull();
        expect(await fixture.store.find(null, newTraceId())).toBeNull();
      });

      it('tell how far a process is, of its project alone', async () => {
        const { traceId, specTraceId } = await fixture.insert({ project: 'one' });
        const steps = (await fixture.store.find('one', traceId))!.steps;
        const state = { traceId, project: 'one', specTraceId, status: 'WAITING', steps };
        expect(await fixture.store.findState('one', traceId)).toStrictEqual(state);
        expect(await fixture.other.findState('two', traceId)).toBeNull();
        expect(await fixture.store.findState('one', newTraceId())).toBeNull();
      });

      it('tell no body, a null body and an empty body apart', async () => {
        const bodies = [null, inlinePayload('null'), inlinePayload('')];
        for (const reqBody of bodies) {
          const { traceId } = await fixture.insert({ reqBody });
          expect((await fixture.store.find(null, traceId))?.reqBody).toStrictEqual(reqBody);
          expect((await fixture.store.claim(traceId, lease(), CLAIMED, now))?.reqBody).toStrictEqual(reqBody);
        }
      });

      it('keep bytes, inline up to the limit and beyond, and names of blobs', async () => {
        const everyByte = Buffer.from(Array.from({ length: INLINE_LIMIT_BYTES }, (_, index) => index % 256));
        const large = Buffer.alloc(1024 * 1024, 'x');
        const bodies = [inlinePayload(everyByte), inlinePayload(large), { blob: 'a/b', bytes: 123_456_789 }];
        for (const reqBody of bodies) {
          const { traceId } = await fixture.insert({ reqBody });
          const found = await fixture.store.find(null, traceId);
          expect(found?.reqBody).toStrictEqual(reqBody);
        }
      });

      it.each(UNSTORABLE_TEXTS)('refuse a service, project or spec that no database keeps: %j', async (text) => {
        const neighbour = sampleProcess();
        const inserting = fixture.store.insert(neighbour);
        for (const change of [{ service: text }, { project: text }, { specTraceId: text, dueAt: null }]) {
          const refusal: unknown = await fixture.store.insert(sampleProcess(change)).catch((error: unknown) => error);
          expect(refusal).toBeInstanceOf(InvalidInput);
          expect(String(refusal)).toMatch(/Expected a (service|project|spec's trace id) without NUL/);
        }
        await inserting;
        expect(await fixture.store.find(null, neighbour.traceId)).toStrictEqual(neighbour);
        expect(await fixture.store.find(null, text)).toBeNull();
      });

      it.each(UNSTORABLE_TEXTS)('keep any method, endpoint and error: %j', async (text) => {
        const process = await fixture.insert({ method: text, endpoint: text, error: text });
        expect(await fixture.store.find(null, process.traceId)).toStrictEqual(process);
      });

      it('keep odd names and texts', async () => {
        const { traceId } = await fixture.insert({
          headers: ODD_HEADERS,
          queryParams: ODD_HEADERS,
          endpoint: '/ü/{$.}',
        });
        const found = await fixture.store.find(null, traceId);
        expect(sortedEntries(found?.headers)).toEqual(sortedEntries(ODD_HEADERS));
        expect(sortedEntries(found?.queryParams)).toEqual(sortedEntries(ODD_HEADERS));
        expect(found?.endpoint).toBe('/ü/{$.}');
      });

      it('store many at once, and refuse only the one whose trace id is taken', async () => {
        const { traceId } = await fixture.insert();
        const others = Array.from({ length: 100 }, () => sampleProcess());
        const twin = sampleProcess({ traceId, service: 'twin' });
        const [ofTwin, ...ofOthers] = await Promise.allSettled(
          [twin, ...others].map((each) => fixture.store.insert(each)),
        );
        expect(ofTwin).toMatchObject({ reason: { code: 'TRACE_ID_TAKEN' } });
        expect(ofOthers.every((result) => result.status === 'fulfilled')).toBe(true);
        const found = await Promise.all(others.map((each) => fixture.store.find(null, each.traceId)));
        expect(found).toStrictEqual(others);
        expect((await fixture.store.find(null, traceId))?.service).toBe('filmot');
      });
    });

    describe('insert', () => {
      it('refuses what is too long for a document, and only that', async () => {
        const long = sampleProcess({ queryParams: { text: 'ü'.repeat(5_000_000) } });
        const results = await Promise.allSettled([fixture.store.insert(long), fixture.insert()]);
        expect(results).toMatchObject([{ reason: { code: 'PROCESS_TOO_LARGE' } }, { status: 'fulfilled' }]);
      });

      it('refuses to park what has no Spec to wait for, and only that', async () => {
        const lost = sampleProcess({ specTraceId: null, dueAt: null });
        const results = await Promise.allSettled([fixture.store.insert(lost), fixture.insert()]);
        expect(results).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled' }]);
        const claim = await fixture.insertClaimed({ specTraceId: null });
        await expect(fixture.store.handBack(claim, { dueAt: null, steps: CLAIMED }, now)).rejects.toThrow();
        expect(await fixture.store.find(null, claim.traceId)).toMatchObject({ status: 'IN_PROGRESS' });
      });
    });

    describe('claim', () => {
      it('takes a process that is due', async () => {
        const process = await fixture.insert({ reqBody: inlinePayload('{}') });
        const claimed = await fixture.store.claim(process.traceId, lease(), CLAIMED, now + 5);
        const expected = { ...process, status: 'IN_PROGRESS', steps: CLAIMED, attempt: 1, updatedAt: now + 5 };
        expect(claimed).toStrictEqual(expected);
        expect(await fixture.store.find(null, process.traceId)).toStrictEqual(expected);
      });

      it('takes nothing before it is due', async () => {
        const { traceId } = await fixture.insert({ dueAt: now + 1_000 });
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, now + 999)).toBeNull();
        expect((await fixture.store.find(null, traceId))?.status).toBe('WAITING');
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, now + 1_000)).not.toBeNull();
      });

      it('takes what was due when it was accepted, by a clock that is behind or was set back', async () => {
        const { traceId } = await fixture.insert();
        expect(await fixture.store.claim(traceId, lease(), CLAIMED, now - 3_600_000)).not.toBeNull();
      });

      it('takes nothing that is parked, held, ended or unknown', async () => {
        const parked = await fixture.insert({ dueAt: null });
        const held = await fixture.insertClaimed();
        const ended = await fixture.insertClaimed();
        await fixture.store.complete(ended, { status: 'ERROR', error: 'No.' }, CLAIMED, now);
        for (const traceId of [parked.traceId, held.traceId, newTraceId()]) {
          expect(await fixture.store.claim(traceId, lease(), CLAIMED, now + 1)).toBeNull();
        }
        expect(await fixture.store.claim(ended.traceId, lease(), CLAIMED, now + 10 * LEASE_MS)).toBeNull();
      });

      it('lets another worker take over once the lease has ended, under a higher attempt', async () => {
        const { traceId } = await fixture.insertClaimed();
        const until = now + LEASE_MS;
        expect(await fixture.other.claim(traceId, lease('second'), CLAIMED, until - 1)).toBeNull();
        const taken = await fixture.other.claim(traceId, lease('second', until * 2), CLAIMED, until + 1);
        expect(taken).toMatchObject({ status: 'IN_PROGRESS', attempt: 2 });
      });

      it('is won by exactly one of two at once', async () => {
        const { traceId } = await fixture.insert();
        const claims = await Promise.all([
          fixture.store.claim(traceId, lease('first'), CLAIMED, now),
          fixture.other.claim(traceId, lease('second'), CLAIMED, now),
        ]);
        expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
        expect((await fixture.store.find(null, traceId))?.attempt).toBe(1);
      });

      it('is won once for each of 100 processes by 200 claims at once', async () => {
        const processes = Array.from({ length: 100 }, () => sampleProcess());
        await Promise.all(processes.map((process) => fixture.store.insert(process)));
        const claims = await Promise.all(
          processes.flatMap(({ traceId }) => [
            fixture.store.claim(traceId, lease('first'), CLAIMED, now),
            fixture.other.claim(traceId, lease('second'), CLAIMED, now),
          ]),
        );
        const won = claims.flatMap((claim) => claim?.traceId ?? []);
        expect(won.sort()).toEqual(processes.map((process) => process.traceId).sort());
        expect(claims.every((claim) => claim === null || claim.attempt === 1)).toBe(true);
      });

      it('is won by one of many takers of the same ended lease, in one batch', async () => {
        const { traceId } = await fixture.insertClaimed();
        const later = now + LEASE_MS + 1;
        const claims = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            fixture.store.claim(traceId, lease(`taker ${index}`, later + LEASE_MS), CLAIMED, later),
          ),
        );
        expect(claims.filter((claim) => claim !== null)).toEqual([expect.objectContaining({ attempt: 2 })]);
      });
    });

    describe('complete', () => {
      it('ends a process with its response', async () => {
        const claim = await fixture.insertClaimed();
        const response = sampleResponse({
          headers: [
            ['Set-Cookie', 'a=1'],
            ['set-cookie', 'b=2'],
            ['', 'ü\0'],
          ],
          cache: 'HIT',
        });
        expect(await fixture.store.complete(claim, { status: 'SUCCESS', response }, EXECUTED, now + 9)).toBe(true);
        const found = await fixture.store.find(null, claim.traceId);
        expect(found).toMatchObject({ status: 'SUCCESS', steps: EXECUTED, updatedAt: now + 9, attempt: 1 });
        expect(found).not.toHaveProperty('error');
        expect(await fixture.store.findResponse(found!.project, claim.traceId)).toStrictEqual(response);
        expect(await fixture.store.findResponse('another', claim.traceId)).toBeNull();
      });

      it('notes the version that was called, and where its answer differs from the document', async () => {
        const claim = await fixture.insertClaimed();
        const faults = [{ place: 'body', pointer: '/a~1\0', expected: 'an integer', got: 'a string' }] as const;
        const drift = { specTraceId: 'SpecSpecSpecSpec', method: 'GET', path: '/a', faults };
        await fixture.store.complete(claim, { ...success(), specVersion: 3, drift }, EXECUTED, now);
        expect(await fixture.other.find(null, claim.traceId)).toMatchObject({ specVersion: 3, drift: faults });
        const plain = await fixture.insertClaimed();
        await fixture.store.complete(plain, success(), EXECUTED, now);
        const found = await fixture.store.find(null, plain.traceId);
        expect(found).not.toHaveProperty('specVersion');
        expect(found).not.toHaveProperty('drift');
      });

      it('keeps the calls that were made', async () => {
        const claim = await fixture.insertClaimed();
        const calls = [sampleCall(1, 'It broke: "\0" ü.')];
        await fixture.store.complete(claim, { ...success(), calls }, EXECUTED, now);
        expect((await fixture.other.find(null, claim.traceId))?.calls).toStrictEqual(calls);
      });

      it('ends a process in an error, with and without the answer that caused it', async () => {
        const plain = await fixture.insertClaimed();
        await fixture.store.complete(plain, { status: 'ERROR', error: 'It broke: "\0" ü.' }, CLAIMED, now);
        const found = await fixture.store.find(null, plain.traceId);
        expect(found).toMatchObject({ status: 'ERROR', error: 'It broke: "\0" ü.' });
        expect(await fixture.store.findResponse(found!.project, plain.traceId)).toBeNull();

        const answered = await fixture.insertClaimed();
        const response = sampleResponse({ status: 404, body: { blob: 'x/y', bytes: 70_000 } });
        await fixture.store.complete(answered, { status: 'ERROR', error: '404 Not Found', response }, CLAIMED, now);
        expect(await fixture.store.findResponse(found!.project, answered.traceId)).toStrictEqual(response);
      });

      it('keeps every byte of a body, none included', async () => {
        const bodies = [Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), Buffer.alloc(0)];
        for (const body of bodies) {
          const claim = await fixture.insertClaimed();
          const response = sampleResponse({ body: inlinePayload(body) });
          await fixture.store.complete(claim, { status: 'SUCCESS', response }, EXECUTED, now);
          expect((await fixture.store.findResponse('default', claim.traceId))?.body).toStrictEqual(inlinePayload(body));
        }
      });

      it('happens once: the second of two, one after the other or at once, is refused', async () => {
        const claim = await fixture.insertClaimed();
        const answers = await Promise.all(
          ['first', 'second'].map((text, index) => {
            const response = sampleResponse({ body: inlinePayload(text) });
            return (index === 0 ? fixture.store : fixture.other).complete(claim, success(response), EXECUTED, now);
          }),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
        expect(await fixture.store.complete(claim, { status: 'ERROR', error: 'Late.' }, CLAIMED, now)).toBe(false);
        expect(await fixture.store.find(null, claim.traceId)).toMatchObject({ status: 'SUCCESS' });
        const kept = await fixture.store.findResponse('default', claim.traceId);
        expect(kept?.body).toStrictEqual(inlinePayload(answers[0] ? 'first' : 'second'));
      });

      it('refuses a late worker whose lease was taken over', async () => {
        const late = await fixture.insertClaimed();
        const until = now + LEASE_MS;
        await fixture.other.claim(late.traceId, lease('second', until * 2), CLAIMED, until + 1);
        expect(await fixture.store.complete(late, success(), EXECUTED, until + 2)).toBe(false);
        expect(await fixture.store.handBack(late, { dueAt: now, steps: CLAIMED }, until + 2)).toBe(false);
        expect(await fixture.store.renew([late], until * 3)).toEqual([]);
        expect(await fixture.store.find(null, late.traceId)).toMatchObject({ status: 'IN_PROGRESS', attempt: 2 });
        expect(await fixture.store.findResponse('default', late.traceId)).toBeNull();
        expect(await fixture.other.complete({ ...late, attempt: 2 }, success(), EXECUTED, until + 3)).toBe(true);
      });

      it('accepts a late worker whom nobody followed', async () => {
        const claim = await fixture.insertClaimed();
        expect(await fixture.store.complete(claim, success(), EXECUTED, now + 10 * LEASE_MS)).toBe(true);
      });

      it('settles many at once, each by its own claim', async () => {
        const claims = await Promise.all(Array.from({ length: 50 }, () => fixture.insertClaimed()));
        const answers = await Promise.all(
          claims.map((claim, index) =>
            fixture.store.complete(index % 2 === 0 ? claim : { ...claim, attempt: 7 }, success(), EXECUTED, now),
          ),
        );
        expect(answers).toEqual(claims.map((_, index) => index % 2 === 0));
      });
    });
  });

  runProcessWaitingConformance(name, make);
  runProcessCancelConformance(name, make);
  runProcessListConformance(name, make);
  runProcessWatchConformance(name, make);
  runProcessExpiryConformance(name, make);
  runProcessGateConformance(name, make);
}

function sortedEntries(record: Readonly<Record<string, unknown>> | null | undefined): [string, unknown][] {
  return Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
