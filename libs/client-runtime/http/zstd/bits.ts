/** Zstandard writes its entropy-coded parts to be read from their last bit to their first. */
export class BackwardBits {
  /** How many bits are left; negative once more were read than there were. */
  left: number;

  /** @throws RangeError when the bytes have no end mark: https://www.rfc-editor.org/rfc/rfc8878#section-4.1 */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly start: number,
    end: number,
  ) {
    const last = end > start ? byteAt(bytes, end - 1) : 0;
    if (last === 0) throw new RangeError('The end of a bit stream is not marked.');
    this.left = (end - start - 1) * 8 + (31 - Math.clz32(last));
  }

  /** The next bits, 25 at most; zeros once there are none left. */
  read(count: number): number {
    this.left -= count;
    if (this.left >= 0) return this.at(this.left, count);
    const some = this.left + count;
    return some > 0 ? this.at(0, some) << -this.left : 0;
  }

  private at(bit: number, count: number): number {
    const { bytes } = this;
    const byte = this.start + (bit >> 3);
    const word =
      byteAt(bytes, byte) |
      (byteAt(bytes, byte + 1) << 8) |
      (byteAt(bytes, byte + 2) << 16) |
      (byteAt(bytes, byte + 3) << 24);
    return (word >>> (bit & 7)) & ((1 << count) - 1);
  }
}

/** The byte there, and 0 beyond the end. */
export function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
