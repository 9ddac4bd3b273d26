import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { eventually, startOtlpReceiver } from '#testing';
import type { OtlpReceiver, ReceivedSpan } from '#testing';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Distributed } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const SERVICE = 'traced';
const PARENT = '00f067aa0ba902b7';
const HEALTH = '/v1/api/health';
const SECRET = 's3cr3t-v4lue';
/** What the receiver is sent as a key. */
const KEY = 'k3y-of-the-receiver';

/** What traces promise: one suite for whatever Callboard is made of. */
export function describeTracing(title: string, start: (env: Record<string, string>) => Promise<Distributed>): void {
  describe(title, () => {
    let receiver: OtlpReceiver;
    let deployment: Distributed;
    let callboard: CallboardClient;
    let service: Echo;
    let specTrace: string;
    let specId: string;
    let trace: string;

    beforeAll(async () => {
      [receiver, service] = await Promise.all([startOtlpReceiver(), startEcho()]);
      deployment = await start({
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_HEADERS: `api-key=${KEY}`,
        LEASE_SECONDS: '3',
        // What is sent again knows no trace: only what has to be shall be.
        RECONCILE_SECONDS: '10',
      });
      callboard = new CallboardClient(deployment);
      await until('the API to have its servers', 30_000, async () => (await callboard.get(HEALTH)).status === 200);
      specTrace = newTrace();
      const spec = Buffer.from(documentOf(service.address)).toString('base64');
      const registered = await callboard
        .post('/v1/api/spec', { name: SERVICE, headers: {}, spec })
        .set('traceparent', traceparent(specTrace));
      specId = (registered.body as { trace_id: string }).trace_id;
      expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
      // Before any worker is killed, with what it has not sent yet.
      await receiver.trace(specTrace, has('review client'));
    }, 60_000);
    beforeEach(() => {
      service.answer = null;
      trace = newTrace();
    });
    afterAll(async () => {
      await deployment.stop();
      await Promise.all([receiver.close(), service.stop()]);
    }, 60_000);

    async function post(fields: object, tracestate = 'a=1'): Promise<string> {
      const call = { service: SERVICE, method: 'GET', endpoint: '/now', cache: { mode: 'off' } };
      const answer = await callboard
        .post('/v1/api/scheduler/process', { ...call, ...fields })
        .set({ traceparent: traceparent(trace), tracestate });
      expect(answer.status).toBe(200);
      return (answer.body as { trace_id: string }).trace_id;
    }

    it('lead from the caller through API, bus and worker to the service', async () => {
      const processId = await post({ query_params: { q: 'one' } });
      expect(await callboard.processEnded(processId)).toMatchObject({ status: 'SUCCESS' });
      const spans = await receiver.trace(trace, has('GET /now', 'complete process'));
      expect(way(spans, 'GET /now')).toEqual([
        'client GET /now',
        'internal execute process',
        'consumer process SCHEDULER_PROCESS',
        'producer publish SCHEDULER_PROCESS',
        'internal accept process',
        'server POST /v1/api/scheduler/process',
        PARENT,
      ]);
      expect(way(spans, 'complete process').slice(0, 2)).toEqual([
        'internal complete process',
        'internal execute process',
      ]);
      const call = named(spans, 'GET /now');
      expect(receivedIn(trace)).toMatchObject([
        { headers: { traceparent: `00-${trace}-${call.spanId}-01`, tracestate: 'a=1' } },
      ]);
      const { hostname, port } = new URL(service.address);
      expect(call).toMatchObject({
        traceState: 'a=1',
        isError: false,
        attributes: {
          'http.request.method': 'GET',
          'url.full': `${service.address}/now?q=xxxx`,
          'server.address': hostname,
          'server.port': Number(port),
          'http.response.status_code': 200,
          'callboard.trace_id': processId,
          'callboard.service': SERVICE,
          'callboard.attempt': 1,
        },
        resource: { 'service.name': 'worker.callboard', 'service.version': expect.any(String) },
      });
      const request = named(spans, 'POST /v1/api/scheduler/process');
      expect(request).toMatchObject({
        attributes: { 'http.route': '/v1/api/scheduler/process', 'http.response.status_code': 200 },
        resource: { 'service.name': 'api.callboard', 'service.instance.id': expect.any(String) },
      });
    });

    it('go on where a call is made again by another worker', async () => {
      // Its workers are dead by then: one that dies just as the call comes due may take with it that anybody was told.
      service.answer = { status: 503, type: 'text/plain', body: 'busy', headers: { 'retry-after': '8' } };
      const processId = await post({ retry: { attempts: 100, backoff_seconds: 1 } });
      await until('a call to have failed', 10_000, async () => {
        const { body } = await callboard.get(`/v1/api/scheduler/process/${processId}/attempts`);
        return (body as { count: number }).count > 0;
      });
      await deployment.replaceWorkers();
      service.answer = null;
      expect(await callboard.processEnded(processId)).toMatchObject({ status: 'SUCCESS' });
      const succeeded = (span: ReceivedSpan) => span.attributes['http.response.status_code'] === 200;
      const spans = await receiver.trace(trace, (all) => has('complete process')(all) && all.some(isCall(succeeded)));
      const last = spans.find(isCall(succeeded));
      const attempt = spans.find((span) => span.spanId === last?.parentSpanId);
      expect(attempt).toMatchObject({ name: 'execute process' });
      expect(attempt?.attributes['callboard.attempt']).toBeGreaterThan(1);
      // What told of it knew no trace, but the process does.
      expect(attempt?.parentSpanId).toBe(named(spans, 'accept process').spanId);
      expect(receivedIn(trace).length).toBeGreaterThan(1);
      expect(receivedIn(trace).at(-1)?.headers.traceparent).toBe(`00-${trace}-${last?.spanId ?? ''}-01`);
      expect(last?.attributes['http.request.resend_count']).toBeGreaterThan(0);
    }, 60_000);

    it('tell of calls that fail', async () => {
      service.answer = { status: 404, type: 'text/plain', body: 'no' };
      expect(await callboard.processEnded(await post({}))).toMatchObject({ status: 'ERROR' });
      const spans = await receiver.trace(trace, has('GET /now', 'execute process'));
      for (const name of ['GET /now', 'execute process']) {
        expect(named(spans, name)).toMatchObject({ isError: true, attributes: { 'error.type': '404' } });
      }
    });

    it('lead from a Spec to its client and its review', async () => {
      const spans = await receiver.trace(specTrace, has('review client'));
      expect(way(spans, 'review client')).toEqual([
        'internal review client',
        'consumer process SPEC_CLIENT_GENERATED',
        'producer publish SPEC_CLIENT_GENERATED',
        'internal generate client',
        'consumer process SPEC',
        'producer publish SPEC',
        'server POST /v1/api/spec',
        PARENT,
      ]);
      const put = newTrace();
      await callboard
        .put(`/v1/api/spec/${specId}`, { headers: { 'x-a': '1' } })
        .set('traceparent', traceparent(put))
        .expect(204);
      expect(way(await receiver.trace(put, has('process SPEC_UPDATE')), 'process SPEC_UPDATE').at(-2)).toBe(
        'server PUT /v1/api/spec/:trace_id',
      );
    });

    it('lead from a batch to all of its calls, and from a replay to its own', async () => {
      const call = { service: SERVICE, method: 'GET', endpoint: '/now', cache: { mode: 'off' } };
      const answer = await callboard
        .post('/v1/api/scheduler/process/batch', { processes: [call, call] })
        .set('traceparent', traceparent(trace));
      const [first, second] = (answer.body as { results: { trace_id: string }[] }).results;
      await callboard.processEnded(first?.trace_id ?? '');
      await callboard.processEnded(second?.trace_id ?? '');
      const calls = (spans: readonly ReceivedSpan[]) => spans.filter(isCall());
      const spans = await receiver.trace(trace, (all) => calls(all).length === 2);
      for (const each of calls(spans)) {
        expect(wayOf(spans, each).at(-2)).toBe('server POST /v1/api/scheduler/process/batch');
      }
      const replay = newTrace();
      await callboard
        .post(`/v1/api/scheduler/process/${first?.trace_id ?? ''}/replay`, {})
        .set('traceparent', traceparent(replay))
        .expect(200);
      expect(way(await receiver.trace(replay, has('GET /now')), 'GET /now').at(-2)).toBe(
        'server POST /v1/api/scheduler/process/:trace_id/replay',
      );
    });

    it('show no secret of a call', async () => {
      const processId = await post({
        endpoint: '/now/{token}',
        url_params: { token: SECRET },
        query_params: { appid: SECRET, access_token: SECRET, q: 'shown' },
        headers: { 'x-own': SECRET, authorization: `Bearer ${SECRET}` },
        cookie_params: { sid: SECRET },
      });
      expect(await callboard.processEnded(processId)).toMatchObject({ status: 'SUCCESS' });
      const spans = await receiver.trace(trace, has('GET /now/{token}', 'complete process'));
      expect(named(spans, 'GET /now/{token}').attributes['url.full']).toMatch(
        new RegExp(`^${service.address}/now/{token}\\?`),
      );
      expect(JSON.stringify(receiver.spans)).not.toContain(SECRET);
      expect(JSON.stringify(receiver.spans)).toContain('q=xxxx');
      expect(deployment.output()).not.toContain(KEY);
      expect(receiver.requests.at(-1)?.headers['api-key']).toBe(KEY);
    });

    it('begin here where a caller names none, or one that is malformed', async () => {
      const answer = await callboard
        .post('/v1/api/scheduler/process', {
          service: SERVICE,
          method: 'GET',
          endpoint: '/now',
          cache: { mode: 'off' },
        })
        .set('traceparent', `00-${trace}-${'0'.repeat(16)}-01`);
      const processId = (answer.body as { trace_id: string }).trace_id;
      expect(await callboard.processEnded(processId)).toMatchObject({ status: 'SUCCESS' });
      const call = await spanOf(processId, 'GET /now');
      const spans = await receiver.trace(call.traceId, has('complete process'));
      expect(call.traceId).not.toBe(trace);
      expect(wayOf(spans, call).slice(-2)).toEqual(['server POST /v1/api/scheduler/process', '']);
    });

    it('leave pings and health alone', async () => {
      await Promise.all([callboard.get('/v1/api/ping'), callboard.get(HEALTH)]);
      expect(receiver.spans.filter(({ name }) => /ping|health|metrics/.test(name))).toEqual([]);
    });

    async function spanOf(processId: string, name: string): Promise<ReceivedSpan> {
      const isIt = (span: ReceivedSpan) => span.name === name && span.attributes['callboard.trace_id'] === processId;
      return eventually(`the span ${name}`, () => receiver.spans.find(isIt), 15_000);
    }

    /** The requests that the service received in a trace. */
    function receivedIn(id: string): Echo['received'] {
      return service.received.filter(({ headers }) => String(headers.traceparent).includes(id));
    }
  });
}

