import { randomBytes } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** A secret that was planted: what it is, and where it was given. */
export interface Mark {
  readonly place: string;
  readonly text: string;
  readonly needles: readonly Buffer[];
}

/** Plants secrets that can be told apart, and finds them however they are written. */
export class Marks {
  readonly all: Mark[] = [];

  /** A new secret for a place. */
  plant(place: string): string {
    const text = `s3cret${randomBytes(9).toString('hex')}`;
    this.all.push({ place, text, needles: needlesOf(text) });
    return text;
  }

  /** The places whose secrets stand in these bytes: as they are, in base64, hexadecimal or UTF-16, or compressed. */
  foundIn(bytes: Buffer): string[] {
    const layers = [bytes, ...inflated(bytes)];
    const found = this.all.filter(({ needles }) =>
      needles.some((needle) => layers.some((layer) => layer.includes(needle))),
    );
    return found.map(({ place }) => place);
  }
}

/** The marks are letters and digits, which no percent-encoding changes. */
function needlesOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  // Of what is before it in a longer text depends which of three ways it is written in base64.
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return Buffer.from(encoded.slice(before === 0 ? 0 : 4, Math.floor(encoded.length / 4) * 4 - 4));
  });
  return [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(text, 'utf16le'), ...base64];
}

/** What is compressed in some bytes, wherever it begins. */
function inflated(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const attempt = (inflate: () => Buffer): void => {
    try {
      found.push(inflate());
    } catch {
      // It was something else.
    }
  };
  const limit = { maxOutputLength: 64 * 1024 * 1024 };
  for (let at = bytes.indexOf('1f8b08', 'hex'); at >= 0; at = bytes.indexOf('1f8b08', at + 1, 'hex')) {
    const from = bytes.subarray(at);
    attempt(() => gunzipSync(from, limit));
  }
  for (let at = bytes.indexOf('504b0304', 'hex'); at >= 0; at = bytes.indexOf('504b0304', at + 1, 'hex')) {
    if (at + 30 > bytes.length) break;
    const from = bytes.subarray(at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28));
    attempt(() => inflateRawSync(from, limit));
  }
  if (bytes[0] === 0x78) attempt(() => inflateSync(bytes, limit));
  if (bytes.length < 1024 * 1024) attempt(() => brotliDecompressSync(bytes, limit));
  return found;
}
