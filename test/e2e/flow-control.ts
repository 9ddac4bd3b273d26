import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startMeter } from './meter.js';
import type { Meter } from './meter.js';

const ENDED = ['SUCCESS', 'ERROR', 'CANCELLED'];

/**
 * What keeps calls from starting: one suite for whatever Callboard is made of. It must have been started with
 * `FLOW_ENVIRONMENT`.
 */
export function describeFlowControl(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Meter;
    let count = 0;

    beforeAll(async () => {
      service = await startMeter();
      deployment = await start();
      callboard = new CallboardClient(deployment);
    });
    beforeEach(() => service.reset());
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
    });

    /** A Spec of its own, since what is counted is counted by Spec. */
    async function register(fields: object = {}): Promise<{ specId: string; name: string }> {
      const name = `metered-${(count += 1)}`;
      const document = { openapi: '3.1.0', info: { title: name, version: '1' }, servers: [{ url: service.address }] };
      const parameters = [{ name: 'n', in: 'query', schema: { type: 'string' } }];
      const paths = { '/call': { get: { parameters, responses: {} } } };
      const specId = await callboard.register(name, JSON.stringify({ ...document, paths }), fields);
      expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
      return { specId, name };
    }

    const post = (name: string, n: string, fields: object = {}) =>
      callboard.schedule(name, 'GET', '/call', { query_params: { n }, cache: { mode: 'off' }, ...fields });
    /** All at once, in this order. */
    async function postAll(name: string, names: readonly string[], fieldsOf: (n: string) => object = () => ({})) {
      const calls = names.map((n) => ({
        ...{ service: name, method: 'GET', endpoint: '/call', query_params: { n }, cache: { mode: 'off' } },
        ...fieldsOf(n),
      }));
      const { body } = await callboard.post('/v1/api/scheduler/process/batch', { processes: calls });
      return (body as { results: { trace_id: string }[] }).results.map(({ trace_id: traceId }) => traceId);
    }
    const statusOf = async (traceId: string) =>
      (await callboard.get(`/v1/api/scheduler/process/${traceId}/status`)).body as { status: string; held?: string };
    const allEnded = (traceIds: readonly string[]) =>
      Promise.all(traceIds.map((traceId) => callboard.processEnded(traceId, ENDED)));
    const untilHeld = (traceId: string, why: string) =>
      until(`${traceId} to be held for ${why}`, 10_000, async () => {
        const { status, held } = await statusOf(traceId);
        return status === 'WAITING' && held === why;
      });

    describe('limits', () => {
      it('of a rate hold for all workers together, and everything is called in the end', async () => {
        const limits = { requests: 10, seconds: 1 };
        const { specId, name } = await register({ limits });
        expect((await callboard.get(`/v1/api/spec/${specId}`)).body).toMatchObject({ limits });
        const names = Array.from({ length: 25 }, (_, index) => `r${index}`);
        const ended = await allEnded(await postAll(name, names));
        expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['SUCCESS']));
        const times = service.calls.map(({ at }) => at);
        expect(times).toHaveLength(25);
        const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
        // One more than in a second, and what the way to the service may put together.
        expect(busiest).toBeLessThanOrEqual(13);
        expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(2_000);
      });

      it('of concurrency hold for all workers together', async () => {
        const { specId, name } = await register({ limits: { concurrency: 2 } });
        service.delayMs = 50;
        const names = Array.from({ length: 16 }, (_, index) => `c${index}`);
        await allEnded(await postAll(name, names));
        expect(service.calls).toHaveLength(16);
        expect(service.most).toBe(2);
        await callboard.put(`/v1/api/spec/${specId}`, { limits: null });
        expect((await callboard.get(`/v1/api/spec/${specId}`)).body).not.toHaveProperty('limits');
      });

      it('are shared fairly by keys: the backlog of one does not hold up the first call of another', async () => {
        const { name } = await register({ limits: { concurrency: 1 } });
        service.delayMs = 40;
        const backlog = Array.from({ length: 10 }, (_, index) => `a${index}`);
        const first = await postAll(name, backlog, () => ({ key: 'a' }));
        await until('the backlog to be held', 10_000, async () => (await statusOf(first[9] ?? '')).held === 'limit');
        const before = service.calls.length;
        const others = await postAll(name, ['b0', 'b1', 'c0'], (n) => ({ key: n[0] }));
        await allEnded([...first, ...others]);
        const order = service.calls.slice(before).map(({ n }) => n);
        expect(order.indexOf('b0')).toBeLessThanOrEqual(5);
        expect(order.indexOf('c0')).toBeLessThanOrEqual(5);
        expect(order.indexOf('b1')).toBeLessThanOrEqual(9);
      });

      it.each([
        [{ requests: 5 }, 'Expected limits to be limits with both requests and seconds, or neither'],
        [{ burst: 2, concurrency: 1 }, 'Expected limits to be limits with requests where there is a burst'],
        [{}, 'Expected limits to be limits with requests and seconds, or concurrency'],
        [{ concurrency: 0 }, 'Expected limits.concurrency to be at least 1, got an integer of 1 digit.'],
      ])('%j are refused', async (limits, sentence) => {
        const answer = await callboard.post('/v1/api/spec', { name: 'no', headers: {}, spec: 'e30=', limits });
        expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining(sentence)]);
      });
    });

    describe('a pause', () => {
      it('of a Spec keeps its calls waiting until it is resumed', async () => {
        const { specId, name } = await register();
        const path = `/v1/api/spec/${specId}`;
        for (let twice = 0; twice < 2; twice += 1) {
          const { status, body } = await callboard.post(`${path}/pause`, {});
          expect([status, body]).toEqual([200, { paused: true, paused_keys: [] }]);
        }
        expect((await callboard.get(path)).body).toMatchObject({ paused: true });
        const held = await postAll(name, ['p1', 'p2'], () => ({ key: 'a' }));
        for (const traceId of held) await untilHeld(traceId, 'paused');
        expect(service.calls).toEqual([]);
        const { body } = await callboard.post(`${path}/resume`, {});
        expect(body).toEqual({ paused: false, paused_keys: [] });
        expect((await callboard.get(path)).body).not.toHaveProperty('paused');
        expect((await allEnded(held)).map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
        expect(await statusOf(held[0] ?? '')).not.toHaveProperty('held');
      });

      it('of a key keeps its calls waiting, and nobody else', async () => {
        const { specId, name } = await register();
        const path = `/v1/api/spec/${specId}`;
        expect((await callboard.post(`${path}/pause`, { key: 'a' })).body).toEqual({
          paused: false,
          paused_keys: ['a'],
        });
        expect((await callboard.get(path)).body).toMatchObject({ paused_keys: ['a'] });
        const held = await post(name, 'a1', { key: 'a' });
        await untilHeld(held, 'paused');
        await allEnded([await post(name, 'b1', { key: 'b' }), await post(name, 'none')]);
        expect(service.calls.map(({ n }) => n).sort()).toEqual(['b1', 'none']);
        await callboard.post(`${path}/resume`, { key: 'a' });
        expect(await callboard.processEnded(held)).toMatchObject({ status: 'SUCCESS' });
        expect((await callboard.get(path)).body).not.toHaveProperty('paused_keys');
      });

      it('is waited for no longer than a call may, and what waits can be cancelled', async () => {
        const { specId, name } = await register();
        await callboard.post(`/v1/api/spec/${specId}/pause`, {});
        const expires_at = new Date(Date.now() + 1_500).toISOString();
        const [expiring, cancelled] = [await post(name, 'e', { expires_at }), await post(name, 'x')];
        await untilHeld(cancelled, 'paused');
        await callboard.delete(`/v1/api/scheduler/process/${cancelled}`);
        expect(await callboard.processEnded(expiring)).toMatchObject({
          status: 'ERROR',
          error: expect.stringContaining('expired before it could be started'),
        });
        await callboard.post(`/v1/api/spec/${specId}/resume`, {});
        expect(await statusOf(cancelled)).toMatchObject({ status: 'CANCELLED' });
        expect(service.calls).toEqual([]);
      });

      it('of what is not there is answered 404, and of what is no key 400', async () => {
        const { specId } = await register();
        expect((await callboard.post('/v1/api/spec/AAAAAAAAAAAAAAAA/pause', {})).status).toBe(404);
        expect((await callboard.post('/v1/api/spec/AAAAAAAAAAAAAAAA/resume', {})).status).toBe(404);
        expect((await callboard.post(`/v1/api/spec/${specId}/pause`, { key: '' })).status).toBe(400);
        expect((await callboard.post(`/v1/api/spec/${specId}/pause`, { keys: ['a'] })).status).toBe(400);
      });
    });

    describe('a service that keeps failing', () => {
      it('is left alone but for probes, its calls wait with their attempts unburned, and go on when it is well', async () => {
        const { name } = await register({ retry: { attempts: 1 } });
        service.status = 503;
        const failures = Array.from({ length: 5 }, (_, index) => `f${index}`);
        await allEnded(await postAll(name, failures));
        // A worker learns within a look what another has found out; until then it goes on calling.
        await until('every worker to leave the service alone', 20_000, async () => {
          const sent = await postAll(name, ['s1', 's2', 's3', 's4', 's5', 's6']);
          const held = await Promise.all(sent.map(untilHeldOrEnded));
          return held.every((why) => why === 'breaker');
        });
        const waiting = await postAll(name, ['w1', 'w2', 'w3']);
        await Promise.all(waiting.map(untilHeldOrEnded));
        service.status = 200;
        const ended = await allEnded(waiting);
        // A probe that failed is a call that was made; the other two were none until the service was well.
        expect(ended.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThanOrEqual(2);
        expect(service.calls.filter(({ status, n }) => status === 503 && n.startsWith('w')).length).toBeLessThanOrEqual(
          1,
        );
        const figures = await Promise.all(
          deployment.workers.map(async (worker) => (await fetch(`${worker}/metrics`)).text()),
        );
        expect(figures.join('\n')).toContain(`callboard_breaker_state{service="${name}"}`);
      });

      it('is not one that refuses', async () => {
        const { name } = await register({ retry: { attempts: 1 } });
        service.status = 429;
        await allEnded(
          await postAll(
            name,
            Array.from({ length: 8 }, (_, index) => `q${index}`),
          ),
        );
        service.status = 200;
        expect(await callboard.processEnded(await post(name, 'fine'))).toMatchObject({ status: 'SUCCESS' });
        expect(service.calls).toHaveLength(9);
      });

      /** @returns why it is held, if it is. */
      async function untilHeldOrEnded(traceId: string): Promise<string | undefined> {
        let why: string | undefined;
        await until(`${traceId} to wait for the service`, 10_000, async () => {
          const { status, held } = await statusOf(traceId);
          why = held;
          return held === 'breaker' || ENDED.includes(status);
        });
        return why;
      }
    });

    describe('priority', () => {
      it('decides who starts first of those that wait', async () => {
        const { specId, name } = await register({ limits: { concurrency: 1 } });
        await callboard.post(`/v1/api/spec/${specId}/pause`, {});
        const priorities = [0, 9, 4, 5, 7];
        const held = await postAll(name, priorities.map(String), (n) => ({ priority: Number(n) }));
        for (const traceId of held) await untilHeld(traceId, 'paused');
        await callboard.post(`/v1/api/spec/${specId}/resume`, {});
        await allEnded(held);
        expect(service.calls.map(({ n }) => n)).toEqual(['9', '7', '5', '4', '0']);
        const { body } = await callboard.get(`/v1/api/scheduler/process/${held[1] ?? ''}`);
        expect(body).toMatchObject({ priority: 9 });
      });

      it.each([10, -1, 1.5, 'high'])('of %j is refused', async (priority) => {
        const body = { service: 'x', method: 'GET', endpoint: '/call', priority };
        expect((await callboard.post('/v1/api/scheduler/process', body)).status).toBe(400);
      });
    });
  });
}

/** Breakers that open soon enough for a test. */
export const FLOW_ENVIRONMENT = { BREAKER_FAILURES: '5', BREAKER_OPEN_SECONDS: '4' };
