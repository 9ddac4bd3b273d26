import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { startStandalone, until } from './deployment.js';
import type { Standalone } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const PATH = '/v1/api/scheduler/process';

let service: Echo;
let deployment: Standalone;
let callboard: CallboardClient;

beforeAll(async () => {
  service = await startEcho();
  deployment = await startStandalone();
  callboard = new CallboardClient(deployment);
  const document = { openapi: '3.1.0', info: { title: 'S', version: '1' }, servers: [{ url: service.address }] };
  const specId = await callboard.register('kept', JSON.stringify({ ...document, paths: { '/a': { get: {} } } }));
  expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
});
afterAll(async () => {
  await deployment.stop();
  await service.stop();
});

/** Starts again on the same data. */
async function restart(env: Record<string, string>): Promise<void> {
  await deployment.process.stop();
  deployment = await startStandalone({ ...deployment.env, ...env });
  callboard = new CallboardClient(deployment);
}

it('a response goes before its process, and both go once there are too many bytes', async () => {
  const { body } = await callboard.post(PATH, { service: 'kept', method: 'GET', endpoint: '/a' });
  const { trace_id: traceId } = body as { trace_id: string };
  expect(await callboard.processEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
  const waiting = { service: 'kept', method: 'GET', endpoint: '/a', delay: 3_600 };
  const later = ((await callboard.post(PATH, waiting)).body as { trace_id: string }).trace_id;
  expect((await callboard.get(`${PATH}/${traceId}/response`)).status).toBe(200);

  await restart({ RETAIN_RESPONSES_BYTES: '1' });
  await until('the response to be gone', 10_000, async () => {
    return (await callboard.get(`${PATH}/${traceId}/response`)).status === 410;
  });
  const gone = await callboard.get(`${PATH}/${traceId}/response`);
  expect(gone.body).toEqual({ error: true, message: expect.stringContaining(`${traceId} to be kept still`) });
  expect((await callboard.get(`${PATH}/${traceId}/status`)).body).toMatchObject({ status: 'SUCCESS' });

  await restart({ RETAIN_PROCESSES_BYTES: '1' });
  await until('the process to be gone', 10_000, async () => {
    return (await callboard.get(`${PATH}/${traceId}/status`)).status === 404;
  });
  expect((await callboard.get(`${PATH}/${traceId}/response`)).status).toBe(404);
  expect((await callboard.get(`${PATH}/${later}/status`)).body).toMatchObject({ status: 'WAITING' });
  const figures = await (await fetch(`${deployment.workers[0] ?? ''}/metrics`)).text();
  expect(figures).toContain('callboard_swept_total{kind="process"} 1');
});
