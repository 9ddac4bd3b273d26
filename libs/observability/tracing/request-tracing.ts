import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readTraceContext } from '#core';
import type { Span, TraceContext, Tracer } from '#core';
import { traceIdOf } from '../request-log.js';
import { splitTarget } from '../request-target.js';

const SPAN = Symbol('span');
/** Web servers' usual word for a caller that left before the answer. */
const CALLER_LEFT = '499';

type Marked = IncomingMessage & { [SPAN]?: Span };

/**
 * Traces the requests of a server, each as part of its caller's trace if it names one. Call it after
 * `registerRequestLog` and before the server listens.
 * @param untraced routes that nobody wants to see traces of, such as pings
 */
export function registerRequestTracing(fastify: FastifyInstance, tracer: Tracer, untraced: readonly string[]): void {
  const skipped = new Set(untraced);
  fastify.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url;
    if (route === undefined || !skipped.has(route)) {
      const span = tracer.start(route === undefined ? request.method : `${request.method} ${route}`, {
        kind: 'server',
        parent: sentContext(request),
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'url.scheme': request.protocol,
          // Without the query, which may hold secrets.
          'url.path': splitTarget(request.url).path,
          'callboard.request_id': traceIdOf(request),
        },
      });
      (request.raw as Marked)[SPAN] = span;
      // Comes after the answer's last byte as well as when the caller has left.
      reply.raw.once('close', () => {
        const { statusCode, headersSent } = reply.raw;
        if (headersSent) span.set({ 'http.response.status_code': statusCode });
        span.end(headersSent ? faultOf(statusCode) : CALLER_LEFT);
      });
    }
    done();
  });
}

/** Where what a request leads to stands: below its span if it is traced, else in the caller's trace, if any. */
export function traceContextOf(request: FastifyRequest): TraceContext | undefined {
  return (request.raw as Marked)[SPAN]?.context ?? sentContext(request);
}

/** What is wrong with a request is no fault of the server's. */
function faultOf(status: number): string | undefined {
  return status >= 500 ? String(status) : undefined;
}

function sentContext({ headers }: FastifyRequest): TraceContext | undefined {
  return headers.traceparent === undefined ? undefined : readTraceContext(headers.traceparent, headers.tracestate);
}
