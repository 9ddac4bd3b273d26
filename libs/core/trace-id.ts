import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 16;
/** Bytes at or above this would favour the first letters of the alphabet, so they are thrown away. */
const UNBIASED_LIMIT = 256 - (256 % ALPHABET.length);
const POOL_BYTES = 4096;

let pool = Buffer.alloc(0);
let position = 0;

/** A new trace id: 16 characters of [A-Za-z0-9], about 95 bits of cryptographic randomness. */
export function newTraceId(): string {
  let id = '';
  while (id.length < LENGTH) {
    if (position === pool.length) {
      pool = randomBytes(POOL_BYTES);
      position = 0;
    }
    const byte = pool[position++] ?? UNBIASED_LIMIT;
    if (byte < UNBIASED_LIMIT) id += ALPHABET.charAt(byte % ALPHABET.length);
  }
  return id;
}

/** The trace id of what these words name: the same for the same words, and for no others. */
export function derivedTraceId(...words: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(words)).digest();
  return [...hash.subarray(0, LENGTH)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}

/** Whether `value` has the shape of a trace id; it says nothing about whether one was ever given out. */
export function isTraceId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9]{16}$/.test(value);
}
