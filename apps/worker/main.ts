import 'reflect-metadata';
import { lines } from '#observability';
import { requestLog, workerListener } from '../process/listeners.js';
import { onBackends, runApp } from '../process/run-app.js';
import { startWorker } from './start.js';

await runApp(
  'worker',
  onBackends(async (context) => {
    const { config, logger, adapters } = context;
    logger.line(lines.starting('worker', config.workerPort));
    const log = requestLog(context, 'worker.callboard');
    const app = await startWorker({ config, adapters, log, listener: workerListener(config, adapters, logger) });
    logger.line(lines.workers(config.workerConcurrency));
    return app;
  }),
);
