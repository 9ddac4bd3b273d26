import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyRing } from '#encryption';

const ROOT = join(import.meta.dirname, '..', '..');
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 20_000;

/** A running Callboard, whatever it is made of. */
export interface Deployment {
  readonly api: string;
  readonly workers: readonly string[];
  readonly apidoc: string;
  readonly username: string;
  readonly password: string;
  /** Where generated clients are written. */
  readonly generatedClients: string;
  /** All that its processes have written so far. */
  output(): string;
  stop(): Promise<void>;
}

/** One process of Callboard: `node dist/apps/{role}/main.js` with an environment of its own. */
export class AppProcess {
  /** All that it has written. */
  output = '';
  /** What it has written to standard error. */
  complaint = '';
  private readonly exited: Promise<number | NodeJS.Signals>;

  private constructor(
    readonly child: ChildProcess,
    readonly address: string,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.complaint += text;
    });
    this.exited = new Promise((resolve) =>
      child.once('close', (code: number | null, signal: NodeJS.Signals | null) => resolve(code ?? signal ?? 1)),
    );
  }

  /** Starts a process without waiting for it to be ready. */
  static spawn(role: string, env: Record<string, string>, address: string): AppProcess {
    const child = spawn(process.execPath, [join(ROOT, 'dist', 'apps', role, 'main.js')], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new AppProcess(child, address);
  }

  /** Resolves when a GET of this path is answered with 200. */
  async ready(path: string): Promise<void> {
    await until(`${this.address}${path} to answer`, START_DEADLINE_MS, async () => {
      if (this.child.exitCode !== null)
        throw new Error(`The process ended with ${this.child.exitCode}:\n${this.output.slice(-3_000)}`);
      const response = await fetch(`${this.address}${path}`).catch(() => null);
      return response?.status === 200;
    });
  }

  /** How it ended. */
  exit(): Promise<number | NodeJS.Signals> {
    return this.exited;
  }

  /** Asks it to stop, as Ctrl-C does, and returns how it ended; fails when it does not. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), STOP_DEADLINE_MS).unref());
    const ended = await Promise.race([this.exited, late]);
    if (ended !== 'late') return ended;
    this.child.kill('SIGKILL');
    throw new Error(`The process did not stop within ${STOP_DEADLINE_MS} ms:\n${this.output.slice(-3_000)}`);
  }
}

/** What every process of a test is given; tests add to it. */
async function baseEnvironment(): Promise<Record<string, string> & { GENERATED_CLIENTS_DIR: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-e2e-'));
  return {
    API_SCHEDULER_AUTH_USERNAME: 'tester',
    API_SCHEDULER_AUTH_PASSWORD: 'a password: with a colon, ü and €',
    CALLBOARD_DATA_DIR: join(folder, 'data'),
    GENERATED_CLIENTS_DIR: join(folder, 'generated-clients'),
    RECONCILE_SECONDS: '1',
    ...(await ports()),
  };
}

async function ports(): Promise<Record<string, string>> {
  const [api, worker, apidoc] = await Promise.all([freePort(), freePort(), freePort()]);
  return { API_PORT: String(api), WORKER_PORT: String(worker), APIDOC_PORT: String(apidoc) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Standalone: everything in one process on embedded backends. Its process and environment are there for fault tests. */
export interface Standalone extends Deployment {
  readonly process: AppProcess;
  readonly env: Record<string, string>;
}

/** @param env goes before the test's own; give an earlier deployment's to start again on its data */
export async function startStandalone(env: Record<string, string> = {}): Promise<Standalone> {
  const full = { ...(await baseEnvironment()), ...env };
  const app = AppProcess.spawn('standalone', full, url(full.API_PORT));
  await app.ready('/v1/api/ping');
  await untilPinged(url(full.WORKER_PORT), '/v1/worker/ping');
  await untilPinged(url(full.APIDOC_PORT), '/v1/apidoc/ping');
  return {
    ...common(full),
    workers: [url(full.WORKER_PORT)],
    process: app,
    env: full,
    output: () => app.output,
    stop: async () => {
      await app.stop();
      await rm(join(full.GENERATED_CLIENTS_DIR, '..'), { recursive: true, force: true });
    },
  };
}

/** Its workers can be killed, and others started in their place. */
export interface Distributed extends Deployment {
  /** @param meanwhile what is done while there are none */
  replaceWorkers(meanwhile?: () => Promise<void>): Promise<void>;
}

/**
 * The roles as processes of their own, with two workers, on the servers that `servers` names.
 * @param untilConnected whether to wait until the API and the workers have their servers
 */
export async function startDistributed(
  servers: Record<string, string>,
  { untilConnected = true } = {},
): Promise<Distributed> {
  const given: Record<string, string> = { CALLBOARD_ENCRYPTION_KEY: KeyRing.newKey(), ...servers };
  const env = { ...(await baseEnvironment()), ...given };
  const second = { ...env, WORKER_PORT: String(await freePort()) };
  const startWorkers = () => [env, second].map((each) => AppProcess.spawn('worker', each, url(each.WORKER_PORT)));
  const others = [
    AppProcess.spawn('api', env, url(env.API_PORT)),
    AppProcess.spawn('apidoc', { ...env, API_URL: url(env.API_PORT) }, url(env.APIDOC_PORT)),
  ] as const;
  let workers = startWorkers();
  const everyWorker = [...workers];
  const workersReady = () => Promise.all(workers.map((worker) => worker.ready('/v1/worker/ping')));
  const [api, apidoc] = others;
  await Promise.all([api.ready('/v1/api/ping'), workersReady(), apidoc.ready('/v1/apidoc/ping')]);
  if (untilConnected) {
    await Promise.all([api.ready('/v1/api/health'), ...workers.map((worker) => worker.ready('/v1/worker/health'))]);
  }
  return {
    ...common(env),
    workers: workers.map((worker) => worker.address),
    output: () => [...others, ...everyWorker].map((app) => app.output).join('\n'),
    replaceWorkers: async (meanwhile) => {
      await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
      await meanwhile?.();
      workers = startWorkers();
      everyWorker.push(...workers);
      await workersReady();
    },
    stop: async () => {
      await Promise.all([...others, ...workers].map((app) => app.stop()));
      await rm(join(env.GENERATED_CLIENTS_DIR, '..'), { recursive: true, force: true });
    },
  };
}

/** A database, queues and a bucket that no other run uses. */
export function isolated(servers: Record<string, string>): Record<string, string> {
  const name = `callboard-e2e-${randomUUID().slice(0, 8)}`;
  const mongodb = new URL(servers.MONGODB_URI ?? '');
  mongodb.pathname = `/${name}`;
  const backends = { MONGODB_URI: mongodb.href, S3_BUCKET: name, RABBITMQ_PREFIX: name };
  return { ...servers, ...backends, CALLBOARD_ENCRYPTION_KEY: KeyRing.newKey() };
}

function common(env: Record<string, string>) {
  return {
    api: url(env.API_PORT),
    apidoc: url(env.APIDOC_PORT),
    username: env.API_SCHEDULER_AUTH_USERNAME ?? '',
    password: env.API_SCHEDULER_AUTH_PASSWORD ?? '',
    generatedClients: env.GENERATED_CLIENTS_DIR ?? '',
  };
}

function url(port: string | undefined): string {
  return `http://127.0.0.1:${port ?? ''}`;
}

async function untilPinged(address: string, path: string): Promise<void> {
  await until(`${address}${path} to answer`, START_DEADLINE_MS, async () => {
    const response = await fetch(`${address}${path}`).catch(() => null);
    return response?.status === 200;
  });
}

/** Asks again and again, 20 ms apart, until `check` is true; fails naming what was waited for. */
export async function until(what: string, deadlineMs: number, check: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`Expected ${what} within ${deadlineMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
