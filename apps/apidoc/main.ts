import 'reflect-metadata';
import { once } from 'node:events';
import { SystemClock } from '#adapters';
import { describeConfig, readConfig } from '#config';
import type { Config } from '#config';
import { AppError } from '#core';
import { lines, Logger, registerRequestLog } from '#observability';
import { startApidoc } from './start.js';

const SERVICE = 'apidoc.callboard';

try {
  await run(readConfig('apidoc'));
} catch (error) {
  process.stderr.write(`${error instanceof AppError ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** From the start to SIGINT or SIGTERM; a second one ends the process at once. This app has no backends to open. */
async function run(config: Config): Promise<void> {
  const clock = new SystemClock();
  const logger = Logger.create({
    clock,
    service: SERVICE,
    layout: config.glogsLogType,
    level: config.glogsLevel,
    writeStdout: config.glogsWriteStdout,
    bodyMaxBytes: config.glogsBodyMaxBytes,
  });
  for (const line of describeConfig(config)) logger.line(line);
  for (const warning of config.warnings) logger.warn(warning);
  logger.line(lines.starting('apidoc', config.apidocPort));
  const { host, apidocPort: port, apiUrl, trustedProxies } = config;
  const app = await startApidoc({
    host,
    port,
    apiUrl,
    graceMs: config.shutdownSeconds * 1_000,
    log: (nest) =>
      registerRequestLog(nest.getHttpAdapter().getInstance(), { logger, service: SERVICE, clock, trustedProxies }),
    onUnforeseen: (error) => logger.error('An error that nobody foresaw', { error }),
  });
  logger.line(`The API docs are at ${app.address}/v1/apidoc/swagger`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  logger.line('Stopping ...');
  await app.close();
  logger.line('Stopped.');
  logger.flush();
}
