import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const SERVICE = 'buried';
const LETTERS = '/v1/api/dead-letters';

interface Letter {
  readonly trace_id: string;
  readonly kind: string;
  readonly timestamp: string;
  readonly reason: string;
}

/** Puts a text into the queue of SPEC messages, past the API. */
export type SendText = (text: string) => Promise<void>;

/**
 * What dead letters promise: one suite for whatever Callboard is made of.
 * @param makeSendText where the bus can be reached from outside
 */
export function describeDeadLetters(title: string, start: () => Promise<Deployment>, sendText?: SendText): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Echo;
    let specId: string;

    beforeAll(async () => {
      service = await startEcho();
      deployment = await start();
      callboard = new CallboardClient(deployment);
      const document = { openapi: '3.1.0', info: { title: 'D', version: '1' }, servers: [{ url: service.address }] };
      const paths = { '/now': { get: { responses: {} } } };
      specId = await callboard.register(SERVICE, JSON.stringify({ ...document, paths }));
      expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
    });
    beforeEach(async () => {
      service.answer = { status: 503, type: 'text/plain', body: 'away' };
      await bulk('purge', {});
    });
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
    });

    async function list(query: Readonly<Record<string, string>> = {}): Promise<Letter[]> {
      const answer = await callboard.get(`${LETTERS}?${new URLSearchParams(query).toString()}`);
      expect(answer.status).toBe(200);
      return (answer.body as { results: Letter[] }).results;
    }

    async function bulk(verb: 'replay' | 'purge', body: object): Promise<Record<string, unknown>> {
      const answer = await callboard.post(`${LETTERS}/${verb}`, body);
      expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
      return answer.body as Record<string, unknown>;
    }

    /** A call that ends as the service answers just now, after one attempt unless said. */
    async function call(fields: object = {}): Promise<string> {
      const retry = { attempts: 1 };
      const traceId = await callboard.schedule(SERVICE, 'GET', '/now', { retry, cache: { mode: 'off' }, ...fields });
      await callboard.processEnded(traceId);
      return traceId;
    }

    it('hold the processes that used up their attempts, with the reason, and no others', async () => {
      const retry = { attempts: 2, backoff_seconds: 0 };
      const dead = await call({ retry });
      service.answer = { status: 404, type: 'text/plain', body: 'gone' };
      await call({ retry });
      service.answer = null;
      await call({ retry });
      expect(await list()).toEqual([
        {
          ...{ trace_id: dead, kind: 'process', timestamp: expect.any(String) },
          ...{ service: SERVICE, spec_trace_id: specId, attempts: 2 },
          reason: 'Error executing API call: API call failed: 503 Service Unavailable',
        },
      ]);
    });

    it('are listed by what was asked for, page after page', async () => {
      const ids = [await call(), await call(), await call()].reverse();
      const pages: Letter[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: Record<string, string> = { service: 'BURIED', limit: '2', ...(cursor && { cursor }) };
        const { body } = await callboard.get(`${LETTERS}?${new URLSearchParams(query).toString()}`);
        const page = body as { results: Letter[]; next_cursor: string | null };
        pages.push(...page.results);
        cursor = page.next_cursor;
      }
      expect(pages.map((letter) => letter.trace_id)).toEqual(ids);
      const newest = pages[0]?.timestamp ?? '';
      const idsOf = async (query: Record<string, string>) => (await list(query)).map((letter) => letter.trace_id);
      expect(await idsOf({ from: newest })).toContain(ids[0]);
      expect(await idsOf({ to: newest })).not.toContain(ids[0]);
      expect(await idsOf({ reason: '503 SERVICE', kind: 'process' })).toEqual(ids);
      expect(await idsOf({ reason: 'nothing says this' })).toEqual([]);
      expect(await idsOf({ kind: 'message' })).toEqual([]);
      expect(await idsOf({ service: 'another' })).toEqual([]);
    });

    it('are counted, and replayed once by two requests at once', async () => {
      const ids = [await call(), await call()];
      const filter = { kind: 'process', service: SERVICE };
      expect(await bulk('replay', { ...filter, dry_run: true })).toEqual({
        ...{ matched: 2, replayed: 0, failed: 0, next_cursor: null },
      });
      expect(await list()).toHaveLength(2);
      service.answer = null;
      const before = new Date().toISOString();
      const [one, other] = await Promise.all([bulk('replay', filter), bulk('replay', filter)]);
      expect(Number(one.replayed) + Number(other.replayed)).toBe(2);
      expect(await list()).toEqual([]);
      const created = new URLSearchParams({ service: SERVICE, created_from: before }).toString();
      const { body } = await callboard.get(`/v1/api/scheduler/processes?${created}`);
      const made = (body as { results: { trace_id: string; replay_of: string }[] }).results;
      expect(made.map((process) => process.replay_of).sort()).toEqual(ids.sort());
      for (const { trace_id } of made) {
        expect(await callboard.processEnded(trace_id)).toMatchObject({ status: 'SUCCESS' });
      }
    });

    it('are purged by what was asked for, and their processes stay', async () => {
      const dead = await call();
      expect(await bulk('purge', { service: 'another' })).toEqual({ matched: 0, purged: 0, next_cursor: null });
      expect(await bulk('purge', { dry_run: true })).toEqual({ matched: 1, purged: 0, next_cursor: null });
      expect(await bulk('purge', { reason: '503' })).toEqual({ matched: 1, purged: 1, next_cursor: null });
      expect(await list()).toEqual([]);
      expect(await callboard.processEnded(dead)).toMatchObject({ status: 'ERROR' });
    });

    it('are counted by the workers', async () => {
      await call();
      const texts = await Promise.all(
        deployment.workers.map(async (worker) => (await fetch(`${worker}/metrics`)).text()),
      );
      expect(texts.join('\n')).toMatch(/^callboard_dead_letters_total\{kind="process"\} [1-9]/m);
    });

    it.each<[string, string | object, string]>([
      ['GET', '?kind=spec', 'Expected kind to be one of process, message'],
      ['GET', '?from=yesterday', 'Expected from to be'],
      ['GET', '?cursor=nonsense', 'Expected cursor to be the next_cursor of an earlier page'],
      ['POST', { limit: 10_001 }, 'Expected limit to be at most 10000'],
      ['POST', { dry_run: 'yes' }, 'Expected dry_run to be a boolean'],
      ['POST', { everything: true }, 'Expected only known fields, got "everything"'],
    ])('refuse a %s of %j', async (_, asked, sentence) => {
      const answer =
        typeof asked === 'string'
          ? await callboard.get(`${LETTERS}${asked}`)
          : await callboard.post(`${LETTERS}/purge`, asked);
      expect([answer.status, (answer.body as { message: string }).message]).toEqual([
        400,
        expect.stringContaining(sentence),
      ]);
    });

    if (!sendText) return;
    it('hold messages that no worker can read, their secrets masked', async () => {
      const text = '{"type": "SPEC", "password": "hunter2"';
      await sendText(text);
      let letters: Letter[] = [];
      await until('the letter', 20_000, async () => (letters = await list({ kind: 'message' })).length > 0);
      expect(letters).toMatchObject([
        { kind: 'message', type: 'SPEC', reason: expect.stringContaining('Expected a message in JSON'), bytes: 38 },
      ]);
      expect(JSON.stringify(letters)).not.toContain('hunter2');
      expect(await bulk('replay', { kind: 'message' })).toEqual({
        ...{ matched: 1, replayed: 0, failed: 1, next_cursor: null },
      });
      expect(await bulk('purge', { type: 'SPEC' })).toMatchObject({ purged: 1 });
    });
  });
}