function documentOf(address: string): string {
  const query = (name: string) => ({ name, in: 'query', schema: { type: 'string' } });
  const token = { name: 'token', in: 'path', required: true, schema: { type: 'string' } };
  return JSON.stringify({
    ...{ openapi: '3.1.0', info: { title: 'T', version: '1' }, servers: [{ url: address }] },
    paths: {
      '/now': { get: { parameters: [query('q')], responses: {} } },
      '/now/{token}': {
        get: { parameters: [token, query('q'), query('appid'), query('access_token')], responses: {} },
      },
    },
    components: { securitySchemes: { app: { type: 'apiKey', in: 'query', name: 'appid' } } },
  });
}

function newTrace(): string {
  return randomBytes(16).toString('hex');
}

function traceparent(traceId: string): string {
  return `00-${traceId}-${PARENT}-01`;
}

function has(...names: string[]) {
  return (spans: readonly ReceivedSpan[]) => names.every((name) => spans.some((span) => span.name === name));
}

function isCall(also: (span: ReceivedSpan) => boolean = () => true) {
  return (span: ReceivedSpan) => span.kind === 'client' && also(span);
}

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const [span, ...others] = spans.filter((each) => each.name === name);
  if (!span || others.length > 0) throw new Error(`Expected one span ${name}, got ${others.length + (span ? 1 : 0)}.`);
  return span;
}

/** A span and those above it, ending with the parent of the topmost. */
function way(spans: readonly ReceivedSpan[], name: string): string[] {
  return wayOf(spans, named(spans, name));
}

function wayOf(spans: readonly ReceivedSpan[], from: ReceivedSpan): string[] {
  const steps: string[] = [];
  let id = from.spanId;
  for (let span = spans.find((s) => s.spanId === id); span; span = spans.find((s) => s.spanId === id)) {
    steps.push(`${span.kind} ${span.name}`);
    id = span.parentSpanId;
  }
  return [...steps, id];
}
