import { isCredentialName, MASK } from '#core';
import type { SchedulerProcess, SpanAttributes, TraceContext } from '#core';
import type { HttpRequest } from '#client-runtime';
import type { PreparedCall } from './prepare-call.js';

/**
 * The request with the headers of a trace, unless it has them by hand. Only what is sent has them: equal calls of
 * different traces are equal to the cache and to each other.
 */
export function withTraceContext(request: HttpRequest, context: TraceContext | undefined): HttpRequest {
  if (!context || hasHeader(request, 'traceparent')) return request;
  const { traceparent, tracestate } = context;
  const headers = [...request.headers, ['traceparent', traceparent] as const];
  if (tracestate !== undefined && !hasHeader(request, 'tracestate')) headers.push(['tracestate', tracestate]);
  return { ...request, headers };
}

/** What a span tells of a call: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span */
export function callAttributes(
  process: SchedulerProcess,
  { securitySchemes }: Pick<PreparedCall, 'securitySchemes'>,
  request: Pick<HttpRequest, 'url' | 'method'>,
): SpanAttributes {
  const url = new URL(request.url);
  const resends = process.calls?.length ?? 0;
  return {
    'http.request.method': request.method,
    'url.full': shownUrl(url, process, securitySchemes),
    'url.template': process.endpoint,
    'server.address': url.hostname.replace(/^\[|\]$/g, ''),
    'server.port': Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port),
    ...(resends > 0 && { 'http.request.resend_count': resends }),
    ...processAttributes(process),
  };
}

/** What each span of a process tells. */
export function processAttributes({
  traceId,
  service,
  attempt,
}: Pick<SchedulerProcess, 'traceId' | 'service' | 'attempt'>): SpanAttributes {
  return { 'callboard.trace_id': traceId, 'callboard.service': service, 'callboard.attempt': attempt };
}

/** Without user name, password and fragment, and without what may be a secret in path and query. */
function shownUrl(
  { origin, pathname, search }: URL,
  { urlParams, endpoint }: SchedulerProcess,
  schemes: PreparedCall['securitySchemes'],
): string {
  // Where in the path a value stands nobody can tell afterwards, so all of it goes.
  const path = Object.keys(urlParams ?? {}).some(isCredentialName) ? endpoint : pathname;
  if (search === '') return `${origin}${path}`;
  const keys = new Set(
    Object.values(schemes).flatMap((scheme) => (scheme.type === 'apiKey' && scheme.in === 'query' ? scheme.name : [])),
  );
  const pairs = search.slice(1).split('&');
  return `${origin}${path}?${pairs.map((pair) => shownPair(pair, keys)).join('&')}`;
}

/** A query that is one value, and so without a name, is like a body. */
function shownPair(pair: string, keys: ReadonlySet<string>): string {
  const end = pair.indexOf('=');
  if (end < 0) return MASK;
  const [name] = [...new URLSearchParams(pair).keys()];
  return name === undefined || keys.has(name) || isCredentialName(name) ? `${pair.slice(0, end)}=${MASK}` : pair;
}

function hasHeader({ headers }: Pick<HttpRequest, 'headers'>, lower: string): boolean {
  return headers.some(([name]) => name.length === lower.length && name.toLowerCase() === lower);
}
