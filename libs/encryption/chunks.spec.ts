import { describe, expect, it } from '@jest/globals';
import { Permanent } from '#core';
import {
  decryptChunks,
  encryptChunks,
  encryptWhole,
  Encryption,
  isEncryptedStream,
  KeyRing,
  plainBytesOf,
} from './index.js';

const CHUNK = 64 * 1024;
const HEAD = 19;
const place = { project: '', kind: 'blob', id: 'responses/one' };
const encryption = new Encryption(KeyRing.parse(KeyRing.newKey())!);

async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function decrypted(bytes: Buffer, length = 1_000_000, where = place): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of decryptChunks(encryption, where, pieces(bytes, length))) parts.push(part);
  return Buffer.concat(parts);
}

/** The encrypted chunks of a stream. */
function chunksOf(sealed: Buffer): { head: Buffer; chunks: Buffer[] } {
  const chunks: Buffer[] = [];
  for (let at = HEAD; at < sealed.length; at += CHUNK + 16) chunks.push(sealed.subarray(at, at + CHUNK + 16));
  return { head: sealed.subarray(0, HEAD), chunks };
}

describe('an encrypted stream', () => {
  it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])(
    'of %d bytes is read back, however it is cut in pieces, and tells its length',
    async (length) => {
      const plain = Buffer.alloc(length, 'x');
      const parts: Buffer[] = [];
      for await (const part of encryptChunks(encryption, place, pieces(plain, 10_007))) parts.push(part);
      const sealed = Buffer.concat(parts);
      expect(isEncryptedStream(sealed)).toBe(true);
      expect(plainBytesOf(sealed.length)).toBe(length);
      for (const size of [999, CHUNK + 16, 1_000_000]) expect((await decrypted(sealed, size)).equals(plain)).toBe(true);
    },
  );

  it('is refused when a chunk is cut off, left out, doubled, moved or taken from another stream', async () => {
    const plain = Buffer.concat(['a', 'b', 'c'].map((letter) => Buffer.alloc(CHUNK, letter)));
    const { head, chunks } = chunksOf(await encryptWhole(encryption, place, plain));
    const other = chunksOf(await encryptWhole(encryption, place, plain));
    const [a, b, c] = chunks as [Buffer, Buffer, Buffer];
    const broken = [[], [a], [a, b], [b, c], [a, c], [a, b, b, c], [b, a, c], [a, other.chunks[1]!, c], [a, b, c, c]];
    for (const kept of broken) {
      await expect(decrypted(Buffer.concat([head, ...kept]))).rejects.toBeInstanceOf(Permanent);
    }
    await expect(decrypted(Buffer.concat([other.head, ...chunks]))).rejects.toBeInstanceOf(Permanent);
  });

  it('is refused under another name, and with any byte changed or cut', async () => {
    const sealed = await encryptWhole(encryption, place, Buffer.from('secret'));
    await expect(decrypted(sealed, 7, { ...place, id: 'responses/two' })).rejects.toBeInstanceOf(Permanent);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(decrypted(changed)).rejects.toBeInstanceOf(Permanent);
      await expect(decrypted(sealed.subarray(0, at))).rejects.toBeInstanceOf(Permanent);
    }
  });
});
