import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { startStandalone, until } from './deployment.js';
import type { Deployment } from './deployment.js';

const PATH = '/v1/api/scheduler/process';

let deployment: Deployment;
let callboard: CallboardClient;

beforeAll(async () => {
  const limits = { MAX_REQUESTS_IN_FLIGHT: '2', MAX_PENDING_PROCESSES: '5', MAX_EVENT_STREAMS: '1' };
  deployment = await startStandalone({ ...limits, MAX_BODIES_BYTES: '1048576' });
  callboard = new CallboardClient(deployment);
});
afterAll(() => deployment.stop());

const REFUSED = { status: 503, headers: { 'retry-after': '2' } };
const later = { service: 'nobody', method: 'GET', endpoint: '/', delay: 3_600 };

function authorised(path: string, signal: AbortSignal): Promise<Response> {
  const credentials = Buffer.from(`${deployment.username}:${deployment.password}`).toString('base64');
  return fetch(`${deployment.api}${path}`, { headers: { Authorization: `Basic ${credentials}` }, signal });
}

it('beyond each limit an API answers 503 and says when to come again, and goes on when there is room', async () => {
  const abort = new AbortController();
  const { body } = await callboard.post(PATH, later);
  const { trace_id: traceId } = body as { trace_id: string };
  const stream = await authorised(`${PATH}/${traceId}/events`, abort.signal);
  expect(stream.status).toBe(200);
  expect(await callboard.get(`${PATH}/${traceId}/events`)).toMatchObject(REFUSED);
  abort.abort();
  await until('room for a stream', 5_000, async () => {
    const next = new AbortController();
    const { status } = await authorised(`${PATH}/${traceId}/events`, next.signal);
    next.abort();
    return status === 200;
  });

  const waits = [1, 2].map(() =>
    callboard
      .post(PATH, later)
      .set('Prefer', 'wait=1')
      .then(({ status }) => status),
  );
  await until('two requests under way', 5_000, async () => {
    const { status, headers } = await callboard.get('/v1/api/spec/0/1');
    return status === 503 && headers['retry-after'] === '2';
  });
  expect((await fetch(`${deployment.api}/v1/api/ping`)).status).toBe(200);
  expect(await Promise.all(waits)).toEqual([200, 200]);

  const batch = await callboard.post(`${PATH}/batch`, { processes: [later, later, later] });
  expect(batch.body).toMatchObject({ count: 2, results: [{}, {}, { error: true }] });
  const full = await callboard.post(PATH, later);
  expect(full).toMatchObject(REFUSED);
  expect(full.body).toEqual({
    error: true,
    message: expect.stringContaining('fewer than 5 processes that have not ended'),
  });
  await callboard.delete(`${PATH}/${traceId}`);
  await until('room for a process', 15_000, async () => (await callboard.post(PATH, later)).status === 200);
}, 60_000);
