import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { basic, jsonRequest, request } from '../../tools/security/requests/attack.js';
import { SPELLINGS } from '../../tools/security/requests/spellings.js';
import { send } from '../../tools/security/requests/wire.js';
import { CallboardClient } from './callboard-client.js';
import { startStandalone, until } from './deployment.js';
import { startEcho } from './echo.js';
import type { Deployment } from './deployment.js';

const TOKEN = 'a-token-for-those-who-watch';

/** What stands for an address, by application. */
type Place = readonly [application: 'api' | 'worker' | 'apidoc', path: string];
const WATCHED: readonly Place[] = [
  ['api', '/metrics'],
  ['api', '/v1/api/health'],
  ['worker', '/metrics'],
  ['worker', '/v1/worker/health'],
  ['apidoc', '/metrics'],
];
const OPEN: readonly Place[] = [
  ['api', '/v1/api/ping'],
  ['api', '/v1/api/health/live'],
  ['worker', '/v1/worker/ping'],
  ['worker', '/v1/worker/health/live'],
  ['apidoc', '/v1/apidoc/ping'],
  ['apidoc', '/v1/apidoc/swagger/openapi.json'],
];

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startStandalone({ METRICS_TOKEN: TOKEN, LOGIN_FAILURES: '1000' });
  const headers = { Authorization: `Bearer ${TOKEN}` };
  for (const url of [`${deployment.api}/v1/api/health`, `${deployment.workers[0]}/v1/worker/health`])
    await until(`${url} to be ready`, 30_000, async () => (await fetch(url, { headers })).status === 200);
}, 60_000);
afterAll(() => deployment.stop());

/** The statuses of all spellings of an address, by name. */
async function statuses([application, path]: Place, headers: readonly string[], method = 'GET') {
  const address = application === 'worker' ? (deployment.workers[0] ?? '') : deployment[application];
  const found = await Promise.all(
    SPELLINGS.map(async ({ name, of }) => {
      const answers = await send(address, request(`${method} ${of(path)}`, headers), method === 'HEAD');
      // Behind what is no HTTP the parser answers a HEAD with a body, so there may be more than one.
      return [name, String(answers?.[0]?.status)] as const;
    }),
  );
  return Object.fromEntries(found);
}

/** Any of these statuses. */
function oneOf(...any: number[]): unknown {
  return expect.stringMatching(`^(${any.join('|')})$`);
}

/** What is wanted of each spelling that leads to a route; of the others that they lead nowhere. */
function wanted(found: unknown, elsewhere: unknown): Record<string, unknown> {
  return Object.fromEntries(SPELLINGS.map(({ name, isFound }) => [name, isFound ? found : elsewhere]));
}

/** On the API whatever is not there asks a stranger for credentials. */
const NOWHERE = oneOf(400, 401, 404);

describe('what METRICS_TOKEN keeps', () => {
  test.each(WATCHED)('on %s, %s is told with the token, however it is spelled', async (...place) => {
    expect(await statuses(place, [`Authorization: Bearer ${TOKEN}`])).toEqual(wanted('200', NOWHERE));
  });

  test.each(WATCHED)('on %s, %s is told to nobody else, however it is spelled', async (...place) => {
    for (const headers of [[], ['Authorization: Bearer other']]) {
      for (const method of ['GET', 'HEAD']) {
        expect(await statuses(place, headers, method)).toEqual(wanted('401', NOWHERE));
      }
    }
  });

  it('is told to no other credential of the API, however it is spelled', async () => {
    const made = await new CallboardClient(deployment).post('/v1/api/keys', { name: 'reader', scopes: ['read'] });
    const { key } = made.body as { key: string };
    const headers = [`Authorization: Bearer ${key}`];
    const reads = await send(deployment.api, request('GET /v1/api/spec/0/1', headers));
    expect(reads?.map(({ status }) => status)).toEqual([200]);
    for (const path of ['/metrics', '/v1/api/health'])
      expect(await statuses(['api', path], headers)).toEqual(wanted('401', NOWHERE));
  });
});

describe('what is open to all', () => {
  test.each(OPEN)('on %s, %s is answered however it is spelled', async (...place) => {
    expect(await statuses(place, [])).toEqual(wanted('200', NOWHERE));
  });
});

test.each(['/v1/api/spec/0/1', '/v1/api/keys', '/v1/api/nowhere'])(
  'strangers do not come in to %s, however it is spelled',
  async (path) => {
    expect(await statuses(['api', path], [])).toEqual(wanted('401', NOWHERE));
    expect(await statuses(['apidoc', path], [])).toEqual(wanted(oneOf(400, 401), NOWHERE));
  },
);

test('a known caller is told the same at every spelling of a route', async () => {
  const headers = [`Authorization: ${basic(deployment)}`];
  expect(await statuses(['api', '/v1/api/keys'], headers)).toEqual(wanted('200', oneOf(400, 404)));
});

test('an idempotency key counts for a call however its address is spelled', async () => {
  const service = await startEcho();
  const callboard = new CallboardClient(deployment);
  const servers = [{ url: service.address }];
  const paths = { '/pay': { post: { requestBody: { content: { 'application/json': {} } }, responses: {} } } };
  const document = JSON.stringify({ openapi: '3.1.0', info: { title: 'S', version: '1' }, servers, paths });
  expect(await callboard.specEnded(await callboard.register('paid', document))).toMatchObject({ status: 'SUCCESS' });

  const submit = async (target: string, body: string): Promise<string | undefined> => {
    const headers = [`Authorization: ${basic(deployment)}`, 'Idempotency-Key: "once"'];
    const answers = await send(deployment.api, jsonRequest(`POST ${target}`, headers, body));
    return (JSON.parse(answers?.[0]?.body ?? '{}') as { trace_id?: string }).trace_id;
  };
  const madeBy = async (path: string, body: string): Promise<string[]> => {
    const made = new Set<string | undefined>();
    for (const { of } of SPELLINGS.filter(({ isFound }) => isFound)) made.add(await submit(of(path), body));
    return [...made].map(String);
  };
  const call = { service: 'paid', method: 'POST', endpoint: '/pay', req_body: { amount: 5 } };
  const calls = await madeBy('/v1/api/scheduler/process', JSON.stringify(call));
  expect(calls).toEqual([expect.stringMatching(/^\w{16}$/)]);
  await callboard.processEnded(calls[0] ?? '');
  const replays = await madeBy(`/v1/api/scheduler/process/${calls[0]}/replay`, '');
  expect(replays).toEqual([expect.stringMatching(/^\w{16}$/)]);
  expect(replays).not.toEqual(calls);
  await service.stop();
});
