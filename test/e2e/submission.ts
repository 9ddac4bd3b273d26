import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const SERVICE = 'submitted';
const PATH = '/v1/api/scheduler/process';

/** What handing over a call promises: one suite for whatever Callboard is made of. */
export function describeSubmission(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Echo;

    beforeAll(async () => {
      service = await startEcho();
      deployment = await start();
      callboard = new CallboardClient(deployment);
      const document = { openapi: '3.1.0', info: { title: 'S', version: '1' }, servers: [{ url: service.address }] };
      const post = { requestBody: { content: { 'application/json': {} } }, responses: {} };
      const specId = await callboard.register(SERVICE, JSON.stringify({ ...document, paths: { '/pay': { post } } }));
      expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
    });
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
    });

    function submit(key: string, fields: object = {}) {
      const call = { service: SERVICE, method: 'POST', endpoint: '/pay', req_body: { amount: 5 }, ...fields };
      return callboard.post(PATH, call).set('Idempotency-Key', key);
    }

    /** How often the service was called with this in its body. */
    function callsWith(text: string): number {
      return service.received.filter(({ body }) => body.includes(text)).length;
    }

    it('a request that is sent again gets the first answer, and is carried out once', async () => {
      const [key, amount] = [randomUUID(), randomUUID()];
      const first = await submit(`"${key}"`, { req_body: { amount } });
      expect(first.status).toBe(200);
      expect(first.headers).not.toHaveProperty('idempotency-replayed');
      const again = await submit(`"${key}"`, { req_body: { amount } });
      expect([again.status, again.body]).toEqual([200, first.body]);
      expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true' });
      const traceId = first.body.trace_id as string;
      expect(await callboard.processEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
      expect((await submit(key, { req_body: { amount } })).body).toEqual(first.body);
      expect(callsWith(amount)).toBe(1);
    });

    it('100 at once become one process', async () => {
      const [key, amount] = [randomUUID(), randomUUID()];
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => submit(`"${key}"`, { req_body: { amount } })),
      );
      const accepted = answers.filter(({ status }) => status === 200);
      const busy = answers.filter(({ status }) => status === 409);
      expect(accepted.length + busy.length).toBe(100);
      expect(accepted.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
      const traceIds = new Set(accepted.map(({ body }) => (body as { trace_id: string }).trace_id));
      expect(traceIds.size).toBe(1);
      expect(await callboard.processEnded([...traceIds][0] ?? '')).toMatchObject({ status: 'SUCCESS' });
      expect(callsWith(amount)).toBe(1);
    });

    it('another body under the key is refused, however little differs', async () => {
      const key = `"${randomUUID()}"`;
      await submit(key);
      const other = await submit(key, { timeout_ms: 1_000 });
      expect([other.status, other.body]).toMatchObject([
        422,
        { error: true, message: expect.stringContaining('Idempotency-Key') },
      ]);
    });

    it('a request that was refused may be put right under its key', async () => {
      const key = `"${randomUUID()}"`;
      const strict = { Prefer: 'handling=strict' };
      const refused = await submit(key, { endpoint: '/nothing' }).set(strict);
      expect(refused.status).toBe(422);
      const accepted = await submit(key).set(strict);
      expect(accepted.status).toBe(200);
      expect(accepted.headers).toMatchObject({ 'preference-applied': 'handling=strict' });
      expect(accepted.headers).not.toHaveProperty('idempotency-replayed');
    });

    it.each(['', '""', 'two words', `"${'k'.repeat(256)}"`, '"a", "b"'])('the key %j is refused', async (key) => {
      const answer = await submit(key);
      expect([answer.status, answer.body]).toEqual([
        400,
        { error: true, message: expect.stringContaining('Expected the header Idempotency-Key to be one string') },
      ]);
    });

    it('is counted: accepted by the API, begun and ended by a worker', async () => {
      const { body } = await submit(`"${randomUUID()}"`, { req_body: 'counted' });
      await callboard.processEnded((body as { trace_id: string }).trace_id);
      const service = `{service="${SERVICE}"}`;
      expect(await figure([deployment.api], `callboard_processes_accepted_total${service}`)).toBeGreaterThan(0);
      const { workers } = deployment;
      await until('the workers to have counted', 10_000, async () => {
        const accepted = await figure([deployment.api], `callboard_processes_accepted_total${service}`);
        const started = await figure(workers, `callboard_processes_started_total${service}`);
        const ended = await figure(workers, `callboard_processes_ended_total{service="${SERVICE}",status="SUCCESS"}`);
        const timed = await figure(workers, `callboard_end_latency_seconds_count${service}`);
        return [started, ended, timed].every((count) => count === accepted);
      });
    });

    /** A figure, summed over applications. */
    async function figure(addresses: readonly string[], name: string): Promise<number> {
      let sum = 0;
      for (const address of addresses) {
        const text = await (await fetch(`${address}/metrics`)).text();
        const line = text.split('\n').find((found) => found.startsWith(`${name} `));
        sum += Number(line?.slice(name.length) ?? 0);
      }
      return sum;
    }

    it('without a key each request is one of its own', async () => {
      const call = { service: SERVICE, method: 'POST', endpoint: '/pay', req_body: 1 };
      const [one, two] = [await callboard.post(PATH, call), await callboard.post(PATH, call)];
      expect(one.body.trace_id).not.toBe(two.body.trace_id);
    });
  });
}
