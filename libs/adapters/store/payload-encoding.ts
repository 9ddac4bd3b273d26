import type { Payload } from '#core';

/** A payload beside its bytes: how long it is and, for a large one, where it lies. */
export interface PayloadRef {
  readonly bytes: number;
  readonly blob?: string;
}

/** A payload in two parts: the reference (kept as JSON) and the bytes, null when they are a blob. */
export function splitPayload(payload: Payload): { ref: PayloadRef; content: Buffer | null } {
  return 'blob' in payload
    ? { ref: { bytes: payload.bytes, blob: payload.blob }, content: null }
    : { ref: { bytes: payload.bytes }, content: payload.inline };
}

/**
 * The payload of its two parts. `content` is looked at only where the reference names no blob.
 * @throws Error when it is null there.
 */
export function joinPayload(ref: PayloadRef, content: Buffer | null): Payload {
  if (ref.blob !== undefined) return { blob: ref.blob, bytes: ref.bytes };
  if (content === null) throw new Error(`Expected ${ref.bytes} bytes beside their reference, got none.`);
  return { inline: content, bytes: ref.bytes };
}

/**
 * JSON text of a value, or null where there is none. What users choose (header names, texts) is kept this way
 * everywhere: some database or other objects to dots, dollars, NUL or half of a surrogate pair, JSON escapes them all.
 */
export function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** What `toJson` was given; undefined for null. */
export function fromJson(text: string | null | undefined): unknown {
  return typeof text === 'string' ? JSON.parse(text) : undefined;
}
