import 'reflect-metadata';
import { lines } from '#observability';
import { edge, requestLog, unforeseen } from '../process/listeners.js';
import { onBackends, runApp } from '../process/run-app.js';
import { startApi } from './start.js';

await runApp(
  'api',
  onBackends(async (context) => {
    const { config, logger, adapters, tracing } = context;
    logger.line(lines.starting('api', config.apiPort));
    const log = requestLog(context, 'api.callboard');
    const tracer = tracing?.tracer('api.callboard');
    const app = await startApi({
      config,
      adapters,
      edge: edge(context),
      log,
      onUnforeseen: unforeseen(logger),
      tracer,
    });
    logger.line(`The API listens on ${app.address}/v1/api`);
    return app;
  }),
);
