import { Permanent } from '#core';
import { isBytes, isGiven, isRecord } from './value.js';

/** A file as it stands in a body: `{"$file": {"base64" | "blob": …, "filename"?, "content_type"?}}`, or bare bytes. */
export interface FileValue {
  readonly bytes: Buffer;
  readonly filename?: string | undefined;
  readonly contentType?: string | undefined;
}

/**
 * Reads a value that stands for a file; undefined when it is something else. A file that is named by its blob must
 * have been replaced by its bytes before.
 * @throws Permanent when it is meant as a file and cannot be read as one.
 */
export function fileOf(value: unknown, place: string): FileValue | undefined {
  if (isBytes(value)) return { bytes: bufferOf(value) };
  if (!isRecord(value) || !Object.hasOwn(value, '$file')) return undefined;
  const file = value.$file;
  if (!isRecord(file)) throw malformed(place, 'an object in "$file"');
  const { base64, filename, content_type: contentType } = file;
  const ways = ['base64', 'blob'].filter((way) => isGiven(file[way]));
  if (ways.length !== 1) {
    throw malformed(place, `either "base64" or "blob" in "$file", and got ${ways.length === 0 ? 'neither' : 'both'}`);
  }
  if (ways[0] === 'blob') throw malformed(place, 'the name of an uploaded blob in "$file.blob"');
  const bytes = isBytes(base64) ? bufferOf(base64) : typeof base64 === 'string' ? tryBase64(base64) : undefined;
  if (!bytes) throw malformed(place, 'base64 text in "$file.base64"');
  return {
    bytes,
    filename: typeof filename === 'string' ? filename : undefined,
    contentType: typeof contentType === 'string' ? contentType : undefined,
  };
}

/**
 * Bytes from base64 text (either alphabet, padding optional, line breaks ignored).
 * @throws Permanent when it is not base64.
 */
export function bytesFromBase64(text: string, place: string): Buffer {
  const bytes = tryBase64(text);
  if (!bytes) throw malformed(place, 'base64 text');
  return bytes;
}

/** The same, or undefined when it is not base64. */
export function tryBase64(text: string): Buffer | undefined {
  const data = text.startsWith('data:') ? text.slice(text.indexOf(',') + 1) : text;
  const compact = /[\s]/.test(data) ? data.replace(/\s+/g, '') : data;
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact) || compact.replace(/=+$/, '').length % 4 === 1) return undefined;
  return Buffer.from(compact, 'base64');
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function malformed(place: string, expected: string): Permanent {
  return new Permanent('BODY_UNSUITABLE', `Expected ${place} to be ${expected}.`);
}

/** Whether a value as a whole is one file. */
export function fileAlone(value: unknown): boolean {
  return isBytes(value) || (isRecord(value) && Object.hasOwn(value, '$file'));
}
