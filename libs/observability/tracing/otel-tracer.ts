import { createTraceState, ROOT_CONTEXT, SpanKind as OtelKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span as OtelSpan, SpanContext, Tracer as OtelApi } from '@opentelemetry/api';
import { Tracer } from '#core';
import type { Span, SpanAbout, SpanAttributes, SpanKind, TraceContext } from '#core';

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};
const SAMPLED = 0b01;
/** That the trace id is random: said by whoever made it, and true for all who use it. */
const RANDOM = 0b10;

/** Makes spans of OpenTelemetry. Parents are told, and never taken from what is under way around the call. */
export class OtelTracer extends Tracer {
  constructor(private readonly tracer: OtelApi) {
    super();
  }

  start(name: string, { kind, parent, attributes }: SpanAbout): Span {
    const from = parent && spanContextOf(parent);
    const context = from ? trace.setSpanContext(ROOT_CONTEXT, from) : ROOT_CONTEXT;
    const span = this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, context);
    return new TracedSpan(span, parent?.tracestate, (from?.traceFlags ?? 0) & RANDOM);
  }
}

class TracedSpan implements Span {
  readonly context: TraceContext;

  constructor(
    private readonly span: OtelSpan,
    tracestate: string | undefined,
    random: number,
  ) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    const traceparent = `00-${traceId}-${spanId}-0${((traceFlags & SAMPLED) | random).toString(16)}`;
    this.context = tracestate === undefined ? { traceparent } : { traceparent, tracestate };
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  end(error?: string): void {
    if (error !== undefined) {
      this.span.setAttribute('error.type', error);
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}

function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext {
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53), 16),
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
}
