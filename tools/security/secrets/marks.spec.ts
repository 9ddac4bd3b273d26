import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { Marks } from './marks.js';

const WRITINGS: readonly (readonly [string, (text: string) => Buffer])[] = [
  ['as it is', (text) => Buffer.from(text)],
  ['in capitals', (text) => Buffer.from(text.toUpperCase())],
  ['in UTF-16', (text) => Buffer.from(text, 'utf16le')],
  ['in hexadecimal', (text) => Buffer.from(Buffer.from(text).toString('hex'))],
  ['in base64', (text) => Buffer.from(Buffer.from(text).toString('base64'))],
  ['in base64 of twice', (text) => Buffer.from(Buffer.from(Buffer.from(text).toString('base64')).toString('base64'))],
  ['in base64url', (text) => Buffer.from(Buffer.from(text).toString('base64url'))],
  ['percent-encoded', (text) => Buffer.from([...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join(''))],
  ['in gzip', (text) => gzipSync(text)],
  ['in brotli', (text) => brotliCompressSync(text)],
  ['in base64 of gzip', (text) => Buffer.from(gzipSync(text).toString('base64'))],
  ['in a zip', (text) => zipped(text)],
  ['in gzip of base64', (text) => gzipSync(Buffer.from(text).toString('base64'))],
];

test.each(WRITINGS)('a secret is found %s, wherever it stands', (_, write) => {
  for (const before of ['', 'x', 'xy', 'xyz', '{"a":"']) {
    const marks = new Marks();
    const secret = marks.plant('a place', 'header');
    marks.plant('another place', 'header');
    const bytes = write(`${before}${secret}", and so on and so forth`);
    expect(marks.foundIn(Buffer.concat([bytes]))).toEqual(['a place']);
    expect(marks.foundIn(bytes, ['header'])).toEqual([]);
  }
});

test('a secret that is as it is is found by any of its lines', () => {
  const marks = new Marks();
  const key = marks.watch(
    'a key',
    'credential',
    '-----BEGIN KEY-----\nMIGHAgEAMBMGByqGSM49\nAwEHBG0wawIBAQQgq++w\n-----END',
  );
  for (const line of key.split('\n').slice(1, 3)) {
    for (const before of ['', 'x', 'xy']) {
      for (const encoding of ['latin1', 'base64', 'hex'] as const) {
        expect(marks.foundIn(Buffer.from(Buffer.from(`${before}${line}`).toString(encoding)))).toEqual(['a key']);
      }
    }
  }
  expect(marks.foundIn(Buffer.from('-----BEGIN KEY-----'))).toEqual([]);
});

test('nothing is found where there is nothing', () => {
  const marks = new Marks();
  marks.plant('a place', 'header');
  expect(marks.foundIn(Buffer.from(Array.from({ length: 10_000 }, (_, index) => `no secret ${index}`).join()))).toEqual(
    [],
  );
});

function zipped(text: string): Buffer {
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(1, 26);
  return Buffer.concat([Buffer.from('before'), head, Buffer.from('n'), deflateRawSync(text), Buffer.from('after')]);
}
