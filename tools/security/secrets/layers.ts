import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** How deep what is packed is looked into: base64 of a zip of a gzip. */
const DEPTH = 3;
const LIMIT = { maxOutputLength: 64 * 1024 * 1024 };
/** Long enough to hold a secret that is packed once more. */
const BASE64 = /[A-Za-z0-9+/_-]{40,}={0,2}/g;
const GZIP = Buffer.from('1f8b08', 'hex');
const ZIP_ENTRY = Buffer.from('504b0304', 'hex');

/** Some bytes, and all that they are or hold in other words: percent- and base64-decoded, unpacked, and that again. */
export function* layersOf(bytes: Buffer, depth = DEPTH): Iterable<Buffer> {
  yield bytes;
  if (depth === 0) return;
  for (const inner of [...unpacked(bytes), ...decoded(bytes)]) yield* layersOf(inner, depth - 1);
}

/** What is compressed in some bytes, wherever it begins. */
function unpacked(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const attempt = (inflate: () => Buffer): void => {
    try {
      found.push(inflate());
    } catch {
      // It was something else.
    }
  };
  for (const at of placesOf(GZIP, bytes)) attempt(() => gunzipSync(bytes.subarray(at), LIMIT));
  for (const at of placesOf(ZIP_ENTRY, bytes)) {
    if (at + 30 > bytes.length) break;
    const from = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    attempt(() => inflateRawSync(bytes.subarray(from), LIMIT));
  }
  if (bytes[0] === 0x78) attempt(() => inflateSync(bytes, LIMIT));
  if (bytes.length < 1024 * 1024) attempt(() => brotliDecompressSync(bytes, LIMIT));
  return found;
}

function decoded(bytes: Buffer): Buffer[] {
  const text = bytes.toString('latin1');
  const found = (text.match(BASE64) ?? []).map((run) => Buffer.from(run, 'base64'));
  // Decoded all at once: what is unpacked of it then, each run by itself, is seldom anything.
  const packed = found.filter((inner) => inner.includes(GZIP) || inner.includes(ZIP_ENTRY) || inner[0] === 0x78);
  const once = Buffer.concat(found.flatMap((inner) => [inner, SEPARATOR]));
  const percents = /%[0-9A-Fa-f]{2}/.test(text) ? [percentDecoded(text)] : [];
  return [...(once.length > 0 ? [once] : []), ...packed, ...percents];
}

const SEPARATOR = Buffer.from('\n');

function percentDecoded(text: string): Buffer {
  const plain = text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(plain, 'latin1');
}

function placesOf(needle: Buffer, bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) places.push(at);
  return places;
}
