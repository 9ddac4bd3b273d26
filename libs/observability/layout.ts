import { pino } from 'pino';
import type { Logger } from 'pino';
import { LoggedBody } from './mask/mask-body.js';
import { LoggedHeaders } from './mask/mask-headers.js';
import type { Entry, LogLevel, RecordFields } from './record.js';

/** pino lays out the JSON; it writes within the call, so that the line is there when the call returns. */
const json: { line: string; readonly logger: Logger } = {
  line: '',
  logger: pino(
    {
      level: 'trace',
      base: null,
      timestamp: false,
      messageKey: 'message',
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => void (json.line = line) },
  ),
};

/** One record as one line, its line end included. */
export type Layout = (entry: Entry) => string;

const CODES: Readonly<Record<LogLevel, string>> = {
  trace: 'TRC',
  debug: 'DBG',
  info: 'INF',
  warn: 'WRN',
  error: 'ERR',
  fatal: 'FTL',
};

/** By code unit, so that `@timestamp` and `X-TRACE-ID` come before the lower-case keys. */
const TEXT_KEYS = [
  '@timestamp',
  'X-TRACE-ID',
  'agent',
  'content_length',
  'data',
  'handler',
  'host',
  'latency',
  'method',
  'other_data',
  'queue_msg_body',
  'remote_ip',
  'req_body',
  'req_headers',
  'resp_headers',
  'service',
  'status',
  'time_end',
  'time_start',
  'url',
] as const satisfies readonly (keyof RecordFields)[];
const TEXT_FIELDS = TEXT_KEYS.map((key) => ({ key, prefix: ` ${key}=` }));

/** What a terminal would act on, or what could pass for a line end or turn the reading direction. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const UNPRINTABLES = new RegExp(UNPRINTABLE, 'gu');
/** Most lines hold nothing else, and are told so at a fraction of the cost. */
const PLAIN = /^[ -~]*$/;
/** Values with none of these stand without quotes. */
const NEEDS_QUOTES = /[^!#-[\]-~]/;

/** `6:14PM ERR <message> @timestamp=… X-TRACE-ID=… agent=… …`: for people; times in UTC. */
export const textLayout: Layout = ({ level, message, fields }) => {
  let line = `${kitchenTime(fields['@timestamp'])} ${CODES[level]}`;
  if (message !== '') line += ` ${message}`;
  for (const { key, prefix } of TEXT_FIELDS) {
    const value = fields[key];
    if (value !== undefined) line += prefix + textValue(value);
  }
  return `${printable(line)}\n`;
};

/**
 * `{"level":…,"@timestamp":…,…,"message":…}`: for machines. The body of a request and other data are embedded where
 * they are JSON, a message of the queue is always a text: what the contract's table and sample say.
 */
export const jsonLayout: Layout = ({ level, message, fields }) => {
  const { queue_msg_body: queueBody } = fields;
  json.logger[level](queueBody ? { ...fields, queue_msg_body: queueBody.text } : fields, message);
  return json.line;
};

/** `2023/01/01 12:00:00 <message>`: what a process says of itself, in the text layout. */
export const plainLayout: Layout = ({ message, fields }) => {
  return `${fields.data.replaceAll('-', '/')} ${printable(message)}\n`;
};

function textValue(value: NonNullable<RecordFields[keyof RecordFields]>): string {
  if (typeof value === 'string') return NEEDS_QUOTES.test(value) || value === '' ? JSON.stringify(value) : value;
  if (value instanceof LoggedHeaders) return value.text;
  if (value instanceof LoggedBody) return value.isJson ? value.text : JSON.stringify(value.text);
  return JSON.stringify(value);
}

/** The time of day as `6:14PM`. */
function kitchenTime(timestamp: string): string {
  const hour = Number(timestamp.slice(11, 13));
  return `${hour % 12 === 0 ? 12 : hour % 12}${timestamp.slice(13, 16)}${hour < 12 ? 'AM' : 'PM'}`;
}

function printable(line: string): string {
  return !PLAIN.test(line) && UNPRINTABLE.test(line) ? line.replace(UNPRINTABLES, escape) : line;
}

function escape(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
