import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { CallboardClient } from './callboard-client.js';
import { startStandalone } from './deployment.js';
import type { Deployment } from './deployment.js';

const TOKEN = 'a-token-for-those-who-watch';
const UP = { state: 'up', since: expect.any(String) };
const READY = { live: true, ready: true, dependencies: { database: UP, bus: UP, cache: UP, blobs: UP } };

describe.each([
  ['open', {}],
  ['behind METRICS_TOKEN', { METRICS_TOKEN: TOKEN }],
])('health, %s', (title, env) => {
  const isOpen = title === 'open';
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startStandalone(env);
  });
  afterAll(() => deployment.stop());

  /** The two addresses of health, with what answers there. */
  function places(): [string, string][] {
    return [
      [deployment.api, '/v1/api/health'],
      [deployment.workers[0] ?? '', '/v1/worker/health'],
    ];
  }

  it('tells anybody that it lives', async () => {
    for (const [address, path] of places()) {
      const answer = await request(address).get(`${path}/live`);
      expect([answer.status, answer.body]).toEqual([200, { live: true }]);
    }
  });

  it('tells those who may know how all that it needs is, and since when', async () => {
    for (const [address, path] of places()) {
      const answer = await request(address).get(path).set('Authorization', `Bearer ${TOKEN}`);
      expect([answer.status, answer.body]).toMatchObject([200, READY]);
      const health = answer.body as { dependencies: { database: { since: string } } };
      expect(new Date(health.dependencies.database.since).toISOString()).toBe(health.dependencies.database.since);
    }
  });

  it('names the parts of a worker, and how often each was started again', async () => {
    const answer = await request(deployment.workers[0] ?? '')
      .get('/v1/worker/health')
      .set('Authorization', `Bearer ${TOKEN}`);
    const { workers } = answer.body as { workers: object[] };
    expect(workers).toContainEqual({ name: 'consumer', state: 'running', restarts: 0 });
    expect(workers).toContainEqual({ name: 'reconciler', state: 'running', restarts: 0 });
  });

  it(isOpen ? 'tells anybody how it is' : 'tells nobody else how it is', async () => {
    for (const [address, path] of places()) {
      for (const authorization of ['', 'Bearer wrong', 'Basic eDp5']) {
        const answer = await request(address).get(path).set('Authorization', authorization);
        expect([path, answer.status]).toEqual([path, isOpen ? 200 : 401]);
        if (!isOpen) expect(answer.headers).toMatchObject({ 'www-authenticate': 'Bearer realm="Callboard"' });
      }
    }
  });

  it('takes the user name and password of the API as well', async () => {
    const answer = await new CallboardClient(deployment).get('/v1/api/health');
    expect([answer.status, answer.body]).toMatchObject([200, READY]);
  });

  it('shows figures on every application, under the same rule', async () => {
    const [worker = ''] = deployment.workers;
    for (const [address, figure] of [
      [deployment.api, 'callboard_processes_pending 0'],
      [worker, 'callboard_processes_started_total'],
      [deployment.apidoc, 'callboard_event_loop_lag_seconds{quantile="0.99"}'],
    ] as const) {
      const answer = await request(address).get('/metrics').set('Authorization', `Bearer ${TOKEN}`);
      expect([address, answer.status]).toEqual([address, 200]);
      expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(answer.text).toContain(figure);
      expect((await request(address).get('/metrics')).status).toBe(isOpen ? 200 : 401);
    }
  });

  it('opens nothing else', async () => {
    const bearer = { Authorization: `Bearer ${TOKEN}` };
    expect((await request(deployment.api).get('/v1/api/spec').set(bearer)).status).toBe(401);
    expect((await request(deployment.api).get('/v1/api/health/other').set(bearer)).status).toBe(401);
  });
});
