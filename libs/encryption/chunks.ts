import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Permanent } from '#core';
import type { Encryption } from './encryption.js';
import type { Place } from './place.js';
import { KEY_ID_BYTES } from './root-key.js';

/** How each encrypted stream begins: with it, and the version of what follows. */
const MAGIC = Buffer.from('\u0089CBENC\n\u0001', 'latin1');
/** The first bytes of each nonce of a stream; the number of the chunk (4 bytes) and whether it is the last follow. */
const PREFIX_BYTES = 7;
const HEAD_BYTES = MAGIC.length + KEY_ID_BYTES + PREFIX_BYTES;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** Begins like an encrypted stream. */
export function isEncryptedStream(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}

/** Whether an encrypted stream that begins like this was made with the key that encrypts now. */
export function isCurrentStream(encryption: Encryption, head: Buffer): boolean {
  return encryption.keys.current.id.equals(head.subarray(MAGIC.length, MAGIC.length + KEY_ID_BYTES));
}

/** How long what a stream of so many bytes holds is. */
export function plainBytesOf(bytes: number): number {
  const body = bytes - HEAD_BYTES;
  return Math.max(0, body - TAG_BYTES * Math.ceil(body / (CHUNK_BYTES + TAG_BYTES)));
}

/**
 * A stream in chunks of 64 KiB that are authenticated one by one, so that nothing is given out unchecked and memory stays
 * flat. The nonce of a chunk tells its number and whether it is the last (STREAM, https://eprint.iacr.org/2015/189): none
 * can be left out, moved, or taken from another stream, whose key or nonces are others.
 */
export async function* encryptChunks(
  encryption: Encryption,
  place: Place,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Buffer, void> {
  const root = encryption.keys.current;
  const head = Buffer.concat([MAGIC, root.id, randomBytes(PREFIX_BYTES)]);
  const key = encryption.keyOf(root, place);
  yield head;
  let number = 0;
  for await (const { bytes, isLast } of chunksOf(source, CHUNK_BYTES)) {
    const cipher = createCipheriv(CIPHER, key, nonceOf(head, number, isLast));
    cipher.setAAD(head);
    const content = cipher.update(bytes);
    cipher.final();
    yield Buffer.concat([content, cipher.getAuthTag()]);
    number += 1;
  }
}

/** What `encryptChunks` was given. @throws Permanent at the first chunk that is not as it was written for this place. */
export async function* decryptChunks(
  encryption: Encryption,
  place: Place,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    const { head, rest } = await headOf(iterator);
    const root = isEncryptedStream(head)
      ? encryption.keys.find(head.subarray(MAGIC.length, MAGIC.length + KEY_ID_BYTES))
      : undefined;
    if (!root || head.length < HEAD_BYTES) throw unreadable(place, 'another version, or another key');
    const key = encryption.keyOf(root, place);
    let number = 0;
    for await (const { bytes, isLast } of chunksOf(following(rest, iterator), CHUNK_BYTES + TAG_BYTES)) {
      if (bytes.length < TAG_BYTES) throw unreadable(place, 'fewer bytes than were written');
      const decipher = createDecipheriv(CIPHER, key, nonceOf(head, number, isLast));
      decipher.setAAD(head);
      const end = bytes.length - TAG_BYTES;
      decipher.setAuthTag(bytes.subarray(end));
      const plain = decipher.update(bytes.subarray(0, end));
      try {
        decipher.final();
      } catch {
        throw unreadable(place, 'bytes that were changed, cut or moved');
      }
      yield plain;
      number += 1;
    }
  } finally {
    await iterator.return?.();
  }
}

/** The same of all at once. */
export async function encryptWhole(encryption: Encryption, place: Place, plain: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of encryptChunks(encryption, place, [plain])) parts.push(part);
  return Buffer.concat(parts);
}

function nonceOf(head: Buffer, number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(PREFIX_BYTES + 5);
  head.copy(nonce, 0, HEAD_BYTES - PREFIX_BYTES);
  nonce.writeUInt32BE(number, PREFIX_BYTES);
  nonce[PREFIX_BYTES + 4] = isLast ? 1 : 0;
  return nonce;
}

/** Pieces of one length, but for the last, which may be shorter or empty. */
async function* chunksOf(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  length: number,
): AsyncGenerator<{ bytes: Buffer; isLast: boolean }, void> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const piece of source) {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
    waiting.push(bytes);
    size += bytes.length;
    // One byte more than a chunk tells that it is not the last.
    if (size <= length) continue;
    let all = waiting.length === 1 ? bytes : Buffer.concat(waiting);
    while (all.length > length) {
      yield { bytes: all.subarray(0, length), isLast: false };
      all = all.subarray(length);
    }
    waiting = [all];
    size = all.length;
  }
  yield { bytes: Buffer.concat(waiting), isLast: true };
}

async function headOf(iterator: AsyncIterator<Uint8Array>): Promise<{ head: Buffer; rest: Buffer }> {
  let all = Buffer.alloc(0);
  while (all.length < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done) break;
    all = Buffer.concat([all, next.value]);
  }
  return { head: all.subarray(0, HEAD_BYTES), rest: all.subarray(HEAD_BYTES) };
}

async function* following(first: Buffer, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield first;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

function unreadable({ kind, id }: Place, got: string): Permanent {
  return new Permanent(
    'VALUE_UNREADABLE',
    `Expected the ${kind} ${id} to be encrypted for its place by a known key, got ${got}.`,
  );
}
