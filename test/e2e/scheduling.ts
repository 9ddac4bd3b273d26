import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const SERVICE = 'scheduled';

/** What a call that is to be made promises: one suite for whatever Callboard is made of. */
export function describeScheduling(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Echo;
    let specId: string;

    beforeAll(async () => {
      service = await startEcho();
      deployment = await start();
      callboard = new CallboardClient(deployment);
      const document = { openapi: '3.1.0', info: { title: 'S', version: '1' }, servers: [{ url: service.address }] };
      const paths = {
        '/now': { get: { responses: {} }, post: { requestBody: { content: { 'application/json': {} } } } },
      };
      specId = await callboard.register(SERVICE, JSON.stringify({ ...document, paths }));
      expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
    });
    beforeEach(() => {
      service.answer = null;
    });
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
    });

    function post(fields: object) {
      const call = { service: SERVICE, method: 'GET', endpoint: '/now', cache: { mode: 'off' } };
      return callboard.post('/v1/api/scheduler/process', { ...call, ...fields });
    }

    describe('calls that fail', () => {
      it('are made again; the status says when, and each is listed', async () => {
        service.answer = { status: 503, type: 'text/plain', body: 'busy' };
        const accepted = await post({ retry: { attempts: 3, backoff_seconds: 0.05 } });
        const traceId = accepted.body.trace_id as string;
        const path = `/v1/api/scheduler/process/${traceId}`;
        expect(await callboard.processEnded(traceId)).toMatchObject({ status: 'ERROR' });
        const { body } = await callboard.get(`${path}/attempts`);
        expect(body).toMatchObject({ count: 3, results: [{ attempt: 1, status: 503, bytes: 4 }, {}, { attempt: 3 }] });
        expect((await callboard.get(path)).body).toMatchObject({ retry: { attempts: 3, backoff_seconds: 0.05 } });
        const waiting = await post({ retry: { attempts: 2, backoff_seconds: 3_600 } });
        const status = await untilBetweenCalls(waiting.body.trace_id as string);
        expect(status).toMatchObject({ status: 'IN_PROGRESS', attempt: 1, next_attempt_at: expect.any(String) });
      });

      it('are not made twice where the service may have acted', async () => {
        service.answer = { status: 500, type: 'text/plain', body: 'broken' };
        const once = await post({ method: 'POST', req_body: {} });
        expect(await callboard.processEnded(once.body.trace_id as string)).toMatchObject({ status: 'ERROR' });
        const path = `/v1/api/scheduler/process/${once.body.trace_id as string}/attempts`;
        expect((await callboard.get(path)).body).toMatchObject({ count: 1 });
      });

      it('keep to the policy of their Spec, and take it back', async () => {
        await callboard.put(`/v1/api/spec/${specId}`, { retry: { attempts: 1 } });
        expect((await callboard.get(`/v1/api/spec/${specId}`)).body).toMatchObject({ retry: { attempts: 1 } });
        service.answer = { status: 500, type: 'text/plain', body: 'broken' };
        const once = await post({});
        await callboard.processEnded(once.body.trace_id as string);
        const path = `/v1/api/scheduler/process/${once.body.trace_id as string}/attempts`;
        expect((await callboard.get(path)).body).toMatchObject({ count: 1 });
        await callboard.put(`/v1/api/spec/${specId}`, { retry: null });
        expect((await callboard.get(`/v1/api/spec/${specId}`)).body).not.toHaveProperty('retry');
      });
    });

    async function untilBetweenCalls(traceId: string): Promise<unknown> {
      let body: { next_attempt_at?: string } = {};
      await until('a pause between two calls', 10_000, async () => {
        body = (await callboard.get(`/v1/api/scheduler/process/${traceId}/status`)).body as typeof body;
        return body.next_attempt_at !== undefined;
      });
      return body;
    }

    describe('later', () => {
      it.each([
        ['a delay in seconds', () => ({ delay: 0.6 })],
        ['a duration', () => ({ delay: 'PT0.6S' })],
        ['a time', () => ({ run_at: new Date(Date.now() + 600).toISOString() })],
      ])('%s is waited for', async (_, fields) => {
        const before = Date.now();
        const accepted = await post(fields());
        const path = `/v1/api/scheduler/process/${accepted.body.trace_id as string}`;
        expect((await callboard.get(path)).body).toMatchObject({
          status: { status: 'WAITING' },
          run_at: expect.any(String),
        });
        expect(await callboard.processEnded(accepted.body.trace_id as string)).toMatchObject({ status: 'SUCCESS' });
        // Its own clock may lead that of this process by what a timer rounds.
        expect(Date.now() - before).toBeGreaterThanOrEqual(595);
      });

      it('a time that is past is at once', async () => {
        const accepted = await post({ run_at: '2020-01-01T00:00:00+01:00' });
        expect(await callboard.processEnded(accepted.body.trace_id as string)).toMatchObject({ status: 'SUCCESS' });
      });

      it.each([
        [
          { delay: 1, run_at: '2030-01-01T00:00:00Z' },
          'Expected a body with run_at or delay, not both, got an object of',
        ],
        [{ delay: 'tomorrow' }, 'Expected delay to be seconds from 0 to 31622400, or an ISO 8601 duration'],
        [{ delay: -1 }, 'Expected delay to be seconds from 0 to 31622400, or an ISO 8601 duration'],
        [{ delay: 'P2Y' }, 'Expected delay to be at most 366 days ahead, got more.'],
        [{ run_at: 'tomorrow' }, 'Expected run_at to be '],
        [{ run_at: '2999-01-01T00:00:00Z' }, 'Expected run_at to be at most 366 days ahead, got more.'],
      ])('%j is refused', async (fields, sentence) => {
        const answer = await post(fields);
        expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining(sentence)]);
      });
    });

    describe('expiring', () => {
      it('what has not started by then ends in ERROR, though its Spec be still on its way', async () => {
        // Enough to be generated for longer than the process may wait.
        const paths = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`/p${index}`, { get: {} }]));
        const document = { openapi: '3.1.0', info: { title: 'L', version: '1' }, servers: [{ url: '/' }], paths };
        await callboard.register('large', JSON.stringify(document));
        const expires_at = new Date(Date.now() + 200).toISOString();
        const traceId = await callboard.schedule('large', 'GET', '/p1', { expires_at });
        const { status, error } = await callboard.processEnded(traceId);
        const sentence = `the process expired before it could be started: it was to start before ${expires_at}.`;
        expect([status, error]).toEqual(['ERROR', `Error executing API call: ${sentence}`]);
        expect((await callboard.get(`/v1/api/scheduler/process/${traceId}`)).body).toMatchObject({ expires_at });
      });

      it('before the start is refused', async () => {
        const { status, body } = await post({ delay: 60, expires_at: new Date(Date.now() + 30_000).toISOString() });
        expect([status, body.message]).toEqual([
          400,
          expect.stringContaining('Expected expires_at to be after the start'),
        ]);
      });
    });
  });
}
