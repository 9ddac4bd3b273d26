import type { Readable } from 'node:stream';

/** Bytes above this live in the BlobStore, not in a document, a message or a cache entry (64 KiB). */
export const INLINE_LIMIT_BYTES = 64 * 1024;

/**
 * Bytes of any size as a document holds them: small ones inline, large ones as the name of a blob.
 * `bytes` is the length in either case.
 */
export type Payload =
  { readonly inline: Buffer; readonly bytes: number } | { readonly blob: string; readonly bytes: number };

/** An inline payload, whatever its size: for callers that know it to be small. */
export function inlinePayload(content: Buffer | string): Payload {
  const inline = typeof content === 'string' ? Buffer.from(content) : content;
  return { inline, bytes: inline.length };
}

/** An opened payload. Read `stream` to its end or destroy it. */
export interface OpenPayload {
  readonly bytes: number;
  readonly stream: Readable;
}
