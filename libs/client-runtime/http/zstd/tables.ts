import { BackwardBits, byteAt } from './bits.js';

/** A decoding table: what each state stands for, and how the next state follows from it. */
export interface StateTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

export interface HuffmanTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

const WEIGHTS_LOG = 6;
const HUFFMAN_LOG_MAX = 11;
const LESS_THAN_ONE = -1;

/**
 * The table of these probabilities, which add up to `1 << log`; -1 is "less than one".
 * https://www.rfc-editor.org/rfc/rfc8878#section-4.1.1
 */
export function stateTable(probabilities: readonly number[], log: number): StateTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(probabilities.length);
  let high = size;
  probabilities.forEach((probability, symbol) => {
    next[symbol] = Math.abs(probability);
    if (probability === LESS_THAN_ONE) symbols[(high -= 1)] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  probabilities.forEach((probability, symbol) => {
    for (let times = 0; times < probability; times += 1) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  });
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state += 1) {
    const symbol = byteAt(symbols, state);
    const count = next[symbol] ?? 0;
    next[symbol] = count + 1;
    const width = log - (31 - Math.clz32(count));
    bits[state] = width;
    bases[state] = (count << width) - size;
  }
  return { log, symbols, bits, bases };
}

/** The table of which every state is the same symbol. */
export function constantTable(symbol: number): StateTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/**
 * Reads a table's description.
 * @returns the table, and where the description ends.
 * @throws RangeError when it is none.
 */
export function readStateTable(
  bytes: Uint8Array,
  start: number,
  end: number,
  logMax: number,
  symbolMax: number,
): [StateTable, number] {
  let bit = start * 8;
  const peek = (count: number): number => {
    const at = bit >> 3;
    const word = byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16);
    return (word >> (bit & 7)) & ((1 << count) - 1);
  };
  const log = peek(4) + 5;
  bit += 4;
  if (log > logMax) throw new RangeError('A table is larger than it may be.');
  const probabilities: number[] = [];
  let left = 1 << log;
  while (left > 0) {
    if (probabilities.length > symbolMax || bit > end * 8) throw new RangeError('A table does not add up.');
    const width = 32 - Math.clz32(left + 1);
    const low = (1 << (width - 1)) - 1;
    const spare = (1 << width) - 2 - left;
    let value = peek(width);
    if ((value & low) < spare) {
      value &= low;
      bit += width - 1;
    } else {
      if (value > low) value -= spare;
      bit += width;
    }
    const probability = value - 1;
    probabilities.push(probability);
    left -= Math.abs(probability);
    if (probability !== 0) continue;
    let zeros: number;
    do {
      zeros = peek(2);
      bit += 2;
      for (let count = 0; count < zeros; count += 1) probabilities.push(0);
    } while (zeros === 3 && probabilities.length <= symbolMax);
  }
  const after = (bit + 7) >> 3;
  if (left < 0 || probabilities.length > symbolMax + 1 || after > end) throw new RangeError('A table does not add up.');
  return [stateTable(probabilities, log), after];
}

/**
 * Reads a Huffman tree's description: https://www.rfc-editor.org/rfc/rfc8878#section-4.2.1
 * @returns the table, and where the description ends.
 * @throws RangeError when it is none.
 */
export function readHuffmanTable(bytes: Uint8Array, start: number, end: number): [HuffmanTable, number] {
  const head = byteAt(bytes, start);
  const after = start + 1 + (head < 128 ? head : (head - 126) >> 1);
  if (after > end) throw new RangeError('A tree is longer than its block.');
  const weights = head < 128 ? packedWeights(bytes, start + 1, after) : plainWeights(bytes, start + 1, head - 127);
  const sum = weights.reduce((total, weight) => total + (weight > 0 ? 1 << (weight - 1) : 0), 0);
  const log = 32 - Math.clz32(sum);
  const rest = (1 << log) - sum;
  if (sum === 0 || log > HUFFMAN_LOG_MAX || (rest & (rest - 1)) !== 0) throw new RangeError('A tree does not add up.');
  weights.push(32 - Math.clz32(rest));

  const symbols = new Uint8Array(1 << log);
  const bits = new Uint8Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight += 1) {
    weights.forEach((own, symbol) => {
      if (own !== weight) return;
      const next = at + (1 << (weight - 1));
      symbols.fill(symbol, at, next);
      bits.fill(log + 1 - weight, at, next);
      at = next;
    });
  }
  return [{ log, symbols, bits }, after];
}

function plainWeights(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const pair = byteAt(bytes, start + (index >> 1));
    return index % 2 === 0 ? pair >> 4 : pair & 15;
  });
}

/** Two states take turns until the bits run out. */
function packedWeights(bytes: Uint8Array, start: number, end: number): number[] {
  const [table, from] = readStateTable(bytes, start, end, WEIGHTS_LOG, 255);
  const bits = new BackwardBits(bytes, from, end);
  const weights: number[] = [];
  let own = bits.read(table.log);
  let other = bits.read(table.log);
  while (weights.length < 255) {
    weights.push(byteAt(table.symbols, own));
    const width = byteAt(table.bits, own);
    if (bits.left < width) {
      weights.push(byteAt(table.symbols, other));
      return weights;
    }
    [own, other] = [other, (table.bases[own] ?? 0) + bits.read(width)];
  }
  throw new RangeError('A tree has too many weights.');
}
