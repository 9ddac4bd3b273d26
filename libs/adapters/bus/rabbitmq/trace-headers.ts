import type { ConsumeMessage } from 'amqplib';
import { readTraceContext } from '#core';
import type { TraceContext } from '#core';

/** A trace context as headers of a message, by the names that it has in HTTP. */
export function traceHeaders(context: TraceContext | undefined): Record<string, string> | undefined {
  if (!context) return undefined;
  const { traceparent, tracestate } = context;
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

/** The trace context that a message carries, if it is right; anybody may have sent it. */
export function sentTraceContext({ properties }: Pick<ConsumeMessage, 'properties'>): TraceContext | undefined {
  const { traceparent, tracestate } = (properties.headers ?? {}) as Record<string, unknown>;
  if (typeof traceparent !== 'string') return undefined;
  return readTraceContext(traceparent, typeof tracestate === 'string' ? tracestate : undefined);
}
