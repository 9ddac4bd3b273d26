import 'reflect-metadata';
import { clientAddressOf, lines } from '#observability';
import { edge, requestLog, unforeseen } from '../process/listeners.js';
import { runApp } from '../process/run-app.js';
import { startApidoc } from './start.js';

await runApp('apidoc', async (context) => {
  const { config, logger } = context;
  const own = edge(context);
  logger.line(lines.starting('apidoc', config.apidocPort));
  const app = await startApidoc({
    host: config.host,
    port: config.apidocPort,
    apiUrl: config.apiUrl,
    apiTls: config.isApiHere ? own.tls : undefined,
    callerAddress: clientAddressOf(config),
    edge: own,
    graceMs: config.shutdownSeconds * 1_000,
    metricsToken: config.metricsToken,
    log: requestLog(context, 'apidoc.callboard'),
    onUnforeseen: unforeseen(logger),
  });
  logger.line(`The API docs are at ${app.address}/v1/apidoc/swagger`);
  return app;
});
