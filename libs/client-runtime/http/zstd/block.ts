import { BackwardBits, byteAt } from './bits.js';
import type { HuffmanTable, StateTable } from './tables.js';
import { constantTable, readHuffmanTable, readStateTable, stateTable } from './tables.js';

/** The longest block, decoded: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.2.4 */
export const BLOCK_MAX_BYTES = 128 * 1024;

/** Where a frame's decoded bytes are gathered. */
export interface Output {
  readonly bytes: Uint8Array;
  /** Where the next byte goes; there is room for one block. */
  at: number;
  /** How far back a match may reach from `at` as it is when the block starts. */
  readonly reach: number;
  /** How far back it may reach at all. */
  readonly window: number;
}

/** What the blocks of a frame hand on to each other. */
export interface FrameState {
  tree?: HuffmanTable | undefined;
  tables?: Tables | undefined;
  offsets: [number, number, number];
}

type Tables = readonly [literals: StateTable, offsets: StateTable, matches: StateTable];

const span = (count: number, value: number) => Array.from({ length: count }, () => value);

/** https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.3.2.2 */
const DEFAULTS: Tables = [
  stateTable([4, 3, ...span(11, 2), 1, 1, 1, ...span(9, 2), 3, 2, ...span(5, 1), ...span(4, -1)], 6),
  stateTable([...span(6, 1), 2, 2, 2, ...span(15, 1), ...span(5, -1)], 5),
  stateTable([1, 4, 3, ...span(6, 2), ...span(37, 1), ...span(7, -1)], 6),
];
const LOG_MAX = [9, 8, 9] as const;
const SYMBOL_MAX = [35, 31, 52] as const;
/** Further than this no window reaches that is allowed here. */
const OFFSET_CODE_MAX = 24;

