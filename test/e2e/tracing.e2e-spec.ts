import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { CallboardClient } from './callboard-client.js';
import { startStandalone } from './deployment.js';
import type { Distributed, Standalone } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';
import { describeTracing } from './tracing.js';

/** Its worker is replaced by stopping all of it and starting it again on its data. */
async function restartable(env: Record<string, string>): Promise<Distributed> {
  let current = await startStandalone(env);
  return {
    ...current,
    output: () => current.output(),
    stop: () => current.stop(),
    replaceWorkers: async () => {
      await current.process.stop();
      current = await startStandalone(current.env);
    },
  };
}

describeTracing('traces of standalone', restartable);

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('without an endpoint for traces', () => {
  let standalone: Standalone;
  let callboard: CallboardClient;
  let service: Echo;

  beforeAll(async () => {
    [standalone, service] = await Promise.all([startStandalone(), startEcho()]);
    callboard = new CallboardClient(standalone);
    await register(callboard, service);
  });
  afterAll(async () => {
    await standalone.stop();
    await service.stop();
  });

  async function echoed(headers: Record<string, string>, fields: object = {}) {
    const call = { service: 'plain', method: 'GET', endpoint: '/now', cache: { mode: 'off' }, ...fields };
    const { body } = await callboard.post('/v1/api/scheduler/process', call).set(headers);
    const { trace_id: traceId } = body as { trace_id: string };
    expect(await callboard.processEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
    const shown = (await callboard.get(`/v1/api/scheduler/process/${traceId}`)).text;
    expect(shown).not.toContain('4bf92f3577b34da6a3ce929d0e0e4736');
    return (JSON.parse((await callboard.response(traceId)).body.toString()) as { headers: object }).headers;
  }

  it("a caller's trace reaches the service as it is", async () => {
    const sent = { traceparent: TRACEPARENT, tracestate: 'a=1,b=2' };
    expect(await echoed(sent)).toMatchObject(sent);
    expect(await echoed({ traceparent: `${TRACEPARENT}-more`, tracestate: 'a=1' })).not.toHaveProperty('tracestate');
    expect(await echoed({})).not.toHaveProperty('traceparent');
  });

  it('headers by hand go before it', async () => {
    const own = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
    const headers = await echoed(
      { traceparent: TRACEPARENT, tracestate: 'a=1' },
      { headers: { TraceParent: own, 'x-more': 'own' } },
    );
    expect(headers).toMatchObject({ traceparent: own });
    expect(headers).not.toHaveProperty('tracestate');
  });
});

describe('with an endpoint for traces that nobody answers at', () => {
  let silent: Server;
  let service: Echo;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    service = await startEcho();
    silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise<void>((resolve) => silent.once('listening', resolve));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await service.stop();
  });

  it.each([
    ['refuses connections', () => 'http://127.0.0.1:1'],
    ['says nothing', () => `http://127.0.0.1:${(silent.address() as AddressInfo).port}`],
  ])(
    'calls are made, and the process ends in time, though it %s',
    async (_, endpoint) => {
      const standalone = await startStandalone({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint() });
      const callboard = new CallboardClient(standalone);
      await register(callboard, service);
      const processId = await callboard.schedule('plain', 'GET', '/now');
      expect(await callboard.processEnded(processId)).toMatchObject({ status: 'SUCCESS' });
      const begun = performance.now();
      expect(await standalone.process.stop()).toBe(0);
      expect(performance.now() - begun).toBeLessThan(8_000);
      expect(standalone.output()).toContain('Stopped.');
      expect(standalone.output()).not.toContain('Ended with these still open');
      expect(standalone.output().match(/Traces could not be sent/g)).toHaveLength(1);
      await standalone.stop();
    },
    60_000,
  );
});

async function register(callboard: CallboardClient, service: Echo): Promise<void> {
  const document = { openapi: '3.1.0', info: { title: 'P', version: '1' }, servers: [{ url: service.address }] };
  const specId = await callboard.register('plain', JSON.stringify({ ...document, paths: { '/now': { get: {} } } }));
  expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
}
