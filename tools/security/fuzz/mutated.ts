import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

type Edit = (bytes: Buffer) => Buffer;

const LARGEST = 200_000;

/** Some of these texts, each changed in a few places: bits, cuts, repetitions, what is special, parts of another one. */
export function mutated(texts: readonly (string | Buffer)[], special: readonly string[]): Arbitrary<Buffer> {
  const seeds = texts.map((text) => Buffer.from(text));
  const seed = fc.constantFrom(...seeds);
  const place = fc.nat({ max: 1_000_000 });
  const edit: Arbitrary<Edit> = fc.oneof(
    fc.tuple(place, fc.nat({ max: 7 })).map(
      ([at, bit]): Edit =>
        (bytes) =>
          flipped(bytes, at, bit),
    ),
    fc.tuple(place, place).map(
      ([at, length]): Edit =>
        (bytes) =>
          without(bytes, at, length),
    ),
    fc.tuple(place, place, fc.nat({ max: 50 })).map(
      ([at, length, times]): Edit =>
        (bytes) =>
          repeated(bytes, at, length, times),
    ),
    fc.tuple(place, fc.constantFrom(...special)).map(
      ([at, text]): Edit =>
        (bytes) =>
          inserted(bytes, at, Buffer.from(text)),
    ),
    fc.tuple(place, fc.uint8Array({ maxLength: 8 })).map(
      ([at, some]): Edit =>
        (bytes) =>
          inserted(bytes, at, Buffer.from(some)),
    ),
    fc.tuple(place, seed, place, place).map(([at, other, from, length]): Edit => (bytes) => {
      const start = from % (other.length + 1);
      return inserted(bytes, at, other.subarray(start, start + (length % (other.length + 1))));
    }),
  );
  return fc
    .tuple(seed, fc.array(edit, { maxLength: 6 }))
    .map(([bytes, edits]) => edits.reduce<Buffer>((changed, change) => change(changed), bytes).subarray(0, LARGEST));
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  if (bytes.length === 0) return bytes;
  const changed = Buffer.from(bytes);
  const offset = at % bytes.length;
  changed[offset] = (changed[offset] ?? 0) ^ (1 << bit);
  return changed;
}

function without(bytes: Buffer, at: number, length: number): Buffer {
  const start = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + (length % 40))]);
}

function repeated(bytes: Buffer, at: number, length: number, times: number): Buffer {
  const start = at % (bytes.length + 1);
  const part = bytes.subarray(start, start + (length % 60));
  return inserted(bytes, start, Buffer.concat(Array.from({ length: times }, () => part)));
}

function inserted(bytes: Buffer, at: number, part: Buffer): Buffer {
  const start = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, start), part, bytes.subarray(start)]);
}

/** Any JSON value, with names and texts that trip programs up, as its bytes. */
export function asJson(value: Arbitrary<unknown>): Arbitrary<Buffer> {
  return value.map((given) => Buffer.from(JSON.stringify(given)));
}

/** Texts in which something is special to a reader of URLs, headers, paths or objects. */
export const oddText: Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '..',
    '.',
    '../..',
    '%2e%2e',
    '%2E.',
    '/',
    '//',
    '\\',
    '\\..\\',
    '?',
    '#',
    '@',
    ':',
    ';',
    '%',
    '%0d%0a',
    '\r\n',
    '\n',
    '\0',
    '\u2028',
    '\ud800',
    '\udfff',
    '\ufeff',
    '\u0130',
    'K',
    'ſ',
    '//evil.example',
    '/\\evil.example',
    'http://evil.example',
    '@evil.example',
    ':80',
    'Host',
    'host',
    'HOST',
    'Transfer-Encoding',
    'Content-Length',
    'Cookie',
    'Set-Cookie',
    'X-A',
    'x-a',
    'X-a',
    ' ',
    '\t',
    '',
    '{id}',
    '{',
    '}',
    'a=b&c=d',
    'a;b',
    '"',
    "'",
    'null',
    'NaN',
    '1e999',
  ),
  fc
    .array(fc.constantFrom('..', '/', '\\', '%2e', '%2f', '?', '#', '@', 'a', '%', '.', ';', '\t', '\n'), {
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
);
