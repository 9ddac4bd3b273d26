import type { FrameState, Output } from './block.js';
import { BLOCK_MAX_BYTES, decodeBlock } from './block.js';
import { byteAt } from './bits.js';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** Of an HTTP answer: https://www.rfc-editor.org/rfc/rfc9659#section-3 */
const WINDOW_MAX_BYTES = 8 * 1024 * 1024;
const FIRST_CAPACITY = 2 * BLOCK_MAX_BYTES;

/**
 * Undoes the content coding `zstd` (RFC 8878), block by block as its bytes come: Node 20 cannot. Its memory is twice
 * the window at most. Checksums are passed over: the connection has its own.
 * @throws RangeError when the bytes are not of that coding, end too early, need a dictionary, or a window above 8 MiB.
 */
export async function* unzstd(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new ZstdDecoder();
  for await (const chunk of source) {
    decoder.feed(chunk);
    // One at a time, so that a block that makes little into much waits until its bytes are wanted.
    for (let block = decoder.next(); block; block = decoder.next()) yield block;
  }
  decoder.end();
}

/**
 * The same for a small whole.
 * @returns undefined when the result would be longer than `limit` bytes.
 */
export function unzstdWhole(bytes: Buffer, limit: number): Buffer | undefined {
  const decoder = new ZstdDecoder();
  decoder.feed(bytes);
  const blocks: Buffer[] = [];
  let size = 0;
  for (let block = decoder.next(); block; block = decoder.next()) {
    size += block.length;
    if (size > limit) return undefined;
    blocks.push(block);
  }
  decoder.end();
  return Buffer.concat(blocks);
}

/** A frame under way. */
interface Frame {
  readonly window: number;
  readonly blockMax: number;
  readonly checksum: boolean;
  readonly state: FrameState;
  /** How much of what came before `at` belongs to this frame. */
  produced: number;
}

class ZstdDecoder {
  private input: Buffer = Buffer.alloc(0);
  private at = 0;
  private skip = 0;
  private frame: Frame | undefined;
  private bytes = new Uint8Array(FIRST_CAPACITY);
  private filled = 0;

  feed(chunk: Buffer): void {
    this.input = this.at === this.input.length ? chunk : Buffer.concat([this.input.subarray(this.at), chunk]);
    this.at = 0;
  }

  /** The next decoded bytes, or undefined when more must be fed. */
  next(): Buffer | undefined {
    for (;;) {
      if (this.skip > 0) {
        const skipped = Math.min(this.skip, this.rest);
        this.at += skipped;
        this.skip -= skipped;
        if (this.skip > 0) return undefined;
      }
      if (!this.frame) {
        if (!this.startFrame()) return undefined;
        continue;
      }
      const block = this.readBlock(this.frame);
      if (!block) return undefined;
      if (block.length > 0) return block;
    }
  }

  /** @throws RangeError when something is missing. */
  end(): void {
    if (this.frame || this.skip > 0 || this.rest > 0) throw new RangeError('The frame is cut short.');
  }

  private get rest(): number {
    return this.input.length - this.at;
  }

  /** @returns whether as much as was needed had come: a frame's head, or that of one to be passed over. */
  private startFrame(): boolean {
    const { input, at } = this;
    if (this.rest < 5) return false;
    const magic = input.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      if (this.rest < 8) return false;
      this.at += 8;
      this.skip = input.readUInt32LE(at + 4);
      return true;
    }
    if (magic !== MAGIC) throw new RangeError('The bytes are not of Zstandard.');
    const flags = byteAt(input, at + 4);
    const single = (flags & 32) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
    const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
    const dictionaryAt = at + (single ? 5 : 6);
    const sizeAt = dictionaryAt + dictionaryBytes;
    if (sizeAt + sizeBytes > input.length) return false;
    if ((flags & 8) !== 0) throw new RangeError('A frame uses what is reserved.');
    if (dictionaryBytes > 0 && input.readUIntLE(dictionaryAt, dictionaryBytes) !== 0) {
      throw new RangeError('A frame needs a dictionary.');
    }
    const window = single ? sizeFrom(input, sizeAt, sizeBytes) : windowFrom(byteAt(input, at + 5));
    if (window > WINDOW_MAX_BYTES) throw new RangeError('A frame needs a window above 8 MiB.');
    this.at = sizeAt + sizeBytes;
    this.frame = {
      window,
      blockMax: Math.min(window, BLOCK_MAX_BYTES),
      checksum: (flags & 4) !== 0,
      state: { offsets: [1, 4, 8] },
      produced: 0,
    };
    return true;
  }

  /** @returns what the next block holds, or undefined when it has not come whole. */
  private readBlock(frame: Frame): Buffer | undefined {
    const { input } = this;
    if (this.rest < 3) return undefined;
    const head = input.readUIntLE(this.at, 3);
    const kind = (head >> 1) & 3;
    const size = head >> 3;
    if (kind === 3 || size > frame.blockMax) throw new RangeError('A block is longer than it may be.');
    const start = this.at + 3;
    const end = start + (kind === 1 ? 1 : size);
    if (end > input.length) return undefined;

    const output = this.makeRoom(frame);
    const from = output.at;
    if (kind === 2) {
      decodeBlock(input, start, end, frame.state, output);
      if (output.at - from > frame.blockMax) throw new RangeError('A block is longer than it may be.');
    } else {
      if (kind === 0) output.bytes.set(input.subarray(start, end), from);
      else output.bytes.fill(byteAt(input, start), from, from + size);
      output.at += size;
    }
    this.filled = output.at;
    frame.produced += output.at - from;
    this.at = end;
    if ((head & 1) !== 0) {
      this.skip = frame.checksum ? 4 : 0;
      this.frame = undefined;
    }
    return Buffer.from(output.bytes.subarray(from, output.at));
  }

  /** Room for one block after as much of the past as the window holds. */
  private makeRoom(frame: Frame): Output {
    if (this.filled + BLOCK_MAX_BYTES > this.bytes.length) {
      const kept = this.bytes.subarray(this.filled - Math.min(frame.produced, frame.window, this.filled), this.filled);
      // Twice what is kept, so that the past is moved seldom.
      const capacity = Math.max(FIRST_CAPACITY, 2 * (kept.length + BLOCK_MAX_BYTES));
      if (capacity > this.bytes.length) {
        const larger = new Uint8Array(capacity);
        larger.set(kept);
        this.bytes = larger;
      } else {
        this.bytes.set(kept);
      }
      this.filled = kept.length;
    }
    return {
      bytes: this.bytes,
      at: this.filled,
      reach: Math.min(frame.produced, this.filled),
      window: frame.window,
    };
  }
}

/** https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.1.4 */
function sizeFrom(input: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(input.readBigUInt64LE(at));
  return input.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

/** https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.1.2 */
function windowFrom(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}
