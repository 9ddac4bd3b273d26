import { LoggedBody } from './mask/mask-body.js';
import { LoggedHeaders } from './mask/mask-headers.js';

/** From the least severe to the most. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The keys of the log table, in the order of the JSON layout. Secrets are masked before they get here. */
export interface RecordFields {
  readonly '@timestamp': string;
  readonly data: string;
  readonly 'X-TRACE-ID'?: string | undefined;
  readonly service: string;
  readonly project?: string | undefined;
  readonly handler?: string | undefined;
  readonly time_start?: string | undefined;
  readonly time_end?: string | undefined;
  readonly latency?: string | undefined;
  readonly url?: string | undefined;
  readonly req_headers?: LoggedHeaders | undefined;
  readonly resp_headers?: LoggedHeaders | undefined;
  readonly content_length?: number | undefined;
  readonly method?: string | undefined;
  readonly host?: string | undefined;
  readonly agent?: string | undefined;
  readonly remote_ip?: string | undefined;
  readonly req_body?: LoggedBody | undefined;
  readonly queue_msg_body?: LoggedBody | undefined;
  readonly other_data?: LoggedBody | undefined;
  readonly status?: number | undefined;
}

/** One record before it is laid out. */
export interface Entry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: RecordFields;
}

/** A timestamp as the `data` key has it: `2006-01-02 15:04:05`, in UTC. */
export function dateAndTime(timestamp: string): string {
  return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)}`;
}

/** A duration as `0.2 ms`; a clock that went back counts as none. */
export function formatLatency(ms: number): string {
  return `${Math.max(0, Math.round(ms * 10) / 10)} ms`;
}

/** The record as it is kept in a LogStore, as JSON text: bodies as text, `other_data` as an object. */
export function toLogRecord({ level, message, fields }: Entry): string {
  let record = `{"level":"${level}"`;
  for (const key in fields) {
    const value = fields[key as keyof RecordFields];
    if (value !== undefined) record += `,"${key}":${recordValue(key, value)}`;
  }
  return `${record},"message":${JSON.stringify(message)}}`;
}

function recordValue(key: string, value: NonNullable<RecordFields[keyof RecordFields]>): string {
  if (value instanceof LoggedHeaders) return value.text;
  if (value instanceof LoggedBody)
    return key === 'other_data' && value.isJson ? value.text : JSON.stringify(value.text);
  return JSON.stringify(value);
}
