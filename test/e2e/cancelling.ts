import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';

const SERVICE = 'cancelled';
const ENDED = ['SUCCESS', 'ERROR', 'CANCELLED'];
const CANCELLED = { status: 'CANCELLED', message: 'The request has been cancelled.' };

/** What cancelling and replaying promise: one suite for whatever Callboard is made of. */
export function describeCancelling(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    /** The requests to /held that nobody has answered. */
    const held: ServerResponse[] = [];
    const closed: ServerResponse[] = [];
    const service = createServer((request, response) => {
      request.resume();
      if (request.url !== '/held') return void response.end('at once');
      held.push(response);
      response.on('close', () => closed.push(response));
    });

    beforeAll(async () => {
      await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
      deployment = await start();
      callboard = new CallboardClient(deployment);
      const operation = { requestBody: { content: { 'application/json': {} } } };
      const paths = { '/held': { get: {}, post: operation }, '/at-once': { get: {}, post: operation } };
      const document = { openapi: '3.1.0', info: { title: 'C', version: '1' }, servers: [{ url }], paths };
      const specId = await callboard.register(SERVICE, JSON.stringify(document));
      expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
    });
    beforeEach(() => {
      held.length = 0;
      closed.length = 0;
    });
    afterAll(async () => {
      await deployment.stop();
      service.closeAllConnections();
      await new Promise((resolve) => service.close(resolve));
    });

    const pathOf = (traceId: string) => `/v1/api/scheduler/process/${traceId}`;
    const cancel = (traceId: string) => callboard.delete(pathOf(traceId));

    it('what waits is cancelled at once, and once only', async () => {
      const traceId = await callboard.schedule(SERVICE, 'GET', '/at-once', { delay: 3_600 });
      expect((await cancel(traceId)).status).toBe(204);
      const { body } = await callboard.get(`${pathOf(traceId)}/status`);
      expect(body).toEqual({ ...CANCELLED, step: ['Received in the API', 'Cancelled'] });
      expect((await cancel(traceId)).status).toBe(204);
      expect((await callboard.get(`${pathOf(traceId)}/response`)).body).toEqual(body);
      expect((await callboard.get(pathOf(traceId))).body).toMatchObject({ status: CANCELLED });
    });

    it('a POST under way is broken off within a second or so, and listed', async () => {
      const traceId = await callboard.schedule(SERVICE, 'POST', '/held', { req_body: {} });
      await until('the call', 10_000, async () => held.length === 1);
      expect((await cancel(traceId)).status).toBe(204);
      const step = ['Received in the API', 'Received in the worker', 'Cancelled'];
      expect((await callboard.get(`${pathOf(traceId)}/status`)).body).toEqual({ ...CANCELLED, step });
      await until('its end', 3_000, async () => closed.length === 1);
      await until('its record', 3_000, async () => {
        return (await callboard.get(`${pathOf(traceId)}/attempts`)).body.count === 1;
      });
      const { body } = await callboard.get(`${pathOf(traceId)}/attempts`);
      expect(body.results[0].error).toContain('under way when it was cancelled');
      expect(held).toHaveLength(1);
    });

    it('equal calls that wait for a cancelled one make their own', async () => {
      const first = await callboard.schedule(SERVICE, 'GET', '/held');
      await until('the call', 10_000, async () => held.length === 1);
      const second = await callboard.schedule(SERVICE, 'GET', '/held');
      await cancel(first);
      await until('a call of its own', 10_000, async () => held.length === 2);
      held[1]?.end('answered');
      expect(await callboard.processEnded(second, ENDED)).toMatchObject({ status: 'SUCCESS' });
      expect((await callboard.response(second)).body.toString()).toBe('answered');
      expect((await callboard.get(`${pathOf(first)}/status`)).body).toMatchObject(CANCELLED);
    });

    it('cancelling and ending at once: exactly one wins, and the answer to the user tells which', async () => {
      const races = Array.from({ length: 60 }, async (_, index) => {
        const traceId = await callboard.schedule(SERVICE, 'POST', '/at-once', { req_body: {} });
        await new Promise((resolve) => setTimeout(resolve, index % 12));
        const { status, body } = await cancel(traceId);
        const ended = await callboard.processEnded(traceId, ENDED);
        const answer = await callboard.response(traceId);
        if (status === 204) {
          expect(ended).toMatchObject(CANCELLED);
          expect(answer.headers).not.toHaveProperty('x-upstream-status');
        } else {
          expect([status, body.message]).toEqual([
            409,
            `Expected a scheduler process that has not ended, got ${traceId}, which has ended in SUCCESS.`,
          ]);
          expect(ended).toMatchObject({ status: 'SUCCESS' });
          expect(answer.body.toString()).toBe('at once');
        }
        return traceId;
      });
      const traceIds = await Promise.all(races);
      const again = await Promise.all(traceIds.map((traceId) => callboard.get(`${pathOf(traceId)}/status`)));
      for (const { body } of again) expect(ENDED).toContain(body.status);
    });

    it('what is not there cannot be cancelled or replayed', async () => {
      const unknown = 'x'.repeat(16);
      for (const answer of [await cancel(unknown), await callboard.post(`${pathOf(unknown)}/replay`, undefined)]) {
        expect([answer.status, answer.body.message]).toEqual([
          404,
          `Expected the trace id of a scheduler process, got ${unknown}, which names none.`,
        ]);
      }
    });

    it('what has ended is replayed as a new process that names it, with a body of its own', async () => {
      const req_body = { text: 'x'.repeat(100_000) };
      const old = await callboard.schedule(SERVICE, 'POST', '/at-once', { req_body, headers: { 'X-A': 'b' } });
      expect(await callboard.processEnded(old, ENDED)).toMatchObject({ status: 'SUCCESS' });
      const { status, body } = await callboard.post(`${pathOf(old)}/replay`, undefined);
      const msg = 'Your request is waiting to be processed.';
      expect([status, body]).toEqual([200, { trace_id: expect.any(String), status: 'WAITING', msg }]);
      const replay = body.trace_id as string;
      expect(replay).not.toBe(old);
      expect(await callboard.processEnded(replay, ENDED)).toMatchObject({ status: 'SUCCESS' });
      const expected = { replay_of: old, method: 'POST', headers: { 'X-A': 'b' }, req_body };
      expect((await callboard.get(pathOf(replay))).body).toMatchObject(expected);
      expect((await callboard.get(pathOf(old))).body).not.toHaveProperty('replay_of');
    });

    it('a replay asked for twice with one key is one', async () => {
      const old = await callboard.schedule(SERVICE, 'GET', '/at-once');
      await callboard.processEnded(old, ENDED);
      const ask = () => callboard.post(`${pathOf(old)}/replay`, undefined).set('Idempotency-Key', '"once more"');
      const [first, second] = [await ask(), await ask()];
      expect([first.status, second.status, second.body]).toEqual([200, 200, first.body]);
      expect(first.headers).not.toHaveProperty('idempotency-replayed');
      expect(second.headers).toHaveProperty('idempotency-replayed', 'true');
    });

    it('what has not ended is not replayed', async () => {
      const traceId = await callboard.schedule(SERVICE, 'GET', '/at-once', { delay: 3_600 });
      const { status, body } = await callboard.post(`${pathOf(traceId)}/replay`, undefined);
      expect([status, body.message]).toEqual([
        409,
        `Expected a scheduler process that has ended, got ${traceId}, which is WAITING.`,
      ]);
    });
  });
}
