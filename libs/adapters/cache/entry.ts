import type { Response } from '#core';

/** Raised when the layout changes; entries of another version are not read. */
const VERSION = 1;
const PREAMBLE_BYTES = 5;

interface Head {
  readonly status: number;
  readonly headers: Response['headers'];
  /** Where the body lies and how long it is, when it is not in the entry. */
  readonly blob?: { readonly name: string; readonly bytes: number };
}

/**
 * An answer as one piece of bytes: a version byte, the length of the head (4 bytes, big-endian), the head as JSON, and
 * the body as it is.
 */
export function encodeEntry({ status, headers, body }: Response): Buffer {
  const inline = 'inline' in body ? body.inline : Buffer.alloc(0);
  const head: Head =
    'blob' in body ? { status, headers, blob: { name: body.blob, bytes: body.bytes } } : { status, headers };
  const headBytes = Buffer.from(JSON.stringify(head));
  const preamble = Buffer.allocUnsafe(PREAMBLE_BYTES);
  preamble.writeUInt8(VERSION, 0);
  preamble.writeUInt32BE(headBytes.length, 1);
  return Buffer.concat([preamble, headBytes, inline]);
}

/** Reads what `encodeEntry` wrote; its body shares the entry's memory. @throws Error for anything else. */
export function decodeEntry(entry: Buffer): Response {
  if (entry.length < PREAMBLE_BYTES || entry.readUInt8(0) !== VERSION) {
    throw new Error(`Expected a cache entry of version ${VERSION}, got ${entry.length} bytes of something else.`);
  }
  const bodyStart = PREAMBLE_BYTES + entry.readUInt32BE(1);
  const head = JSON.parse(entry.toString('utf8', PREAMBLE_BYTES, bodyStart)) as Head;
  const { status, headers, blob } = head;
  if (blob) return { status, headers, body: { blob: blob.name, bytes: blob.bytes } };
  const inline = entry.subarray(bodyStart);
  return { status, headers, body: { inline, bytes: inline.length } };
}
