import { openAdapters } from '#adapters';
import type { Adapters } from '#adapters';
import { ConfigError, describeConfig, readConfig } from '#config';
import type { Config, Role } from '#config';
import { AppError, messageOf, Supervisor } from '#core';
import { Logger, LogWriter } from '#observability';
import { SystemClock } from '#adapters';
import type { RunningApp } from '../http/http-server.js';

/** What an application is started with. */
export interface AppContext {
  readonly config: Config;
  readonly logger: Logger;
  readonly adapters: Adapters;
}

/**
 * Runs one process of Callboard from its environment to its end: reads the configuration, opens the backends, starts
 * the application, and closes all of it on SIGINT or SIGTERM. What keeps it from starting is one sentence and exit 1.
 */
export async function runApp(role: Role, start: (context: AppContext) => Promise<RunningApp>): Promise<void> {
  try {
    await run(readConfig(role), start);
  } catch (error) {
    complain(error);
    process.exitCode = 1;
  }
}

async function run(config: Config, start: (context: AppContext) => Promise<RunningApp>): Promise<void> {
  const clock = new SystemClock();
  const logger = Logger.create({
    clock,
    service: `${config.role}.callboard`,
    layout: config.glogsLogType,
    level: config.glogsLevel,
    writeStdout: config.glogsWriteStdout,
    bodyMaxBytes: config.glogsBodyMaxBytes,
  });
  const adapters = await openAdapters(config, {
    clock,
    print: (line) => logger.line(line),
    onFault: (backend, error) => logger.warn(`${backend}: ${messageOf(error)}`),
  });
  const logKeeping = keepLogs(config, logger, adapters);
  let app: RunningApp;
  try {
    for (const line of describeConfig(config)) logger.line(line);
    for (const warning of config.warnings) logger.warn(warning);
    app = await start({ config, logger, adapters });
  } catch (error) {
    await logKeeping.stop();
    await adapters.close();
    logger.flush();
    throw error;
  }
  await stopOrder();
  logger.line('Stopping ...');
  await app.close();
  await logKeeping.stop();
  await adapters.close();
  logger.line('Stopped.');
  logger.flush();
}

/** The log is kept to the last: its writer has a supervisor of its own. */
function keepLogs(config: Config, logger: Logger, adapters: Adapters): Supervisor {
  const supervisor = new Supervisor({ clock: adapters.clock });
  if (!config.glogsInsertMongodb) return supervisor;
  const writer = new LogWriter({
    clock: adapters.clock,
    store: adapters.logs,
    bufferRecords: config.glogsBufferRecords,
    deadlineMs: 2_000,
    report: (message) => logger.line(message),
  });
  logger.keepWith((record) => writer.push(record));
  supervisor.start(writer);
  return supervisor;
}

/** Resolves on the first order to stop; a second one ends the process at once. */
function stopOrder(): Promise<void> {
  return new Promise((resolve) => {
    let ordered = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (ordered) process.exit(130);
        ordered = true;
        resolve();
      });
    }
  });
}

function complain(error: unknown): void {
  if (error instanceof ConfigError) for (const fault of error.faults) write(fault);
  else if (error instanceof AppError) write(error.message);
  else write(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function write(line: string): void {
  process.stderr.write(`${line}\n`);
}
