import { MASK } from '#core';
import type { SchedulerProcess, SpanAttributes, TraceContext } from '#core';
import type { HttpRequest } from '#client-runtime';

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
  request: Pick<HttpRequest, 'url' | 'shownUrl' | 'method'>,
): SpanAttributes {
  const url = new URL(request.url);
  const resends = process.calls?.length ?? 0;
  return {
    'http.request.method': request.method,
    'url.full': shownUrl(url, request.shownUrl),
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

/** Without user name, password, fragment, and any value of a parameter: the names in the query are the document's. */
function shownUrl({ origin, pathname, search }: URL, shown = `${origin}${pathname}`): string {
  if (search === '') return shown;
  return `${shown}?${search.slice(1).split('&').map(shownPair).join('&')}`;
}

/** A query that is one value, and so without a name, is like a body. */
function shownPair(pair: string): string {
  const end = pair.indexOf('=');
  return end < 0 ? MASK : `${pair.slice(0, end)}=${MASK}`;
}

function hasHeader({ headers }: Pick<HttpRequest, 'headers'>, lower: string): boolean {
  return headers.some(([name]) => name.length === lower.length && name.toLowerCase() === lower);
}
