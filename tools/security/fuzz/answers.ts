import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { decodeWhole } from '../../../libs/client-runtime/http/decompress.js';
import { mutated } from './mutated.js';
import { expect, type Target } from './target.js';

const CODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const;
const LIMIT = 64 * 1024;
const PLAIN = [
  Buffer.from(''),
  Buffer.from('{"a": [1, 2, 3]}'),
  Buffer.from('abc'.repeat(2_000)),
  Buffer.alloc(200_000),
];
/** Made by zstd 1.5: raw, run and compressed blocks. https://www.rfc-editor.org/rfc/rfc8878 */
const ZSTD = [
  '28b52ffd0458810000' + Buffer.from('abcdefghijklmnop').toString('hex'),
  '28b52ffd2400010000' + '99e9d851',
  '28b52ffd64a00ff54c0000106162630100db0702c4cf',
  '28b52ffd0450450000' + '08616263' + '0100' + '53cf14',
  '502a4d1804000000' + '61626364',
].map((hex) => Buffer.from(hex, 'hex'));

/** Decoders of answers: bytes within the limit, or an error of the decoder's; never more, never without end. */
export const answers: Target = {
  name: 'answers',
  inputs: mutated(
    [
      ...PLAIN.flatMap((plain) => [
        gzipSync(plain),
        deflateSync(plain),
        deflateRawSync(plain),
        brotliCompressSync(plain),
      ]),
      ...ZSTD,
    ],
    ['\x28\xb5\x2f\xfd', '\x1f\x8b\x08', '\0\0\0\0', '\xff\xff\xff\xff', '\x50\x2a\x4d\x18'],
  ),
  check(input) {
    for (const coding of CODINGS) {
      let whole: Buffer | undefined;
      try {
        whole = decodeWhole([coding], input, LIMIT);
      } catch (error) {
        const isOwn =
          error instanceof RangeError || /^(Z_|ERR_|ERR__ERROR)/.test(String((error as { code?: unknown }).code));
        if (!isOwn) throw error;
      }
      expect((whole?.length ?? 0) <= LIMIT, `${coding} gave ${whole?.length ?? 0} bytes`);
    }
  },
};
