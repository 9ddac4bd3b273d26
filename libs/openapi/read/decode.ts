import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { Permanent } from '#core';
import { formatBytes, type DocumentLimits } from '../limits.js';
import type { Warnings } from '../warning.js';

/**
 * A document's bytes as text: UTF-8 (with or without a byte order mark), UTF-16 in either order, and gzip of these.
 * Bytes that are none of them are read as Windows-1252, with a warning.
 * @throws Permanent when there are none, too many (packed or unpacked), or when they are not text.
 */
export function decodeText(bytes: Uint8Array, limits: DocumentLimits, warnings: Warnings): string {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkSize(input.length, limits);
  let plain = input;
  // Some servers pack what was packed before.
  for (let layers = 0; layers < MOST_LAYERS && isGzip(plain); layers += 1) plain = unpack(plain, limits, warnings);
  if (plain.length === 0) throw new Permanent('SPEC_EMPTY', 'Expected an OpenAPI document, got 0 bytes.');
  const kind = foreignFormat(plain);
  if (kind !== null) throw new Permanent('SPEC_NOT_TEXT', `Expected an OpenAPI document in JSON or YAML, got ${kind}.`);
  const text = toText(plain, warnings).replace(/^\ufeff/, '');
  return text.endsWith('\0') ? withoutPadding(text, warnings) : text;
}

function withoutPadding(text: string, warnings: Warnings): string {
  warnings.add('encoding', '', 'Zero bytes at the end were left out.');
  let end = text.length;
  while (text[end - 1] === '\0') end -= 1;
  return text.slice(0, end);
}

const MOST_LAYERS = 2;

function checkSize(length: number, limits: DocumentLimits): void {
  if (length > limits.maxBytes) {
    const most = formatBytes(limits.maxBytes);
    throw new Permanent('SPEC_TOO_LARGE', `Expected a document of at most ${most}, got ${formatBytes(length)}.`);
  }
}

/** https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1 */
function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpack(bytes: Buffer, limits: DocumentLimits, warnings: Warnings): Buffer {
  try {
    const plain = gunzipSync(bytes, { maxOutputLength: limits.maxBytes });
    warnings.add('encoding', '', 'The document was packed with gzip and was unpacked.');
    return plain;
  } catch (cause) {
    const tooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const message = tooLarge
      ? `Expected a document of at most ${formatBytes(limits.maxBytes)}, got more than that when unpacked from gzip.`
      : 'Expected a document packed with gzip, as its first two bytes say, got data that cannot be unpacked.';
    throw new Permanent(tooLarge ? 'SPEC_TOO_LARGE' : 'SPEC_NOT_TEXT', message, { cause });
  }
}

const SIGNATURES: readonly (readonly [start: string, name: string])[] = [
  ['PK\u0003\u0004', 'a ZIP archive'],
  ['%PDF', 'a PDF file'],
  ['\u0089PNG', 'a PNG image'],
  ['\u00ff\u00d8\u00ff', 'a JPEG image'],
  ['BZh', 'data packed with bzip2'],
  ['\u0028\u00b5\u002f\u00fd', 'data packed with zstd'],
];

function foreignFormat(bytes: Buffer): string | null {
  const start = bytes.toString('latin1', 0, 8);
  return SIGNATURES.find(([signature]) => start.startsWith(signature))?.[1] ?? null;
}

function toText(bytes: Buffer, warnings: Warnings): string {
  const utf16 = utf16Order(bytes);
  if (utf16 !== null) {
    warnings.add('encoding', '', 'The document was in UTF-16 and was read as such.');
    return withoutMark(new TextDecoder(utf16).decode(bytes));
  }
  if (isUtf8(bytes)) {
    const text = bytes.toString('utf8');
    if (text.startsWith('\ufeff')) warnings.add('encoding', '', 'A byte order mark was left out.');
    return withoutMark(text);
  }
  if (bytes.subarray(0, 4096).includes(0)) {
    throw new Permanent('SPEC_NOT_TEXT', 'Expected an OpenAPI document in JSON or YAML, got binary data.');
  }
  warnings.add('encoding', '', 'The document was not UTF-8 and was read as Windows-1252.');
  return bytes.toString('latin1').replace(/[\u0080-\u009f]/g, (char) => WINDOWS_1252.charAt(char.charCodeAt(0) - 0x80));
}

/**
 * What Windows-1252 has from 0x80 to 0x9F, where Latin-1 has control characters; Node 20's TextDecoder takes one for the
 * other. https://encoding.spec.whatwg.org/#windows-1252
 */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** By its mark; without one by where the zero bytes of the first two characters stand. */
function utf16Order(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (bytes.length < 4) return null;
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'utf-16le';
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return 'utf-16be';
  return null;
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
