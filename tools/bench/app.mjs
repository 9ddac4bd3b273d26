// Applications of Callboard as their users start them, from the build, each a process of its own.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyFreePort } from '../servers/host.mjs';
import { root } from '../setup.mjs';

/** What npm start gives to Node.js. */
const SHIPPED = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  .scripts.start.split(' ')
  .filter((word) => word.startsWith('--'));
const credentials = { API_SCHEDULER_AUTH_USERNAME: 'bench', API_SCHEDULER_AUTH_PASSWORD: 'bench-password' };
/** What each request proves itself with. */
export const authorization = `Basic ${Buffer.from('bench:bench-password').toString('base64')}`;
const PINGS = { standalone: 'api', api: 'api', worker: 'worker' };

/**
 * Starts standalone on free ports, with its shipped defaults but for `env`. `folder` keeps its data and stays; without
 * one the data goes when it stops. `nodeArgs` go to Node.js itself, e.g. `--cpu-prof`; `home` holds another build.
 */
export async function startStandalone(env = {}, { nodeArgs = [], folder, home } = {}) {
  const own = folder ?? (await mkdtemp(join(tmpdir(), 'callboard-bench-')));
  const app = await startApp('standalone', { CALLBOARD_DATA_DIR: join(own, 'data'), ...env }, own, { nodeArgs, home });
  const stop = async (signal) => {
    await app.stop(signal);
    if (folder === undefined) await rm(own, { recursive: true, force: true });
  };
  return { ...app, stop };
}

/** Starts an API and workers on the servers that `servers` names, in a database and queues of their own. */
export async function startDistributed(servers, { workers = 1, env = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-bench-'));
  const name = `callboard-bench-${process.pid}-${Date.now()}`;
  const mongodb = new URL(servers.MONGODB_URI);
  mongodb.pathname = `/${name}`;
  const backends = {
    ...servers,
    MONGODB_URI: mongodb.href,
    S3_BUCKET: name,
    RABBITMQ_PREFIX: name,
    CALLBOARD_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  };
  const started = await Promise.all([
    startApp('api', { ...backends, ...env }, folder),
    ...Array.from({ length: workers }, () => startApp('worker', { ...backends, ...env }, folder)),
  ]);
  return {
    address: started[0].address,
    pids: started.map(({ pid }) => pid),
    stop: async () => {
      await Promise.all(started.map((app) => app.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startApp(role, env, folder, { nodeArgs = [], home = root } = {}) {
  const [api, worker, apidoc] = await Promise.all([anyFreePort(), anyFreePort(), anyFreePort()]);
  const begun = performance.now();
  const child = spawn(process.execPath, [...SHIPPED, ...nodeArgs, join(home, 'dist', 'apps', role, 'main.js')], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      ...credentials,
      API_PORT: String(api),
      WORKER_PORT: String(worker),
      APIDOC_PORT: String(apidoc),
      GENERATED_CLIENTS_DIR: join(folder, 'generated-clients'),
      ...env,
    },
    // A reader that does nothing with them: logs are written in full, as shipped.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.resume();
  child.stderr.on('data', (text) => (said = `${said}${text}`.slice(-2_000)));
  const ping = PINGS[role];
  const address = `http://127.0.0.1:${ping === 'api' ? api : worker}`;
  await answering(`${address}/v1/${ping}/ping`, child, () => `${role} ended: ${said}`);
  const readyMs = performance.now() - begun;
  await answering(`${address}/v1/${ping}/health`, child, () => `${role} ended: ${said}`);
  return {
    address,
    pid: child.pid,
    readyMs,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

async function answering(url, child, complaint) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(complaint());
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resident memory of a process, in MiB. */
export function residentMiB(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1]) / 1024);
}

/** CPU time that a process takes while something is done, in seconds: all of it, and that of its main thread. */
export async function cpuOfWork(pid, work) {
  const before = cpuSeconds(pid);
  await work();
  const after = cpuSeconds(pid);
  return { all: after.all - before.all, main: after.main - before.main };
}

function cpuSeconds(pid) {
  return { all: cpuOf(`/proc/${pid}/stat`), main: cpuOf(`/proc/${pid}/task/${pid}/stat`) };
}

function cpuOf(file) {
  const fields = readFileSync(file, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
