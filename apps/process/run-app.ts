import { openAdapters, SystemClock } from '#adapters';
import type { Adapters } from '#adapters';
import { ConfigError, describeConfig, readConfig } from '#config';
import type { Config, Role } from '#config';
import { AppError, messageOf, Supervisor } from '#core';
import type { Clock } from '#core';
import { lines, Logger, LogWriter } from '#observability';
import type { Tracing } from '#observability';
import type { RunningApp } from '../http/http-server.js';
import { startTracing } from './start-tracing.js';

/** How long the log may take to be kept, and traces to be sent, when the process stops. */
const LAST_WORDS_MS = 2_000;
/** How long what should have ended with the application may take to do so, in milliseconds. */
const STRAGGLERS_MS = 3_000;

/** What every application is started with. */
export interface AppContext {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Unset: nothing is traced. */
  readonly tracing: Tracing | undefined;
}

/** What an application with backends is started with. */
export interface BackedContext extends AppContext {
  readonly adapters: Adapters;
}

/**
 * Runs one process of Callboard from its environment to its end: reads the configuration, starts the application, and
 * closes it on SIGINT or SIGTERM. What keeps it from starting is one sentence and exit 1.
 */
export async function runApp(role: Role, start: (context: AppContext) => Promise<RunningApp>): Promise<void> {
  try {
    await run(readConfig(role), start);
  } catch (error) {
    complain(error);
    process.exitCode = 1;
  }
}

/** Puts backends under an application: they are opened before it and closed after it, the log last of all. */
export function onBackends(start: (context: BackedContext) => Promise<RunningApp>) {
  return async (context: AppContext): Promise<RunningApp> => {
    const { config, logger, clock } = context;
    const adapters = await openAdapters(config, {
      clock,
      print: (line) => logger.line(line),
      warn: (sentence) => logger.warn(sentence),
      onConnected: (server, address) => logger.line(lines.connected(server, address)),
      onFault: (backend, error) => logger.warn(`${backend}: ${messageOf(error)}`),
      // Whatever was accepted is on disk, and the next start goes on with it.
      onLost: (error) => {
        complain(error);
        process.exit(1);
      },
    });
    const logKeeping = keepLogs(config, logger, adapters);
    const closeBackends = async () => {
      await logKeeping.stop();
      await adapters.close();
    };
    try {
      const app = await start({ ...context, adapters });
      const close = async () => {
        await app.close();
        await closeBackends();
      };
      return { address: app.address, close };
    } catch (error) {
      await closeBackends();
      throw error;
    }
  };
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
  try {
    for (const line of describeConfig(config)) logger.line(line);
    for (const warning of config.warnings) logger.warn(warning);
    const tracing = await startTracing(config, clock, (sentence) => logger.warn(sentence));
    const app = await start({ config, logger, clock, tracing });
    await stopOrder();
    logger.line('Stopping ...');
    await app.close();
    await tracing?.close(Math.min(LAST_WORDS_MS, config.shutdownSeconds * 1_000));
    logger.line('Stopped.');
  } finally {
    await logger.drain();
    // What is closed needs no tearing down, and native modules have been seen to take for ever over it.
    process.once('beforeExit', () => process.exit());
    // Whatever is still open by then is a fault of ours, and no reason to stay.
    setTimeout(() => {
      complain(`Ended with these still open: ${process.getActiveResourcesInfo().join(', ')}.`);
      process.exit();
    }, STRAGGLERS_MS).unref();
  }
}

/** The log is kept to the last: its writer has a supervisor of its own. */
function keepLogs(config: Config, logger: Logger, adapters: Adapters): Supervisor {
  const supervisor = new Supervisor({ clock: adapters.clock });
  if (!config.glogsInsertMongodb) return supervisor;
  const writer = new LogWriter({
    clock: adapters.clock,
    store: adapters.logs,
    bufferRecords: config.glogsBufferRecords,
    deadlineMs: LAST_WORDS_MS,
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
