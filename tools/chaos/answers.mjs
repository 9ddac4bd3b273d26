// What the chaos upstream answers, so that whoever asked can tell each right answer byte for byte.
import { createHash } from 'node:crypto';

/** Three answers in a hundred are longer than what is kept inline (64 KiB). */
const LARGE_BYTES = 80_000;
const LARGE_LOTS = new Set([7, 8, 9]);

/** A number from 0 to 99 that always belongs to this id. */
export function lotOf(id) {
  return createHash('sha256').update(id).digest().readUInt32BE() % 100;
}

/** The whole body of the answer to this request. @param {unknown} body what was sent, null for nothing */
export function answerOf(method, id, body) {
  const proof = createHash('sha256').update(`${method} ${id}`).digest('hex');
  const padding = LARGE_LOTS.has(lotOf(id)) ? proof.repeat(LARGE_BYTES / proof.length) : '';
  return JSON.stringify({ id, method, proof, body, padding });
}

/** What is sent with a call of this method. */
export function bodyOf(method, id) {
  return method === 'POST' ? { id, text: `for ${id}` } : null;
}
