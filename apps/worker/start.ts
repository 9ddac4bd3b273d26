import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DependencyWatch, Supervisor } from '#core';
import type { Tracer } from '#core';
import type { Adapters } from '#adapters';
import type { Config } from '#config';
import type { EgressGuard } from '#client-runtime';
import { WorkerMetrics } from '#observability';
import { startHttpServer } from '../http/http-server.js';
import { addMetrics, METRICS_PATH } from '../http/metrics-route.js';
import { requireMetricsToken } from '../http/metrics-token.js';
import type { Edge } from '../http/edge.js';
import type { RunningApp } from '../http/http-server.js';
import { composeWorker } from './compose.js';
import type { WorkerListener } from './compose.js';
import { egressGuard } from './egress.js';
import { WorkerModule } from './worker.module.js';

/** A ping has no body worth the name. */
const BODY_LIMIT_BYTES = 1024;

export interface WorkerOptions {
  readonly config: Config;
  readonly adapters: Adapters;
  readonly edge: Edge;
  /** Unset: one for this worker alone. */
  readonly guard?: EgressGuard | undefined;
  readonly listener: WorkerListener & {
    readonly onWorkerFailed: (worker: string, error: unknown) => void;
    readonly onUnforeseen: (error: unknown) => void;
  };
  /** Adds the request log. */
  readonly log: (app: NestFastifyApplication) => void;
  /** Unset: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/** What needs METRICS_TOKEN, if there is one. */
const WATCHED_PATHS = ['/v1/worker/health', METRICS_PATH];

/** Starts a worker: its consumers, and its ping and health on HOST and WORKER_PORT. */
export async function startWorker(options: WorkerOptions): Promise<RunningApp> {
  const { config, adapters, edge, listener, log, tracer } = options;
  const guard = options.guard ?? egressGuard(config, adapters.clock);
  const metrics = new WorkerMetrics(adapters.clock);
  const composed = composeWorker(config, adapters, listener, metrics, guard, tracer);
  await composed.prepare();
  const supervisor = new Supervisor({ clock: adapters.clock, onFailure: listener.onWorkerFailed });
  const watch = new DependencyWatch(adapters);
  const { onUnforeseen } = listener;
  const server = await startHttpServer(WorkerModule.register({ watch, supervisor, onUnforeseen }), {
    host: config.host,
    port: config.workerPort,
    portVariable: 'WORKER_PORT',
    graceMs: config.shutdownSeconds * 1_000,
    edge,
    bodyLimit: BODY_LIMIT_BYTES,
    prepare: (app) => {
      log(app);
      const server = app.getHttpAdapter().getInstance();
      requireMetricsToken(server, config.metricsToken, WATCHED_PATHS);
      addMetrics(server, metrics);
    },
  });
  guard.protect(Number(new URL(server.address).port));
  for (const worker of composed.workers) supervisor.start(worker);
  let closing: Promise<void> | undefined;
  const close = async () => {
    await supervisor.stop();
    await composed.close();
    await server.close();
  };
  return { address: server.address, close: () => (closing ??= close()) };
}
