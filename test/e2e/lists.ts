import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const SERVICE = 'listed';
const LIST = '/v1/api/scheduler/processes';

interface ListBody {
  readonly count: number;
  readonly results: { readonly trace_id: string; readonly timestamp: string; readonly service: string }[];
  readonly next_cursor: string | null;
}

/** What many processes at once promise: one suite for whatever Callboard is made of. */
export function describeLists(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Echo;

    beforeAll(async () => {
      service = await startEcho();
      deployment = await start();
      callboard = new CallboardClient(deployment);
      const document = { openapi: '3.1.0', info: { title: 'L', version: '1' }, servers: [{ url: service.address }] };
      const paths = {
        '/now': {
          get: { parameters: [{ name: 'page', in: 'query', schema: { type: 'integer' } }], responses: {} },
          post: { requestBody: { content: { 'application/json': {} } } },
        },
      };
      const specId = await callboard.register(SERVICE, JSON.stringify({ ...document, paths }));
      expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
    });
    beforeEach(() => {
      service.answer = null;
    });
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
    });

    async function list(query: Readonly<Record<string, string>>): Promise<ListBody> {
      const answer = await callboard.get(`${LIST}?${new URLSearchParams(query).toString()}`);
      expect(answer.status).toBe(200);
      return answer.body as ListBody;
    }

    describe('lists', () => {
      it('page through what there is, newest first, while more is accepted', async () => {
        const accepted: string[] = [];
        for (let count = 0; count < 5; count += 1) {
          accepted.push(await callboard.schedule('Unknown-One', 'GET', '/now', { delay: 3_600 }));
        }
        const listed: string[] = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const page: ListBody = await list({ service: 'UNKNOWN-one', limit: '2', ...(cursor && { cursor }) });
          expect(page.count).toBe(page.results.length);
          listed.push(...page.results.map((process) => process.trace_id));
          cursor = page.next_cursor;
          await callboard.schedule('unknown-one', 'GET', '/now', { delay: 3_600 });
        }
        expect([...listed].sort()).toEqual([...accepted].sort());
      });

      it('give each process as a GET does, but for its body', async () => {
        const fields = { req_body: { large: true }, cache: { mode: 'off' }, credentials: { key: { value: 's3cret' } } };
        const traceId = await callboard.schedule(SERVICE, 'POST', '/now', fields);
        await callboard.processEnded(traceId);
        const { body } = await callboard.get(`/v1/api/scheduler/process/${traceId}`);
        const { req_body: sent, ...view } = body as Record<string, unknown>;
        expect(sent).toEqual({ large: true });
        const { results } = await list({ service: SERVICE, limit: '1' });
        expect(results).toEqual([view]);
      });

      it('hold only what was asked for: by status, time and text of the error', async () => {
        service.answer = { status: 404, type: 'text/plain', body: 'gone' };
        const failed = await callboard.schedule(SERVICE, 'GET', '/now', { query_params: { page: 1 } });
        await callboard.processEnded(failed);
        const [newest] = (await list({ status: 'ERROR', error: '404 NOT found', limit: '1' })).results;
        expect(newest).toMatchObject({ trace_id: failed, status: { status: 'ERROR' } });
        const timestamp = newest?.timestamp ?? '';
        const later = new Date(Date.parse(timestamp) + 1).toISOString();
        expect((await list({ status: 'ERROR', created_from: timestamp })).results).toMatchObject([
          { trace_id: failed },
        ]);
        expect(await list({ created_from: timestamp, created_to: timestamp })).toMatchObject({ count: 0 });
        const within = await list({ service: SERVICE, created_from: timestamp, created_to: later });
        expect(within.results).toMatchObject([{ trace_id: failed }]);
        expect(await list({ error: 'nothing says this' })).toEqual({ count: 0, results: [], next_cursor: null });
      });

      it.each([
        ['limit=0', 'Expected limit to be a whole number from 1 to 1000, got a string of 1 character.'],
        ['limit=1001', 'Expected limit to be a whole number from 1 to 1000, got a string of 4 characters.'],
        ['status=DONE', 'Expected status to be one of WAITING, IN_PROGRESS, SUCCESS, ERROR'],
        ['created_from=yesterday', 'Expected created_from to be '],
        ['cursor=nonsense', 'Expected cursor to be the next_cursor of an earlier page, got other text.'],
        ['error=x&status=SUCCESS', 'a query for an error with the status ERROR or none'],
        ['page=2', 'Expected only known fields, got "page".'],
      ])('refuse %s', async (query, sentence) => {
        const answer = await callboard.get(`${LIST}?${query}`);
        const { message } = answer.body as { message: string };
        expect([answer.status, message]).toEqual([400, expect.stringContaining(sentence)]);
      });
    });

    describe('batches', () => {
      const batch = (processes: unknown, prefer = '') => {
        return callboard.post('/v1/api/scheduler/process/batch', { processes }).set('Prefer', prefer);
      };
      const call = { service: SERVICE, method: 'POST', endpoint: '/now', cache: { mode: 'off' } };

      it('keep each call for itself, in order, whatever is wrong with another', async () => {
        const bad = [{ ...call, service: 5 }, 'no call', { ...call, delay: 'P2Y' }];
        const { status, body } = await batch([
          { ...call, req_body: { n: 1 } },
          ...bad,
          { ...call, req_body: { n: 2 } },
        ]);
        expect([status, body]).toMatchObject([
          200,
          {
            count: 2,
            results: [
              { trace_id: expect.any(String), status: 'WAITING' },
              { error: true, message: 'Expected service to be a string, got an integer of 1 digit.' },
              { error: true, message: 'Expected the body to be an object, got a string of 7 characters.' },
              { error: true, message: 'Expected delay to be at most 366 days ahead, got more.' },
              { trace_id: expect.any(String), status: 'WAITING' },
            ],
          },
        ]);
        const { results } = body as { results: { trace_id: string }[] };
        for (const [index, json] of [
          [0, '{"n":1}'],
          [4, '{"n":2}'],
        ] as const) {
          const traceId = results[index]?.trace_id ?? '';
          expect(await callboard.processEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
          expect(JSON.parse((await callboard.response(traceId)).body.toString())).toMatchObject({ body: json });
        }
      });

      it('check each call against its document where that is preferred', async () => {
        const page = (value: unknown) => ({ ...call, method: 'GET', query_params: { page: value } });
        const answer = await batch([page('x'), page(1)], 'handling=strict');
        expect(answer.headers['preference-applied']).toBe('handling=strict');
        expect(answer.body).toMatchObject({
          count: 1,
          results: [{ error: true, faults: [{ pointer: '/query_params/page' }] }, { status: 'WAITING' }],
        });
      });

      it('take 1,000 calls, and numbers that no double holds', async () => {
        const numbers = Array.from({ length: 1_000 }, (_, index) => `{"n":${12345678901234567890n + BigInt(index)}}`);
        const fields = JSON.stringify({ ...call, service: 'unknown-batch', delay: 3_600 }).slice(1, -1);
        const items = numbers.map((json) => `{${fields},"req_body":${json}}`);
        const { body } = await callboard
          .post('/v1/api/scheduler/process/batch', `{"processes": [${items.join(', ')}]}`)
          .set('Content-Type', 'application/json');
        const { count, results } = body as { count: number; results: { trace_id: string }[] };
        expect([count, new Set(results.map((each) => each.trace_id)).size]).toEqual([1_000, 1_000]);
        const { text } = await callboard.get(`/v1/api/scheduler/process/${results[999]?.trace_id ?? ''}`);
        expect(text).toContain(`"req_body":${numbers[999] ?? ''}`);
      });

      it('are refused whole where they are no batch', async () => {
        const refusal = async (processes: unknown) => {
          const { status, body } = await batch(processes);
          return [status, (body as { message: string }).message];
        };
        expect(await refusal([])).toEqual([400, 'Expected processes to be at least 1 item long, got an empty array.']);
        const many = Array.from({ length: 1_001 }, () => call);
        expect(await refusal(many)).toEqual([
          400,
          'Expected processes to be at most 1000 items long, got an array of 1001 items.',
        ]);
        const keyed = await batch([call]).set('Idempotency-Key', '"a"');
        expect(keyed.status).toBe(400);
      });
    });

    describe('waiting for the end', () => {
      const call = { service: SERVICE, method: 'GET', endpoint: '/now', cache: { mode: 'off' } };
      const post = (fields: object, prefer: string) => {
        return callboard.post('/v1/api/scheduler/process', { ...call, ...fields }).set('Prefer', prefer);
      };

      it('answers with the response, and says where it is', async () => {
        const { status, headers, body } = await post({ query_params: { page: 7 } }, 'handling=strict, wait=20');
        expect([status, body]).toMatchObject([200, { method: 'GET', url: '/now?page=7' }]);
        expect(headers).toMatchObject({
          'preference-applied': 'handling=strict, wait=20',
          'x-upstream-status': '200',
          'content-security-policy': expect.stringMatching(/^sandbox;/),
        });
        const again = await callboard.get(headers['content-location'] ?? '');
        expect(again.body).toEqual(body);
      });

      it('answers with the error of a call that failed', async () => {
        service.answer = { status: 404, type: 'text/plain', body: 'gone' };
        const { status, body } = await post({}, 'wait=20');
        expect([status, body]).toMatchObject([200, { error: true, response: { status: 404, body: 'gone' } }]);
      });

      it('is answered as ever when it takes longer', async () => {
        const { headers, body } = await post({ delay: 3_600 }, 'wait=1');
        expect(body).toMatchObject({ trace_id: expect.any(String), status: 'WAITING' });
        expect(headers).not.toHaveProperty('preference-applied');
      });

      it('ends when the process is cancelled', async () => {
        const created_from = new Date().toISOString();
        const waiting = post({ service: 'waited-for', delay: 3_600 }, 'wait=20').then((answer) => answer);
        let traceId: string | undefined;
        await until('the process to be listed', 10_000, async () => {
          traceId = (await list({ service: 'waited-for', created_from })).results[0]?.trace_id;
          return traceId !== undefined;
        });
        await callboard.delete(`/v1/api/scheduler/process/${traceId ?? ''}`);
        expect((await waiting).body).toMatchObject({ status: 'CANCELLED' });
      });
    });
  });
}
