import { InvalidInput } from './errors.js';
import { describeShape } from './shape.js';
import { formatTimestamp } from './clock.js';
import type { TraceContext } from './trace-context.js';
import { isTraceId } from './trace-id.js';

/** What a message tells a worker to look at. Each type has one queue and exactly one handler. */
export const MESSAGE_TYPES = [
  'SPEC',
  'SPEC_UPDATE',
  'SPEC_CLIENT_GENERATED',
  'SCHEDULER_PROCESS',
  'SCHEDULER_PROCESS_RESPONSE',
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** A note on the bus. The database is the truth; a message only says "look". */
export interface Message {
  readonly traceId: string;
  /** When it was sent, in epoch milliseconds. */
  readonly timestamp: number;
  readonly type: MessageType;
  /** Small data of the type's own; nothing that the database does not know, but for a response on its way to it. */
  readonly data?: unknown;
  /** Where in a distributed trace its handling goes on. It travels beside the message, which does not hold it. */
  readonly traceContext?: TraceContext | undefined;
}

/** The message as JSON text: `{"trace_id", "timestamp", "type", "data"?}`. */
export function encodeMessage(message: Message): string {
  return JSON.stringify({
    trace_id: message.traceId,
    timestamp: formatTimestamp(message.timestamp),
    type: message.type,
    data: message.data,
  });
}

/**
 * Reads a message from JSON text.
 * @throws InvalidInput naming the field, what was expected and what came; such a message is a dead letter.
 */
export function decodeMessage(text: string): Message {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidInput('MESSAGE_NOT_JSON', `Expected a message in JSON, got ${describeShape(text)}.`, { cause });
  }
  if (typeof value !== 'object' || value === null) throw wrong('message', 'an object', value);
  const { trace_id: traceId, timestamp, type, data } = value as Record<string, unknown>;
  if (!isTraceId(traceId)) throw wrong('trace_id', '16 characters of [A-Za-z0-9]', traceId);
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
  if (Number.isNaN(time)) throw wrong('timestamp', 'a date and time', timestamp);
  if (!isMessageType(type)) throw wrong('type', `one of ${MESSAGE_TYPES.join(', ')}`, type);
  return data === undefined ? { traceId, timestamp: time, type } : { traceId, timestamp: time, type, data };
}

function isMessageType(value: unknown): value is MessageType {
  return (MESSAGE_TYPES as readonly unknown[]).includes(value);
}

function wrong(field: string, expected: string, got: unknown): InvalidInput {
  return new InvalidInput('MESSAGE_MALFORMED', `Expected ${field} to be ${expected}, got ${describeShape(got)}.`);
}
