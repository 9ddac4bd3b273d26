import type { Payload } from '#core';
import type { SqlValue } from './sqlite-database.js';

/** A payload beside its bytes: how long it is and, for a large one, where it lies. */
export interface PayloadRef {
  readonly bytes: number;
  readonly blob?: string;
}

/** A payload as two columns: the reference (kept in JSON) and the bytes, null when they are a blob. */
export function splitPayload(payload: Payload): { ref: PayloadRef; content: Buffer | null } {
  return 'blob' in payload
    ? { ref: { bytes: payload.bytes, blob: payload.blob }, content: null }
    : { ref: { bytes: payload.bytes }, content: payload.inline };
}

export function joinPayload(ref: PayloadRef, content: SqlValue | undefined): Payload {
  return ref.blob === undefined
    ? { inline: content as Buffer, bytes: ref.bytes }
    : { blob: ref.blob, bytes: ref.bytes };
}

/** JSON text of a value, or null where there is none. Also for plain text: JSON escapes the NUL that would cut it. */
export function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** What `toJson` was given; undefined for null. */
export function fromJson(text: SqlValue | undefined): unknown {
  return typeof text === 'string' ? JSON.parse(text) : undefined;
}
