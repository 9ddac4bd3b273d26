import { Duplex } from 'node:stream';
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { unzstd, unzstdWhole } from './zstd/zstd.js';

/** What is asked for: the codings that can be undone here. */
export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd';

const KNOWN = new Set(['gzip', 'deflate', 'br', 'zstd']);

/**
 * The codings to undo, last applied first; undefined when one of them is unknown, so that the answer stays as it came.
 * https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 */
export function codingsOf(contentEncoding: string): string[] | undefined {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim().replace(/^x-/, ''))
    .filter((coding) => coding !== '' && coding !== 'identity');
  // Nobody nests these; a long list is an attempt to make a little data very large.
  if (codings.length > 3) return undefined;
  return codings.every((coding) => KNOWN.has(coding)) ? codings.reverse() : undefined;
}

/**
 * Undoes codings of a small whole at once: with `limit` in the tens of kilobytes this takes less time than a thread
 * of the pool needs to start.
 * @returns undefined when the result would be longer than `limit` bytes.
 * @throws what zlib throws, or a RangeError, when the bytes are not of that coding.
 */
export function decodeWhole(codings: readonly string[], bytes: Buffer, limit: number): Buffer | undefined {
  const options = { maxOutputLength: Math.max(1, limit) };
  try {
    return codings.reduce<Buffer | undefined>((input, coding) => {
      if (input === undefined) return undefined;
      if (coding === 'gzip') return gunzipSync(input, options);
      if (coding === 'br') return brotliDecompressSync(input, options);
      if (coding === 'zstd') return unzstdWhole(input, limit);
      return hasZlibHeader(input) ? inflateSync(input, options) : inflateRawSync(input, options);
    }, bytes);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}

/** A stream that undoes one coding. `first` is the start of what will be written to it. */
export function decoder(coding: string, first: Buffer | undefined): Duplex {
  if (coding === 'gzip') return createGunzip();
  if (coding === 'br') return createBrotliDecompress();
  if (coding === 'zstd') return Duplex.from(unzstd);
  return first === undefined || hasZlibHeader(first) ? createInflate() : createInflateRaw();
}

/** `deflate` means zlib's format, but some services send the bare one. */
function hasZlibHeader(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8;
}
