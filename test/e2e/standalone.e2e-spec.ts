import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallboardClient } from './callboard-client.js';
import { AppProcess, startStandalone, until } from './deployment.js';
import { filmotDocument, HEADERS, startFilmot } from './filmot.js';
import type { Filmot } from './filmot.js';

describe('standalone', () => {
  let filmot: Filmot;
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    filmot = await startFilmot();
  });

  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
    await filmot.stop();
  }, 60_000);

  it('tells its addresses, the user name and a first call, and stops cleanly on Ctrl-C', async () => {
    const standalone = await startStandalone();
    cleanUp.push(() => standalone.stop());
    const output = standalone.output();
    for (const address of [standalone.api, ...standalone.workers, standalone.apidoc]) expect(output).toContain(address);
    expect(output).toContain('tester');
    expect(output).toContain('curl');
    expect(output).not.toContain(standalone.password);
    expect(await standalone.process.stop('SIGINT')).toBe(0);
  }, 60_000);

  it('finds everything again after a second start', async () => {
    const first = await startStandalone();
    const callboard = new CallboardClient(first);
    const specId = await callboard.register('lasting', filmotDocument(filmot.address), { headers: HEADERS });
    await callboard.specEnded(specId);
    const fields = { query_params: { term: 'lasting' } };
    const processId = await callboard.schedule('lasting', 'GET', '/getsearchchannels', fields);
    await callboard.processEnded(processId);
    const before = await callboard.response(processId);
    expect(await first.process.stop()).toBe(0);

    const second = await startStandalone(first.env);
    cleanUp.push(() => second.stop());
    const again = new CallboardClient(second);
    expect((await again.get(`/v1/api/spec/${specId}`)).body).toMatchObject({
      name: 'lasting',
      status: { status: 'SUCCESS' },
    });
    expect((await again.response(processId)).body.equals(before.body)).toBe(true);
    const next = await again.schedule('lasting', 'GET', '/getsearchchannels', { query_params: { term: 'next' } });
    expect(await again.processEnded(next)).toMatchObject({ status: 'SUCCESS' });
  }, 60_000);

  it('ends every process that was under way when it was killed', async () => {
    const slow = await startSlowService();
    cleanUp.push(slow.stop);
    const first = await startStandalone({ WORKER_CONCURRENCY: '100', RECONCILE_SECONDS: '1' });
    const callboard = new CallboardClient(first);
    const specId = await callboard.register('slow', slow.document);
    await callboard.specEnded(specId);
    const ids: string[] = [];
    for (let batch = 0; batch < 20; batch++) {
      const calls = Array.from({ length: 50 }, (_, i) =>
        callboard.schedule('slow', 'GET', '/wait/{id}', { url_params: { id: `${batch}-${i}` } }),
      );
      ids.push(...(await Promise.all(calls)));
    }
    await until('a hundred calls to be under way', 20_000, async () => slow.waiting() >= 100);
    await first.process.stop('SIGKILL');
    slow.answerAll();

    const second = await startStandalone(first.env);
    cleanUp.push(() => second.stop());
    const again = new CallboardClient(second);
    const ended = new Map<string, number>();
    for (const id of ids) {
      const { status } = await again.processEnded(id);
      ended.set(status, (ended.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(ended)).toEqual({ SUCCESS: 1_000 });
  }, 120_000);

  it('says in one sentence that a port is in use', async () => {
    const standalone = await startStandalone();
    cleanUp.push(() => standalone.stop());
    const folder = await mkdtemp(join(tmpdir(), 'callboard-e2e-'));
    cleanUp.push(() => rm(folder, { recursive: true }));
    const env = { ...standalone.env, CALLBOARD_DATA_DIR: folder };
    const other = AppProcess.spawn('standalone', env, standalone.api);
    expect(await other.exit()).toBe(1);
    expect(sentences(other.complaint)).toEqual([
      `Expected port ${standalone.env.API_PORT} of 127.0.0.1 to be free, but it is in use: set API_PORT to another.`,
    ]);
  }, 60_000);

  it('says in one sentence that another process has the data folder', async () => {
    const standalone = await startStandalone();
    cleanUp.push(() => standalone.stop());
    const env = { ...standalone.env, API_PORT: '0', WORKER_PORT: '0', APIDOC_PORT: '0' };
    const other = AppProcess.spawn('standalone', env, standalone.api);
    expect(await other.exit()).toBe(1);
    expect(sentences(other.complaint)).toEqual([expect.stringContaining(standalone.env.CALLBOARD_DATA_DIR ?? '')]);
  }, 60_000);

  it.each([
    ['CALLBOARD_DATA_DIR', 'a file'],
    ['CALLBOARD_DATA_DIR', '/proc/callboard'],
    ['GENERATED_CLIENTS_DIR', 'a file'],
  ])(
    'says in one sentence that %s cannot be used, being %s',
    async (variable, what) => {
      const folder = await mkdtemp(join(tmpdir(), 'callboard-e2e-'));
      cleanUp.push(() => rm(folder, { recursive: true }));
      const file = join(folder, 'a-file');
      await writeFile(file, '');
      const place = what === 'a file' ? file : what;
      const env = { CALLBOARD_DATA_DIR: join(folder, 'data'), API_PORT: '0', WORKER_PORT: '0', APIDOC_PORT: '0' };
      const app = AppProcess.spawn('standalone', { ...env, [variable]: place }, '');
      expect(await app.exit()).toBe(1);
      expect(sentences(app.complaint)).toEqual([expect.stringContaining(place)]);
    },
    60_000,
  );

  it.each([
    [{ API_PORT: 'eighty' }, 'API_PORT'],
    [{ HOST: '0.0.0.0' }, 'API_SCHEDULER_AUTH_PASSWORD'],
    [{ NODE_ENV: 'production' }, 'API_SCHEDULER_AUTH_PASSWORD'],
  ])('refuses to start with %j', async (env, variable) => {
    const app = AppProcess.spawn('standalone', env, '');
    expect(await app.exit()).toBe(1);
    expect(sentences(app.complaint)).toEqual([expect.stringContaining(variable)]);
  });
});

/** The lines of a complaint. */
function sentences(complaint: string): string[] {
  return complaint.split('\n').filter((line) => line !== '');
}

/** A service that keeps every call waiting until it is told to answer. */
async function startSlowService() {
  const held: (() => void)[] = [];
  let holding = true;
  const server = createServer((_request, response) => {
    const answer = () => response.setHeader('content-type', 'text/plain').end('at last');
    if (holding) held.push(answer);
    else answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const document = {
    openapi: '3.0.3',
    info: { title: 'slow', version: '1' },
    servers: [{ url: address }],
    paths: {
      '/wait/{id}': {
        get: {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { '200': { description: 'OK' } },
        },
      },
    },
  };
  return {
    document: JSON.stringify(document),
    waiting: () => held.length,
    answerAll: () => {
      holding = false;
      for (const answer of held) answer();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
