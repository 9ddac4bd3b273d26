import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { formatTimestamp, isContentsName, isPlainName, MASK } from '#core';
import { maskBody } from './mask/mask-body.js';
import type { LoggedBody } from './mask/mask-body.js';
import { maskHeaders } from './mask/mask-headers.js';
import { maskQuery } from './mask/mask-query.js';
import { maskText } from './mask/mask-text.js';
import { dateAndTime, formatLatency } from './record.js';
import type { Entry, LogLevel } from './record.js';
import { splitTarget } from './request-target.js';

/** Fields of bodies that say what was meant, and hold no secret. */
const IDENTIFYING = new Set(['service', 'method', 'endpoint', 'name']);
/** The field of a batch that holds its parts, each like a body of its own. */
const PARTS = 'processes';
const LONGEST_URL = 2048;
const LONGEST_NAME = 512;
const OTHER_DATA_MAX_BYTES = 16 * 1024;

/** One HTTP exchange as it was, secrets and all. */
export interface Exchange {
  readonly traceId: string;
  readonly service: string;
  readonly handler: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Measured by a steady clock, in milliseconds; without it the difference of the two above. */
  readonly latencyMs?: number | undefined;
  readonly method: string;
  /** The target of the request as it came. */
  readonly url: string;
  readonly requestHeaders: IncomingHttpHeaders;
  readonly responseHeaders: OutgoingHttpHeaders;
  readonly remoteIp: string;
  /** Parsed, text or bytes; streams are not logged. */
  readonly body?: unknown;
  readonly status: number;
  /** Whether it, or a part of it, was refused as malformed; unless given, whether its status is 400. */
  readonly isMalformed?: boolean | undefined;
  /** The project that it acted in, unless that is the default one. */
  readonly project?: string | undefined;
  /** What went wrong, if anything did. */
  readonly message?: string | undefined;
  readonly otherData?: Readonly<Record<string, unknown>> | undefined;
}

/** The severity of a status: refusals and failures are errors. */
export function levelOf(status: number): LogLevel {
  return status >= 400 ? 'error' : 'info';
}

/**
 * The record of one HTTP exchange by the log table of the contract, secrets masked, bodies capped.
 * @param bodyMaxBytes how much of the request's body is kept, in bytes.
 */
export function requestRecord(exchange: Exchange, bodyMaxBytes: number): Entry {
  const { requestHeaders, startedAt, endedAt, status } = exchange;
  const ended = formatTimestamp(endedAt);
  const { path, query } = splitTarget(exchange.url);
  const isMalformed = exchange.isMalformed ?? status === 400;
  return {
    level: levelOf(status),
    message: maskText(exchange.message ?? STATUS_CODES[status] ?? ''),
    fields: {
      // No spread: an object this wide would be ten times as slow to make.
      '@timestamp': ended,
      data: dateAndTime(ended),
      'X-TRACE-ID': exchange.traceId,
      service: exchange.service,
      project: exchange.project,
      handler: exchange.handler,
      time_start: formatTimestamp(startedAt),
      time_end: ended,
      latency: formatLatency(exchange.latencyMs ?? endedAt - startedAt),
      url: capped(path, LONGEST_URL),
      req_headers: maskHeaders(requestHeaders),
      resp_headers: maskHeaders(exchange.responseHeaders),
      content_length: Number(requestHeaders['content-length'] ?? 0),
      method: exchange.method,
      host: capped(requestHeaders.host ?? '', LONGEST_NAME),
      agent: capped(requestHeaders['user-agent'] ?? '', LONGEST_NAME),
      remote_ip: exchange.remoteIp,
      req_body: maskBody(toldOf(exchange.body, isMalformed), bodyMaxBytes),
      other_data: otherData(exchange.otherData, maskQuery(query, isMalformed)),
      status,
    },
  };
}

/**
 * What has no names may be anything, and no endpoint takes it. Of what was refused as malformed nothing says what its fields are:
 * a call's parameters may stand under a name that is misspelled.
 */
function toldOf(body: unknown, isMalformed: boolean): unknown {
  if (body === undefined) return undefined;
  if (typeof body !== 'object' || Array.isArray(body)) return MASK;
  if (!isMalformed || body === null || Object.getPrototypeOf(body) !== Object.prototype) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]: [string, unknown]) => {
      if (name === PARTS && Array.isArray(value)) return [name, value.map((part) => toldOf(part ?? MASK, true))];
      return [isPlainName(name) ? name : MASK, IDENTIFYING.has(name) || isContentsName(name) ? value : MASK];
    }),
  );
}

/** The query is not part of `url` in the contract, and too good to lose. */
function otherData(given: Exchange['otherData'], query: string): LoggedBody | undefined {
  return maskBody(query === '' ? given : { query, ...given }, OTHER_DATA_MAX_BYTES);
}

function capped(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
