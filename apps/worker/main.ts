import 'reflect-metadata';
import { lines } from '#observability';
import { edge, requestLog, workerListener } from '../process/listeners.js';
import { onBackends, runApp } from '../process/run-app.js';
import { startWorker } from './start.js';

await runApp(
  'worker',
  onBackends(async (context) => {
    const { config, logger, adapters, tracing } = context;
    logger.line(lines.starting('worker', config.workerPort));
    const log = requestLog(context, 'worker.callboard');
    const listener = workerListener(config, adapters, logger);
    const tracer = tracing?.tracer('worker.callboard');
    const app = await startWorker({ config, adapters, edge: edge(context), log, listener, tracer });
    logger.line(lines.workers(config.workerConcurrency));
    return app;
  }),
);
