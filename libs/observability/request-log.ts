import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newTraceId } from '#core';
import type { Clock } from '#core';
import type { Logger } from './logger.js';
import { clientAddressOf } from './client-address.js';
import type { ClientAddress, ForwardedBy } from './client-address.js';
import { levelOf, requestRecord } from './request-record.js';

/** Web servers' usual word for a caller that left before the answer; it is never sent. */
const CALLER_LEFT = 499;
const EXCHANGE = Symbol('exchange');
const LONGEST_ERROR_BODY = 16 * 1024;

export interface RequestLogOptions extends ForwardedBy {
  /** Speaks for this server's service. */
  readonly logger: Logger;
  /** e.g. `api.callboard`. */
  readonly service: string;
  readonly clock: Clock;
}

/** What a handler, guard or error filter can add to the record of its request. */
export interface RequestNote {
  /** The signature or name of the function that handled it; without one, the route. */
  readonly handler?: string;
  /** The project that it acts in, unless that is the default one. */
  readonly project?: string;
  /** What went wrong, instead of the `message` of the error that was answered. */
  readonly message?: string;
  /** A part of its body was refused as malformed, and the rest was not. */
  readonly isMalformed?: boolean;
  readonly otherData?: Readonly<Record<string, unknown>>;
}

interface OpenExchange {
  readonly traceId: string;
  readonly startedAt: number;
  readonly startedMark: number;
  /** Kept from the start: a request whose body was passed on as a stream has lost its socket at the end. */
  readonly peer: string | undefined;
  request?: FastifyRequest;
  note?: RequestNote;
  message?: string;
}

type Marked = IncomingMessage & { [EXCHANGE]?: OpenExchange };

/**
 * Gives each answer of a server an `X-Trace-Id` of its own (one that a caller sends is not believed) and logs each
 * exchange when it is over, also those that no route or hook sees. Call it before the server listens.
 */
export function registerRequestLog(fastify: FastifyInstance, options: RequestLogOptions): void {
  const log = new RequestLog(options);
  // Before Fastify's own listener, which answers malformed addresses and requests while closing without any hook.
  fastify.server.prependListener('request', (request: Marked, response) => void log.open(request, response));
  fastify.addHook('onRequest', (request, reply, done) => {
    log.open(request.raw, reply.raw).request = request;
    done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode >= 400 && typeof payload === 'string') noteErrorBody(request.raw, payload);
    done();
  });
}

/** The trace id that the answer to this request carries. */
export function traceIdOf(request: FastifyRequest): string | undefined {
  return (request.raw as Marked)[EXCHANGE]?.traceId;
}

/** Adds to the record of a request; later notes win. */
export function noteOnRequest(request: FastifyRequest, note: RequestNote): void {
  const exchange = (request.raw as Marked)[EXCHANGE];
  if (exchange) exchange.note = { ...exchange.note, ...note };
}

class RequestLog {
  private readonly clientAddress: ClientAddress;

  constructor(private readonly options: RequestLogOptions) {
    this.clientAddress = clientAddressOf(options);
  }

  /** Safe to call twice for one request. */
  open(request: Marked, response: ServerResponse): OpenExchange {
    const known = request[EXCHANGE];
    if (known) return known;
    const exchange: OpenExchange = {
      traceId: newTraceId(),
      startedAt: this.options.clock.now(),
      startedMark: performance.now(),
      peer: request.socket.remoteAddress,
    };
    request[EXCHANGE] = exchange;
    response.setHeader('X-Trace-Id', exchange.traceId);
    // Comes after the answer's last byte as well as when the caller has left.
    response.once('close', () => this.close(exchange, request, response));
    return exchange;
  }

  private close(exchange: OpenExchange, request: IncomingMessage, response: ServerResponse): void {
    const { logger, service, clock } = this.options;
    const status = response.headersSent ? response.statusCode : CALLER_LEFT;
    if (!logger.wants(levelOf(status))) return;
    const { note } = exchange;
    const url = exchange.request?.originalUrl ?? request.url ?? '';
    const method = request.method ?? '';
    const record = {
      traceId: exchange.traceId,
      service,
      handler: note?.handler ?? routeOf(exchange.request, method),
      startedAt: exchange.startedAt,
      endedAt: clock.now(),
      latencyMs: performance.now() - exchange.startedMark,
      method,
      url,
      requestHeaders: request.headers,
      responseHeaders: response.getHeaders(),
      remoteIp: this.clientAddress(exchange.peer, request.headers),
      body: exchange.request?.body,
      status,
      message: note?.message ?? exchange.message ?? unfinished(response),
      isMalformed: note?.isMalformed,
      project: note?.project,
      otherData: note?.otherData,
    };
    logger.write(requestRecord(record, logger.bodyMaxBytes));
  }
}

function routeOf(request: FastifyRequest | undefined, method: string): string {
  const route = request?.routeOptions.url;
  return route === undefined ? 'none' : `${method} ${route}`;
}

function unfinished(response: ServerResponse): string | undefined {
  return response.writableFinished ? undefined : 'The caller closed the connection before the answer was complete.';
}

/** The sentence of an error as it was answered: `{"error": true, "message": "…"}`. */
function noteErrorBody(request: Marked, payload: string): void {
  const exchange = request[EXCHANGE];
  if (!exchange || payload.length > LONGEST_ERROR_BODY || !payload.startsWith('{')) return;
  try {
    const { message } = JSON.parse(payload) as { message?: unknown };
    if (typeof message === 'string') exchange.message = message;
  } catch {
    // Some other text that starts with a brace: the status has to speak for it.
  }
}
