import { formatTimestamp } from '#core';
import type { Clock } from '#core';
import { jsonLayout, plainLayout, textLayout } from './layout.js';
import { maskBody } from './mask/mask-body.js';
import { maskText } from './mask/mask-text.js';
import { dateAndTime, formatLatency, LOG_LEVELS, toLogRecord } from './record.js';
import type { Entry, LogLevel, RecordFields } from './record.js';
import { openStandardOutput } from './standard-output.js';
import type { LineOutput } from './standard-output.js';

export interface LoggerOptions {
  readonly clock: Clock;
  /** Who speaks, e.g. `api.callboard`. */
  readonly service: string;
  /** GLOGS_LOG_TYPE. */
  readonly layout: 'text' | 'json';
  /** GLOGS_LEVEL: less severe ones are left out. */
  readonly level: LogLevel;
  /** GLOGS_WRITE_STDOUT. */
  readonly writeStdout: boolean;
  /** GLOGS_BODY_MAX_BYTES. */
  readonly bodyMaxBytes: number;
  /** Where lines go instead of standard output. */
  readonly output?: LineOutput | undefined;
}

/** What a record can tell beside its message. Secrets in it are masked. */
export interface LogDetails {
  readonly traceId?: string | undefined;
  readonly handler?: string | undefined;
  /** Epoch milliseconds; with `endedAt` they give the latency. */
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  /** The message that was received, as text or parsed. */
  readonly queueMessage?: unknown;
  readonly status?: number | undefined;
  /** What was thrown; its stack goes to `other_data`. */
  readonly error?: unknown;
  readonly otherData?: Readonly<Record<string, unknown>> | undefined;
}

/** What loggers of one process share. */
interface Sinks {
  readonly output: LineOutput | undefined;
  /** Takes records as JSON text. */
  keep: ((record: string) => void) | undefined;
}

/**
 * Writes records in the two layouts of the contract, and hands them to the store of logs. Nothing here waits or
 * throws: a line is formatted and handed over.
 */
export class Logger {
  private constructor(
    private readonly options: LoggerOptions,
    private readonly sinks: Sinks,
    private readonly handler?: string,
  ) {}

  static create(options: LoggerOptions): Logger {
    const output = options.writeStdout ? (options.output ?? openStandardOutput()) : undefined;
    return new Logger(options, { output, keep: undefined });
  }

  get bodyMaxBytes(): number {
    return this.options.bodyMaxBytes;
  }

  /** A logger that speaks for another service of the same process, or for one handler. */
  child({ service = this.options.service, handler = this.handler }: { service?: string; handler?: string }): Logger {
    return new Logger({ ...this.options, service }, this.sinks, handler);
  }

  /** From now on hands each record, of this logger and all its relatives, to `keep` as well, as JSON text. */
  keepWith(keep: (record: string) => void): void {
    this.sinks.keep = keep;
  }

  trace(message: string, details?: LogDetails): void {
    this.log('trace', message, details);
  }

  debug(message: string, details?: LogDetails): void {
    this.log('debug', message, details);
  }

  info(message: string, details?: LogDetails): void {
    this.log('info', message, details);
  }

  warn(message: string, details?: LogDetails): void {
    this.log('warn', message, details);
  }

  error(message: string, details?: LogDetails): void {
    this.log('error', message, details);
  }

  fatal(message: string, details?: LogDetails): void {
    this.log('fatal', message, details);
  }

  /** What a process says of itself (`Starting worker service on port 8081`): standard output only. */
  line(message: string): void {
    if (!this.wants('info')) return;
    const timestamp = formatTimestamp(this.options.clock.now());
    const fields = { '@timestamp': timestamp, data: dateAndTime(timestamp), service: this.options.service };
    const entry: Entry = { level: 'info', message, fields };
    this.sinks.output?.write(this.options.layout === 'json' ? jsonLayout(entry) : plainLayout(entry));
  }

  /** Whether a record of this level would go anywhere. */
  wants(level: LogLevel): boolean {
    if (this.sinks.output === undefined && this.sinks.keep === undefined) return false;
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.options.level);
  }

  /** Writes a finished record: one whose secrets are masked already. */
  write(entry: Entry): void {
    if (!this.wants(entry.level)) return;
    this.sinks.output?.write(this.options.layout === 'json' ? jsonLayout(entry) : textLayout(entry));
    this.sinks.keep?.(toLogRecord(entry));
  }

  /**
   * Resolves when all that was said up to now is written, in its order. A reader of the output that does not read
   * holds it up for two seconds at most.
   */
  async drain(): Promise<void> {
    const { output } = this.sinks;
    if (output === undefined) return;
    const given = new AbortController();
    await Promise.race([output.drain(), this.options.clock.sleep(DRAIN_MS, given.signal)]);
    given.abort();
  }

  private log(level: LogLevel, message: string, details: LogDetails = {}): void {
    if (!this.wants(level)) return;
    const { startedAt, endedAt, error } = details;
    const other = error === undefined ? details.otherData : { ...details.otherData, error: describeError(error) };
    const timestamp = formatTimestamp(this.options.clock.now());
    const fields: RecordFields = {
      '@timestamp': timestamp,
      data: dateAndTime(timestamp),
      'X-TRACE-ID': details.traceId,
      service: this.options.service,
      handler: details.handler ?? this.handler,
      time_start: startedAt === undefined ? undefined : formatTimestamp(startedAt),
      time_end: endedAt === undefined ? undefined : formatTimestamp(endedAt),
      latency: startedAt === undefined || endedAt === undefined ? undefined : formatLatency(endedAt - startedAt),
      queue_msg_body: maskBody(details.queueMessage, this.options.bodyMaxBytes),
      other_data: maskBody(other, OTHER_DATA_MAX_BYTES),
      status: details.status,
    };
    this.write({ level, message: maskText(message), fields });
  }
}

const DRAIN_MS = 2_000;
const OTHER_DATA_MAX_BYTES = 16 * 1024;

/** A thrown value as data: its lines kept apart, so that no single text is long enough to be cut. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = '', cause } = error;
  return {
    name,
    code: 'code' in error ? error.code : undefined,
    message,
    stack: stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
    cause: cause === undefined ? undefined : describeError(cause),
  };
}
