const FIRST_BYTES = 16 * 1024;
/** UTF-8 takes no more for one code unit of a JavaScript text. */
const MOST_BYTES_A_UNIT = 3;

/**
 * Texts that wait for a moment, one after the other as UTF-8. As bytes they lie outside of the heap: the collector of
 * garbage, which runs many times a second under load, does not copy them each time.
 */
export class GatheredText {
  private bytes = Buffer.alloc(0);
  private used = 0;

  /** In bytes. */
  get length(): number {
    return this.used;
  }

  add(text: string): void {
    const most = this.used + text.length * MOST_BYTES_A_UNIT;
    if (most > this.bytes.length) this.grow(most);
    this.used += this.bytes.write(text, this.used);
  }

  /** All of it, without a copy: what is added later stands behind it. */
  read(): Buffer {
    return this.bytes.subarray(0, this.used);
  }

  private grow(most: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, this.bytes.length * 2, most));
    larger.set(this.read());
    this.bytes = larger;
  }
}
