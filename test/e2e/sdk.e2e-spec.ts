import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServer } from '../setup/real-servers.js';
import { CallboardClient } from './callboard-client.js';
import { isolated, startDistributed, startStandalone, until } from './deployment.js';
import type { Standalone } from './deployment.js';

const run = promisify(execFile);
const COMPILER = join(import.meta.dirname, '..', '..', 'node_modules', 'typescript-native', 'bin', 'tsc');
const DEADLINE_MS = 180_000;
const UNZIP = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';

const DOCUMENT = JSON.stringify({
  openapi: '3.0.3',
  info: { title: 'Pets', version: '1' },
  servers: [{ url: 'http://127.0.0.1:1' }],
  paths: {
    '/pets/{petId}': {
      get: {
        operationId: 'findPet',
        parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          200: { description: 'ok', content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } },
        },
      },
    },
  },
  components: {
    schemas: { Pet: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } },
  },
});

interface SdkBody {
  readonly status: string;
  readonly error?: string;
}

describeWithServer(['OPENAPI_GENERATOR_JAR'], 'SDKs of a Spec', ({ OPENAPI_GENERATOR_JAR = '' }) => {
  let folder: string;
  let deployment: Standalone;
  let callboard: CallboardClient;
  let traceId: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-e2e-sdk-'));
    deployment = await startStandalone({ OPENAPI_GENERATOR_JAR });
    callboard = new CallboardClient(deployment);
    traceId = await callboard.register('The Pets!', DOCUMENT);
    expect(await callboard.specEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
  }, DEADLINE_MS);
  afterAll(async () => {
    await deployment.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Downloads an SDK and unpacks it. @returns its folder and the name of the zip. */
  async function unpacked(generator: string): Promise<{ root: string; disposition: string | undefined }> {
    const { body, headers } = await callboard.download(`/v1/api/spec/${traceId}/sdk/${generator}`);
    const root = join(folder, generator);
    await mkdir(root);
    await writeFile(`${root}.zip`, body);
    await run('python3', ['-c', UNZIP, `${root}.zip`, root]);
    return { root: join(root, `the-pets-${generator}`), disposition: headers['content-disposition'] };
  }

  it(
    'are made in the background, in several languages, and downloaded as a zip',
    async () => {
      const generators = ['go', 'python', 'typescript-fetch'];
      for (const generator of generators) {
        const { status, body } = await callboard.post(`/v1/api/spec/${traceId}/sdk/${generator}`, undefined);
        expect(status).toBe(202);
        expect(body).toMatchObject({ trace_id: traceId, generator, version: 1, status: expect.any(String) });
      }
      for (const generator of generators) await made(callboard, `/v1/api/spec/${traceId}/sdk/${generator}`);

      const go = await unpacked('go');
      expect(go.disposition).toBe('attachment; filename="the-pets-go.zip"');
      expect(await readFile(join(go.root, 'api_default.go'), 'utf8')).toContain(
        'FindPet(ctx context.Context, petId string)',
      );
      const python = await unpacked('python');
      const api = await readFile(join(python.root, 'openapi_client/api/default_api.py'), 'utf8');
      expect(api).toContain('def find_pet(');
      const { root } = await unpacked('typescript-fetch');
      expect(await readFile(join(root, 'apis/DefaultApi.ts'), 'utf8')).toContain('async findPet(');
      const options = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom', '--module', 'esnext'];
      const files = ['--moduleResolution', 'bundler', 'index.ts'];
      // Faults come over standard output, and as a failure.
      await run(process.execPath, [COMPILER, ...options, ...files], { cwd: root });
    },
    DEADLINE_MS,
  );

  it('are the same when they are asked for again, and are listed', async () => {
    const again = await callboard.post(`/v1/api/spec/${traceId}/sdk/go`, undefined);
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({ status: 'SUCCESS', bytes: expect.any(Number) });
    const { body } = await callboard.get(`/v1/api/spec/${traceId}/sdk`);
    expect(body).toMatchObject({ generators: expect.arrayContaining(['java', 'rust']) });
    const names = (body as { results: { generator: string }[] }).results.map((sdk) => sdk.generator);
    expect(names).toEqual(['go', 'python', 'typescript-fetch']);
  });

  it('are refused in one sentence where there can be none', async () => {
    const unknown = await callboard.post(`/v1/api/spec/${traceId}/sdk/pyton`, undefined);
    expect(unknown.status).toBe(404);
    expect(unknown.body).toMatchObject({ message: expect.stringContaining('such as python') });
    expect((await callboard.post(`/v1/api/spec/aaaaaaaaaaaaaaaa/sdk/go`, undefined)).status).toBe(404);
    expect((await callboard.get(`/v1/api/spec/${traceId}/sdk/rust`)).status).toBe(404);
    expect((await callboard.get(`/v1/api/spec/${traceId}/sdk/go?version=2`)).status).toBe(404);
    expect((await callboard.get(`/v1/api/spec/${traceId}/sdk/go?version=x`)).status).toBe(400);
    expect((await callboard.post(`/v1/api/spec/${traceId}/sdk/..%2Fgo`, undefined)).status).toBe(404);
    const pending = await callboard.register('broken', '{"openapi": "3.0.3"');
    await callboard.specEnded(pending);
    expect((await callboard.post(`/v1/api/spec/${pending}/sdk/go`, undefined)).status).toBe(409);
  });

  it(
    'end in ERROR with a reason, and begin anew when asked for again',
    async () => {
      const path = `/v1/api/spec/${traceId}/sdk/java-helidon-client`;
      await callboard.post(path, undefined);
      await expect(made(callboard, path)).rejects.toThrow('access denied');
      const again = await callboard.post(path, undefined);
      expect(again.body).not.toHaveProperty('error');
      expect(['WAITING', 'IN_PROGRESS']).toContain((again.body as SdkBody).status);
    },
    DEADLINE_MS,
  );

  it('are gone with their Spec', async () => {
    const removed = await callboard.register('short-lived', DOCUMENT);
    await callboard.specEnded(removed);
    await callboard.delete(`/v1/api/spec/${removed}`);
    expect((await callboard.get(`/v1/api/spec/${removed}/sdk`)).status).toBe(404);
    expect((await callboard.post(`/v1/api/spec/${removed}/sdk/go`, undefined)).status).toBe(404);
  });

  it(
    'are finished after a crash, and what it left behind is removed',
    async () => {
      const first = await startStandalone({ OPENAPI_GENERATOR_JAR });
      const before = new CallboardClient(first);
      const spec = await before.register('crash', DOCUMENT);
      await before.specEnded(spec);
      const path = `/v1/api/spec/${spec}/sdk/java`;
      await before.post(path, undefined);
      const own = `callboard-sdk-${first.process.child.pid}-`;
      await until('the SDK to be under way', DEADLINE_MS, async () => (await workFolders(own)).length > 0);
      await first.process.stop('SIGKILL');

      const second = await startStandalone(first.env);
      try {
        await made(new CallboardClient(second), path);
        expect(await workFolders(own)).toEqual([]);
      } finally {
        await second.stop();
      }
    },
    DEADLINE_MS,
  );
});

const SERVERS = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(['OPENAPI_GENERATOR_JAR', ...SERVERS], 'SDKs on real servers', (env) => {
  it(
    'are made by any worker and downloaded from the API',
    async () => {
      const deployment = await startDistributed({
        ...isolated(env),
        OPENAPI_GENERATOR_JAR: env.OPENAPI_GENERATOR_JAR ?? '',
      });
      try {
        const callboard = new CallboardClient(deployment);
        const traceId = await callboard.register('pets', DOCUMENT);
        await callboard.specEnded(traceId);
        const paths = ['go', 'python'].map((generator) => `/v1/api/spec/${traceId}/sdk/${generator}`);
        for (const path of paths) expect((await callboard.post(path, undefined)).status).toBe(202);
        for (const path of paths) {
          await made(callboard, path);
          const { body, headers } = await callboard.download(path);
          expect(body.subarray(0, 2).toString()).toBe('PK');
          expect(headers['content-length']).toBe(String(body.length));
        }
      } finally {
        await deployment.stop();
      }
    },
    DEADLINE_MS,
  );
});

describe('SDKs on a machine without Java', () => {
  it('are refused with what to install', async () => {
    const deployment = await startStandalone({ PATH: join(tmpdir(), 'no-programs-here') });
    try {
      const callboard = new CallboardClient(deployment);
      const traceId = await callboard.register('pets', DOCUMENT);
      await callboard.specEnded(traceId);
      const { status, body } = await callboard.post(`/v1/api/spec/${traceId}/sdk/go`, undefined);
      expect(status).toBe(501);
      expect(body).toMatchObject({
        error: true,
        message: expect.stringMatching(/Java 11 or newer.*: install/),
      });
      const choice = await callboard.get(`/v1/api/spec/${traceId}/sdk`);
      expect(choice.body).toMatchObject({
        generators: [],
        missing: (body as { message: string }).message,
        results: [],
      });
    } finally {
      await deployment.stop();
    }
  }, 60_000);
});

async function workFolders(prefix: string): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
}

/** Waits until an SDK can be downloaded; fails when it ends in ERROR. */
async function made(client: CallboardClient, path: string): Promise<void> {
  let last = '';
  await until(`${path} to be made`, DEADLINE_MS, async () => {
    const { headers, body } = await client.get(path);
    if (headers['content-type'] === 'application/zip') return true;
    last = JSON.stringify(body);
    if ((body as SdkBody).status === 'ERROR') throw new Error(last);
    return false;
  });
}
