import type { Payload } from '#core';
import type { Encryption, Place } from '#encryption';

/** A payload beside its bytes: how long it is and, for a large one, where it lies. */
export interface PayloadRef {
  readonly bytes: number;
  readonly blob?: string;
  /** Whether the bytes beside it are encrypted; an older release has stored them plain. */
  readonly sealed?: true;
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

/** The same with the bytes encrypted. */
export function sealPayload(
  encryption: Encryption,
  place: Place,
  field: string,
  payload: Payload,
): { ref: PayloadRef; content: Buffer | null } {
  const { ref, content } = splitPayload(payload);
  if (content === null) return { ref, content };
  return { ref: { ...ref, sealed: true }, content: encryption.encrypt(place, field, content) };
}

/** The payload that `sealPayload` took apart, or an older release. @throws as `joinPayload` and `Encryption.decrypt`. */
export function openPayload(
  encryption: Encryption,
  place: Place,
  field: string,
  ref: PayloadRef,
  content: Buffer | null,
): Payload {
  if (ref.blob !== undefined || content === null) return joinPayload(ref, content);
  if (!ref.sealed) encryption.plain(place, field);
  return joinPayload(ref, ref.sealed ? encryption.decrypt(place, field, content) : content);
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
