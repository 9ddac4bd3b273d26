import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Supervisor } from '#core';
import type { WorkerHealth } from '#core';
import type { Adapters } from '#adapters';
import type { Config } from '#config';
import { startHttpServer } from '../http/http-server.js';
import type { RunningApp } from '../http/http-server.js';
import { composeWorker } from './compose.js';
import type { WorkerListener } from './compose.js';
import { WorkerModule } from './worker.module.js';

/** A ping has no body worth the name. */
const BODY_LIMIT_BYTES = 1024;

export interface WorkerOptions {
  readonly config: Config;
  readonly adapters: Adapters;
  readonly listener: WorkerListener & {
    readonly onWorkerFailed: (worker: string, error: unknown) => void;
    readonly onUnforeseen: (error: unknown) => void;
  };
  /** Adds the request log. */
  readonly log: (app: NestFastifyApplication) => void;
}

export interface RunningWorker extends RunningApp {
  health(): WorkerHealth[];
}

/** Starts a worker: its consumers and its ping on HOST and WORKER_PORT. */
export async function startWorker({ config, adapters, listener, log }: WorkerOptions): Promise<RunningWorker> {
  const composed = composeWorker(config, adapters, listener);
  await composed.prepare();
  const server = await startHttpServer(WorkerModule.register(listener.onUnforeseen), {
    host: config.host,
    port: config.workerPort,
    portVariable: 'WORKER_PORT',
    graceMs: config.shutdownSeconds * 1_000,
    bodyLimit: BODY_LIMIT_BYTES,
    prepare: log,
  });
  const supervisor = new Supervisor({ clock: adapters.clock, onFailure: listener.onWorkerFailed });
  for (const worker of composed.workers) supervisor.start(worker);
  let closing: Promise<void> | undefined;
  const close = async () => {
    await supervisor.stop();
    await composed.close();
    await server.close();
  };
  return { address: server.address, health: () => supervisor.health(), close: () => (closing ??= close()) };
}
