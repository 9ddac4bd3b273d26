import { formatTimestamp } from '#core';
import type { DeadLetter } from '#core';

/** A dead letter as the REST contract shows it. */
export function deadLetterView(letter: DeadLetter) {
  const { traceId, kind, at, reason } = letter;
  const common = { trace_id: traceId, kind, timestamp: formatTimestamp(at), reason };
  if (letter.kind === 'message') {
    return { ...common, type: letter.type, payload: letter.excerpt, bytes: letter.bytes };
  }
  return { ...common, service: letter.service, spec_trace_id: letter.specTraceId, attempts: letter.attempts };
}