/** https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.3.2.1.1 */
const LITERAL_BITS = [...span(16, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const LITERAL_BASES = bases(LITERAL_BITS, 0);
const MATCH_BITS = [...span(32, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_BASES = bases(MATCH_BITS, 3);

function bases(bits: readonly number[], first: number): number[] {
  let next = first;
  return bits.map((width) => (next += 1 << width) - (1 << width));
}

/**
 * Decodes the compressed block at `start` to `end`. Takes time in proportion to the block's own length and
 * BLOCK_MAX_BYTES, whatever it holds.
 * @throws RangeError when it is none.
 */
export function decodeBlock(bytes: Uint8Array, start: number, end: number, frame: FrameState, output: Output): void {
  const [literals, after] = readLiterals(bytes, start, end, frame);
  let at = after;
  const head = byteAt(bytes, at);
  let count = head;
  if (head === 255) count = byteAt(bytes, at + 1) + (byteAt(bytes, at + 2) << 8) + 0x7f00;
  else if (head >= 128) count = ((head - 128) << 8) + byteAt(bytes, at + 1);
  at += head === 255 ? 3 : head >= 128 ? 2 : 1;
  if (at > end) throw new RangeError('A block is cut short.');
  const limit = output.at + BLOCK_MAX_BYTES;
  let taken = 0;
  if (count > 0) {
    const [tables, from] = readTables(bytes, at, end, frame.tables);
    frame.tables = tables;
    taken = runSequences(new BackwardBits(bytes, from, end), count, tables, literals, frame, output, limit);
  }
  const rest = literals.subarray(taken);
  if (output.at + rest.length > limit) throw new RangeError('A block is longer than it may be.');
  output.bytes.set(rest, output.at);
  output.at += rest.length;
}

/** https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.3.1 */
function readLiterals(bytes: Uint8Array, start: number, end: number, frame: FrameState): [Uint8Array, number] {
  const head = byteAt(bytes, start);
  const kind = head & 3;
  const format = (head >> 2) & 3;
  if (kind < 2) {
    const width = format === 3 ? 3 : format === 1 ? 2 : 1;
    const size =
      width === 1
        ? head >> 3
        : (head >> 4) + (byteAt(bytes, start + 1) << 4) + (width === 3 ? byteAt(bytes, start + 2) << 12 : 0);
    const from = start + width;
    const after = kind === 0 ? from + size : from + 1;
    if (after > end || size > BLOCK_MAX_BYTES) throw new RangeError('Literals are longer than their block.');
    return [kind === 0 ? bytes.subarray(from, after) : new Uint8Array(size).fill(byteAt(bytes, from)), after];
  }
  const width = format < 2 ? 3 : format + 2;
  const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
  const number = (from: number) => {
    const at = start + (from >> 3);
    const word = byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16);
    return (word >> (from & 7)) & ((1 << sizeBits) - 1);
  };
  const size = number(4);
  const from = start + width;
  const after = from + number(4 + sizeBits);
  if (after > end || size > BLOCK_MAX_BYTES) throw new RangeError('Literals are longer than their block.');
  let at = from;
  if (kind === 2) [frame.tree, at] = readHuffmanTable(bytes, from, after);
  if (!frame.tree) throw new RangeError('A block refers to a tree that is not there.');
  const literals = new Uint8Array(size);
  if (format === 0) readStream(bytes, at, after, frame.tree, literals);
  else readStreams(bytes, at, after, frame.tree, literals);
  return [literals, after];
}

function readStreams(bytes: Uint8Array, start: number, end: number, tree: HuffmanTable, out: Uint8Array): void {
  const quarter = (out.length + 3) >> 2;
  let at = start + 6;
  for (let stream = 0; stream < 4; stream += 1) {
    const size = byteAt(bytes, start + 2 * stream) + (byteAt(bytes, start + 2 * stream + 1) << 8);
    const after = stream === 3 ? end : at + size;
    if (after > end) throw new RangeError('A bit stream is longer than its block.');
    const part = stream === 3 ? out.subarray(3 * quarter) : out.subarray(stream * quarter, (stream + 1) * quarter);
    readStream(bytes, at, after, tree, part);
    at = after;
  }
}

function readStream(bytes: Uint8Array, start: number, end: number, tree: HuffmanTable, out: Uint8Array): void {
  const bits = new BackwardBits(bytes, start, end);
  const mask = (1 << tree.log) - 1;
  let code = bits.read(tree.log);
  for (let index = 0; index < out.length; index += 1) {
    out[index] = byteAt(tree.symbols, code);
    const width = byteAt(tree.bits, code);
    code = ((code << width) & mask) | bits.read(width);
  }
  if (bits.left !== -tree.log) throw new RangeError('A bit stream does not end with its symbols.');
}

/** https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.3.2.1 */
function readTables(bytes: Uint8Array, start: number, end: number, former: Tables | undefined): [Tables, number] {
  const modes = byteAt(bytes, start);
  if ((modes & 3) !== 0) throw new RangeError('A block uses what is reserved.');
  let at = start + 1;
  const table = (kind: 0 | 1 | 2): StateTable => {
    switch ((modes >> (6 - 2 * kind)) & 3) {
      case 0:
        return DEFAULTS[kind];
      case 1: {
        const symbol = byteAt(bytes, at);
        at += 1;
        if (symbol > SYMBOL_MAX[kind]) throw new RangeError('A table holds what is no code.');
        return constantTable(symbol);
      }
      case 2: {
        const [read, after] = readStateTable(bytes, at, end, LOG_MAX[kind], SYMBOL_MAX[kind]);
        at = after;
        return read;
      }
      default:
        if (!former) throw new RangeError('A block refers to tables that are not there.');
        return former[kind];
    }
  };
  const tables: Tables = [table(0), table(1), table(2)];
  return [tables, at];
}

/** @returns how many literals were used. */
function runSequences(
  bits: BackwardBits,
  count: number,
  [literalTable, offsetTable, matchTable]: Tables,
  literals: Uint8Array,
  frame: FrameState,
  output: Output,
  limit: number,
): number {
  const out = output.bytes;
  const start = output.at;
  let at = start;
  let taken = 0;
  let literalState = bits.read(literalTable.log);
  let offsetState = bits.read(offsetTable.log);
  let matchState = bits.read(matchTable.log);
  for (let left = count; left > 0; left -= 1) {
    const offsetCode = byteAt(offsetTable.symbols, offsetState);
    if (offsetCode > OFFSET_CODE_MAX) throw new RangeError('A match reaches further back than the window.');
    const offsetValue = (1 << offsetCode) + bits.read(offsetCode);
    const matchCode = byteAt(matchTable.symbols, matchState);
    const matchLength = (MATCH_BASES[matchCode] ?? 0) + bits.read(MATCH_BITS[matchCode] ?? 0);
    const literalCode = byteAt(literalTable.symbols, literalState);
    const literalLength = (LITERAL_BASES[literalCode] ?? 0) + bits.read(LITERAL_BITS[literalCode] ?? 0);
    if (left > 1) {
      literalState = (literalTable.bases[literalState] ?? 0) + bits.read(byteAt(literalTable.bits, literalState));
      matchState = (matchTable.bases[matchState] ?? 0) + bits.read(byteAt(matchTable.bits, matchState));
      offsetState = (offsetTable.bases[offsetState] ?? 0) + bits.read(byteAt(offsetTable.bits, offsetState));
    }
    const offset = offsetOf(offsetValue, literalLength, frame);
    const used = taken + literalLength;
    if (used > literals.length || at + literalLength + matchLength > limit) {
      throw new RangeError('A block is longer than it may be.');
    }
    while (taken < used) out[at++] = byteAt(literals, taken++);
    if (offset > Math.min(output.window, output.reach + at - start)) {
      throw new RangeError('A match reaches further back than the window.');
    }
    const from = at - offset;
    if (offset >= matchLength && matchLength > 32) out.copyWithin(at, from, from + matchLength);
    else for (let index = 0; index < matchLength; index += 1) out[at + index] = byteAt(out, from + index);
    at += matchLength;
  }
  if (bits.left !== 0) throw new RangeError('A bit stream does not end with its sequences.');
  output.at = at;
  return taken;
}

/** The last three offsets can be told by their place: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.5 */
function offsetOf(value: number, literalLength: number, frame: FrameState): number {
  const [first, second, third] = frame.offsets;
  const place = value > 3 ? 4 : value - (literalLength > 0 ? 1 : 0);
  if (place === 0) return first;
  const offset = place === 4 ? value - 3 : place === 1 ? second : place === 2 ? third : first - 1;
  if (offset === 0) throw new RangeError('A match reaches nowhere.');
  frame.offsets = place === 1 ? [offset, first, third] : [offset, first, second];
  return offset;
}
