// Starts the rival with a Redis of its own, as its authors advise: every write appended, on disk each second.
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyFreePort, findProgram } from '../../servers/host.mjs';
import { pause } from '../load.mjs';
import { restCalls } from '../rest-calls.mjs';

/** @returns the rival as a target of the load, or why it cannot be had. */
export async function startBullmq(upstream, { connections, concurrency }) {
  const server = findProgram('redis-server');
  if (server === undefined) return { skipped: 'there is no redis-server' };
  install();
  const folder = await mkdtemp(join(tmpdir(), 'callboard-bench-redis-'));
  const port = await anyFreePort();
  const options = { port, bind: '127.0.0.1', dir: folder, appendonly: 'yes', appendfsync: 'everysec', save: '' };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const redis = spawn(server, args, { stdio: 'ignore' });
  while (!(await listens(port))) await pause(20);
  const env = { ...process.env, REDIS_PORT: String(port), UPSTREAM: upstream, CONCURRENCY: String(concurrency) };
  const app = fork(join(import.meta.dirname, 'main.mjs'), { env });
  const [{ port: appPort }] = await once(app, 'message');
  const calls = restCalls(appPort, connections);
  return {
    ...calls,
    stop: async () => {
      await calls.close();
      app.kill();
      redis.kill();
      await Promise.all([once(redis, 'exit'), app.exitCode ?? once(app, 'exit')]);
      await rm(folder, { recursive: true });
    },
  };
}

/** From a lock file of its own: the product has no need of it. */
function install() {
  if (existsSync(join(import.meta.dirname, 'node_modules', 'bullmq'))) return;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('BullMQ was not installed.');
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
