import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';

const root = join(import.meta.dirname, '..', '..');
/** What npm start gives to Node.js. */
const SHIPPED = startScript()
  .split(' ')
  .filter((word) => word.startsWith('--'));
const credentials = { API_SCHEDULER_AUTH_USERNAME: 'bench', API_SCHEDULER_AUTH_PASSWORD: 'bench-password' };
const authorization = `Basic ${Buffer.from('bench:bench-password').toString('base64')}`;

/** Starts the benchmark's service in a process of its own. */
export async function startUpstream() {
  const child = fork(join(import.meta.dirname, 'upstream.mjs'));
  const [{ port }] = await once(child, 'message');
  return { address: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

/**
 * Starts standalone from the build, on free ports and an empty folder, with its shipped defaults but for `env`.
 * `nodeArgs` go to Node.js itself, e.g. `--cpu-prof`.
 */
export async function startStandalone(env = {}, nodeArgs = []) {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-bench-'));
  const [api, worker, apidoc] = await Promise.all([freePort(), freePort(), freePort()]);
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [...SHIPPED, ...nodeArgs, join(root, 'dist', 'apps', 'standalone', 'main.js')],
    {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        ...credentials,
        API_PORT: String(api),
        WORKER_PORT: String(worker),
        APIDOC_PORT: String(apidoc),
        CALLBOARD_DATA_DIR: join(folder, 'data'),
        GENERATED_CLIENTS_DIR: join(folder, 'generated-clients'),
        ...env,
      },
      // A reader that does nothing with them: logs are written in full, as shipped.
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child.stdout.resume();
  child.stderr.resume();
  const address = `http://127.0.0.1:${api}`;
  await answering(`${address}/v1/api/ping`, child);
  return {
    address,
    pid: child.pid,
    readyMs: performance.now() - begun,
    stop: async () => {
      child.kill();
      await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A client of the REST API over a fixed number of connections. */
export class Client {
  /** What each request proves itself with. */
  headers = { authorization };

  constructor(address, connections) {
    this.pool = new Pool(address, { connections, pipelining: 1 });
  }

  async call(method, path, body) {
    const response = await this.pool.request({
      method,
      path,
      headers: { ...this.headers, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const text = await response.body.text();
    if (response.statusCode >= 400) throw new Error(`${method} ${path} was answered ${response.statusCode}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** Registers the benchmark's document and waits until it serves. */
  async register(upstream) {
    const document = {
      openapi: '3.0.3',
      info: { title: 'bench', version: '1' },
      servers: [{ url: upstream }],
      paths: {
        '/item/{id}': {
          get: {
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
            responses: { 200: { description: 'OK' } },
          },
        },
      },
    };
    const spec = Buffer.from(JSON.stringify(document)).toString('base64');
    const { trace_id: id } = await this.call('POST', '/v1/api/spec', { name: 'bench', headers: {}, spec });
    for (;;) {
      const { status, error } = await this.call('GET', `/v1/api/spec/${id}/status`);
      if (status === 'SUCCESS') return;
      if (status === 'ERROR') throw new Error(error);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Schedules one call and returns its trace id. */
  async schedule(id) {
    const body = { service: 'bench', method: 'GET', endpoint: '/item/{id}', url_params: { id } };
    return (await this.call('POST', '/v1/api/scheduler/process', body)).trace_id;
  }

  /** The status word of a process; throws when it ended in ERROR. */
  async status(traceId) {
    const { status, error } = await this.call('GET', `/v1/api/scheduler/process/${traceId}/status`);
    if (status === 'ERROR') throw new Error(`${traceId}: ${error}`);
    return status;
  }

  close() {
    return this.pool.close();
  }
}

async function answering(url, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`standalone ended with ${child.exitCode}`);
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function startScript() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start;
}
