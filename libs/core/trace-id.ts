import { createHash, randomBytes, randomInt } from 'node:crypto';
import { describeShape } from './shape.js';

/** In the order in which databases sort. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 16;
/** How many characters count on from one id to the next. */
const COUNTED = 6;
/** Bytes at or above this would favour the first letters of the alphabet, so they are thrown away. */
const UNBIASED_LIMIT = 256 - (256 % ALPHABET.length);
const POOL_BYTES = 4096;

let pool = Buffer.alloc(0);
let position = 0;
let counted = randomInt(ALPHABET.length ** COUNTED);

/**
 * A new trace id: 16 characters of [A-Za-z0-9]. The first six count on from a random start in each process, so that ids
 * made one after another stand side by side in an index, which is what keeps one of a million rows in memory; the other
 * ten are about 59 bits of cryptographic randomness.
 */
export function newTraceId(): string {
  return nextCounted() + random(LENGTH - COUNTED);
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

/** A trace id for a sentence; what is none is told by its length. */
export function describeTraceId(text: string): string {
  return isTraceId(text) ? text : describeShape(text);
}

function random(length: number): string {
  let text = '';
  while (text.length < length) {
    if (position === pool.length) {
      pool = randomBytes(POOL_BYTES);
      position = 0;
    }
    const byte = pool[position++] ?? UNBIASED_LIMIT;
    if (byte < UNBIASED_LIMIT) text += ALPHABET.charAt(byte % ALPHABET.length);
  }
  return text;
}

/** The next number in the digits of the alphabet; after the last one comes the first. */
function nextCounted(): string {
  counted = (counted + 1) % ALPHABET.length ** COUNTED;
  let text = '';
  for (let rest = counted; text.length < COUNTED; rest = Math.floor(rest / ALPHABET.length)) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
  }
  return text;
}
