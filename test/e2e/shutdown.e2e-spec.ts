import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { CallboardClient } from './callboard-client.js';
import { startStandalone, until } from './deployment.js';
import type { Standalone } from './deployment.js';

const PATH = '/v1/api/scheduler/process';
const SHUTDOWN_SECONDS = 3;

/** A service that answers /soon after half a second, and /never not before it is told to. */
let service: Server;
let called: Record<string, number>;
let isAnswering = false;
let deployment: Standalone;
let callboard: CallboardClient;

beforeAll(async () => {
  called = {};
  service = createServer(({ url = '' }, response) => {
    called[url] = (called[url] ?? 0) + 1;
    if (url === '/soon' || isAnswering) setTimeout(() => response.end('{}'), isAnswering ? 0 : 500);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  deployment = await startStandalone({ SHUTDOWN_SECONDS: String(SHUTDOWN_SECONDS) });
  callboard = new CallboardClient(deployment);
  const servers = [{ url: `http://127.0.0.1:${(service.address() as AddressInfo).port}` }];
  const paths = { '/soon': { get: {} }, '/never': { get: {} } };
  const document = { openapi: '3.1.0', info: { title: 'S', version: '1' }, servers, paths };
  expect(await callboard.specEnded(await callboard.register('slow', JSON.stringify(document)))).toMatchObject({
    status: 'SUCCESS',
  });
});
afterAll(async () => {
  await deployment.stop();
  service.closeAllConnections();
  service.close();
});

async function schedule(endpoint: string): Promise<string> {
  const { body } = await callboard.post(PATH, { service: 'slow', method: 'GET', endpoint, cache: { mode: 'off' } });
  return (body as { trace_id: string }).trace_id;
}

it('told to stop, it finishes what it can, hands back the rest, and exits with 0 in time', async () => {
  const [soon, never] = [await schedule('/soon'), await schedule('/never')];
  await until('both calls to be under way', 10_000, async () => called['/soon'] === 1 && called['/never'] === 1);
  // A request whose body never comes must not add its own time.
  const half = connect(Number(new URL(deployment.api).port), '127.0.0.1').on('error', () => undefined);
  const credentials = Buffer.from(`${deployment.username}:${deployment.password}`).toString('base64');
  half.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${credentials}\r\n`);
  await new Promise<void>((resolve) => {
    half.write('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{', () => resolve());
  });
  expect((await callboard.get(`${PATH}/${soon}/status`)).status).toBe(200);

  const begun = performance.now();
  const stopping = deployment.process.stop();
  await until('the worker to say that it takes no more', 2_000, async () => {
    const health = await fetch(`${deployment.workers[0] ?? ''}/v1/worker/health`);
    return health.status === 503 && ((await health.json()) as { live: boolean }).live;
  });
  await expect(fetch(`${deployment.api}/v1/api/ping`)).rejects.toThrow();
  expect(await stopping).toBe(0);
  expect(performance.now() - begun).toBeLessThan((SHUTDOWN_SECONDS + 2) * 1_000);
  expect(deployment.process.complaint).toBe('');
  half.destroy();

  isAnswering = true;
  deployment = await startStandalone(deployment.env);
  callboard = new CallboardClient(deployment);
  expect((await callboard.get(`${PATH}/${soon}/status`)).body).toMatchObject({ status: 'SUCCESS' });
  expect(await callboard.processEnded(never)).toMatchObject({ status: 'SUCCESS' });
  expect(called).toEqual({ '/soon': 1, '/never': 2 });
}, 60_000);
