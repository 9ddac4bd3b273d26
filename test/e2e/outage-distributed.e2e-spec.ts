import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PrivateServers } from '../setup/private-servers.js';
import { describeWithServer } from '../setup/real-servers.js';
import { CallboardClient } from './callboard-client.js';
import { startDistributed, until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { filmotDocument, HEADERS, startFilmot } from './filmot.js';
import type { Filmot } from './filmot.js';

/** An answer that takes longer than this counts as hanging. */
const ANSWER_WITHIN_MS = 5_000;

describeWithServer(['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT'], 'when a server goes away', () => {
  let servers: PrivateServers;
  let deployment: Deployment;
  let callboard: CallboardClient;
  let filmot: Filmot;

  beforeAll(async () => {
    [servers, filmot] = await Promise.all([
      PrivateServers.start('mongodb', 'rabbitmq', 'redis', 'minio'),
      startFilmot(),
    ]);
    // Two of the servers are not there when the roles start.
    await Promise.all([servers.stop('mongodb'), servers.stop('rabbitmq')]);
    deployment = await startDistributed(servers.env, { untilConnected: false });
    callboard = new CallboardClient(deployment);
  }, 120_000);

  afterAll(async () => {
    await deployment.stop();
    await filmot.stop();
    await servers.erase();
  }, 60_000);

  async function schedule(term: string): Promise<string> {
    return callboard.schedule('filmot', 'GET', '/getsearchchannels', { query_params: { term } });
  }

  it('the roles start without their servers, answer 503 in time, and go on when the servers come', async () => {
    const begun = performance.now();
    const refused = await callboard.get('/v1/api/spec/0/10');
    expect(performance.now() - begun).toBeLessThan(ANSWER_WITHIN_MS);
    expect(refused.status).toBe(503);
    expect(refused.body).toEqual({ error: true, message: expect.any(String) });
    expect(refused.headers['retry-after']).toBeDefined();
    for (const path of healthPaths()) {
      const { status, body } = await healthAt(path);
      const down = { database: { state: 'down' }, bus: { state: 'down' }, cache: { state: 'up' } };
      expect([path, status, body]).toMatchObject([path, 503, { live: true, ready: false, dependencies: down }]);
      expect((await healthAt(`${path}/live`)).status).toBe(200);
    }
    await until('the lines about reconnecting', 20_000, async () =>
      ['MongoDB', 'RabbitMQ'].every((name) => deployment.output().includes(`⏳ Trying to reconnect ${name} in 2s...`)),
    );
    await Promise.all([servers.start('mongodb'), servers.start('rabbitmq')]);
    await until('the API to answer', 60_000, async () => (await callboard.get('/v1/api/spec/0/10')).status === 200);
    for (const path of healthPaths()) {
      await until(`${path} to be ready`, 60_000, async () => (await healthAt(path)).status === 200);
    }
    const specId = await callboard.register('Filmot', filmotDocument(filmot.address), { headers: HEADERS });
    await until('the spec to serve', 60_000, async () => {
      const { body } = await callboard.get(`/v1/api/spec/${specId}/status`);
      return (body as { status: string }).status === 'SUCCESS';
    });
    for (const line of [
      '✅ Connected to MongoDB successfully!',
      '✅ RabbitMQ connected successfully!',
      '✅ Redis connected successfully!',
    ]) {
      expect(deployment.output()).toContain(line);
    }
  }, 180_000);

  it('a call accepted while RabbitMQ is away is made when it is back', async () => {
    await servers.kill('rabbitmq');
    const begun = performance.now();
    const id = await schedule('without rabbitmq');
    expect(performance.now() - begun).toBeLessThan(ANSWER_WITHIN_MS);
    await servers.start('rabbitmq');
    await until('the call to be made', 90_000, async () => (await status(id)) === 'SUCCESS');
  }, 180_000);

  it('calls go on without the cache', async () => {
    await servers.kill('redis');
    expect(await callboard.processEnded(await schedule('without redis'))).toMatchObject({ status: 'SUCCESS' });
    await servers.start('redis');
  }, 60_000);

  it('nothing hangs while MongoDB is away, and what was accepted before ends after', async () => {
    const accepted = await Promise.all(Array.from({ length: 20 }, (_, i) => schedule(`before the outage ${i}`)));
    await servers.kill('mongodb');
    const begun = performance.now();
    expect((await callboard.get(`/v1/api/scheduler/process/${accepted[0] ?? ''}`)).status).toBe(503);
    expect(performance.now() - begun).toBeLessThan(ANSWER_WITHIN_MS);
    await servers.start('mongodb');
    for (const id of accepted) {
      await until(`${id} to end`, 120_000, async () => ['SUCCESS'].includes((await status(id)) ?? ''));
    }
  }, 240_000);

  function healthPaths(): string[] {
    return [`${deployment.api}/v1/api/health`, ...deployment.workers.map((worker) => `${worker}/v1/worker/health`)];
  }

  async function healthAt(url: string): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(url);
    return { status: answer.status, body: await answer.json() };
  }

  async function status(id: string): Promise<string | undefined> {
    return ((await callboard.get(`/v1/api/scheduler/process/${id}/status`)).body as { status?: string }).status;
  }
});
