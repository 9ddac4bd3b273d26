import 'reflect-metadata';
import { lines } from '#observability';
import { requestLog, unforeseen } from '../process/listeners.js';
import { runApp } from '../process/run-app.js';
import { startApidoc } from './start.js';

await runApp('apidoc', async (context) => {
  const { config, logger } = context;
  logger.line(lines.starting('apidoc', config.apidocPort));
  const app = await startApidoc({
    host: config.host,
    port: config.apidocPort,
    apiUrl: config.apiUrl,
    graceMs: config.shutdownSeconds * 1_000,
    metricsToken: config.metricsToken,
    log: requestLog(context, 'apidoc.callboard'),
    onUnforeseen: unforeseen(logger),
  });
  logger.line(`The API docs are at ${app.address}/v1/apidoc/swagger`);
  return app;
});
