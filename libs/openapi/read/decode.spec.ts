import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { DEFAULT_LIMITS } from '../limits.js';
import { Warnings } from '../warning.js';
import { decodeText } from './decode.js';

const TEXT = 'openapi: "3.0.3" # ä€😀';
const utf16le = Buffer.from(TEXT, 'utf16le');
const utf16be = Buffer.from(utf16le).swap16();

function decode(bytes: Uint8Array, limits = DEFAULT_LIMITS) {
  const warnings = new Warnings();
  return { text: decodeText(bytes, limits, warnings), codes: warnings.list.map((warning) => warning.code) };
}

describe('decodeText', () => {
  const readable: [name: string, bytes: Buffer, codes: string[]][] = [
    ['UTF-8', Buffer.from(TEXT), []],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`), ['encoding']],
    ['UTF-16 LE with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16le]), ['encoding']],
    ['UTF-16 BE with a mark', Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be]), ['encoding']],
    ['UTF-16 LE without one', utf16le, ['encoding']],
    ['UTF-16 BE without one', utf16be, ['encoding']],
    ['gzip', gzipSync(TEXT), ['encoding']],
    ['gzip of UTF-16', gzipSync(utf16le), ['encoding', 'encoding']],
  ];
  it.each(readable)('reads %s', (_, bytes, codes) => {
    expect(decode(bytes)).toEqual({ text: TEXT, codes });
  });

  it('reads bytes that are not UTF-8 as Windows-1252 and says so', () => {
    const { text, codes } = decode(Buffer.from([0x61, 0x3a, 0x20, 0xe4, 0x93]));
    expect({ text, codes }).toEqual({ text: 'a: ä“', codes: ['encoding'] });
  });

  const refused: [name: string, bytes: Buffer, sentence: string][] = [
    ['nothing', Buffer.alloc(0), 'Expected an OpenAPI document, got 0 bytes.'],
    ['too much', Buffer.alloc(2_000), 'Expected a document of at most 1000 bytes, got 2 KB.'],
    [
      'a gzip bomb',
      gzipSync(Buffer.alloc(100_000)),
      'Expected a document of at most 1000 bytes, got more than that when unpacked from gzip.',
    ],
    [
      'broken gzip',
      Buffer.from([0x1f, 0x8b, 8, 0, 1, 2]),
      'Expected a document packed with gzip, as its first two bytes say, got data that cannot be unpacked.',
    ],
    [
      'a ZIP archive',
      Buffer.from('PK\u0003\u0004…'),
      'Expected an OpenAPI document in JSON or YAML, got a ZIP archive.',
    ],
    ['a PDF file', Buffer.from('%PDF-1.7'), 'Expected an OpenAPI document in JSON or YAML, got a PDF file.'],
    [
      'other binary data',
      Buffer.from([0xc3, 0x28, 0x00, 0x01, 0x02]),
      'Expected an OpenAPI document in JSON or YAML, got binary data.',
    ],
  ];
  it.each(refused)('refuses %s in one sentence', (_, bytes, sentence) => {
    expect(() => decode(bytes, { ...DEFAULT_LIMITS, maxBytes: 1_000 })).toThrow(sentence);
  });
});
