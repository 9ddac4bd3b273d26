import { startApi } from '../api/start.js';
import { startApidoc } from '../apidoc/start.js';
import { clientAddressOf, lines } from '#observability';
import type { RunningApp } from '../http/http-server.js';
import { edge, requestLog, unforeseen, workerListener } from '../process/listeners.js';
import type { BackedContext } from '../process/run-app.js';
import { egressGuard } from '../worker/egress.js';
import { startWorker } from '../worker/start.js';
import { welcome } from './welcome.js';

/** Starts the API, a worker and the API docs in this one process, on one set of backends. */
export async function startStandalone(context: BackedContext): Promise<RunningApp> {
  const { config, logger, adapters, tracing } = context;
  const own = edge(context);
  const guard = egressGuard(config, adapters.clock);
  const started: RunningApp[] = [];
  // Side by side: what each of them may take is to be the time of all.
  const close = async () => {
    await Promise.all(started.splice(0).map((app) => app.close()));
  };
  try {
    logger.line(lines.starting('api', config.apiPort));
    const apiLogger = logger.child({ service: 'api.callboard' });
    const log = requestLog(context, 'api.callboard');
    const api = await startApi({
      config,
      adapters,
      edge: own,
      log,
      onUnforeseen: unforeseen(apiLogger),
      tracer: tracing?.tracer('api.callboard'),
    });
    started.push(api);
    guard.protect(portOf(api));

    logger.line(lines.starting('worker', config.workerPort));
    const workerLogger = logger.child({ service: 'worker.callboard' });
    const worker = await startWorker({
      config,
      adapters,
      edge: own,
      guard,
      log: requestLog(context, 'worker.callboard'),
      listener: workerListener(config, adapters, workerLogger),
      tracer: tracing?.tracer('worker.callboard'),
    });
    started.push(worker);
    logger.line(lines.workers(config.workerConcurrency));

    logger.line(lines.starting('apidoc', config.apidocPort));
    const apidoc = await startApidoc({
      host: config.host,
      port: config.apidocPort,
      apiUrl: api.address,
      apiTls: own.tls,
      callerAddress: clientAddressOf(config),
      edge: own,
      graceMs: config.shutdownSeconds * 1_000,
      metricsToken: config.metricsToken,
      log: requestLog(context, 'apidoc.callboard'),
      onUnforeseen: unforeseen(logger),
    });
    started.push(apidoc);
    guard.protect(portOf(apidoc));

    // Lines of the log gather before they are written; people should read of the start in its order.
    await logger.drain();
    for (const line of welcome(config, { api, worker, apidoc })) process.stdout.write(`${line}\n`);
    return { address: api.address, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The one it was given, where it was to take any. */
function portOf({ address }: RunningApp): number {
  return Number(new URL(address).port);
}
