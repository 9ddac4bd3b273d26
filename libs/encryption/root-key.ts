import { createHmac } from 'node:crypto';

export const KEY_BYTES = 32;
/** How a ciphertext names its key, in bytes. */
export const KEY_ID_BYTES = 4;

/** A key that others are derived from. It encrypts nothing itself. */
export class RootKey {
  /** What ciphertexts call it: the beginning of a hash that tells nothing of the key. */
  readonly id: Buffer;
  /** The same for people: 8 hexadecimal characters. */
  readonly name: string;

  constructor(private readonly bytes: Buffer) {
    this.id = this.expand(Buffer.from('callboard key id')).subarray(0, KEY_ID_BYTES);
    this.name = this.id.toString('hex');
  }

  /**
   * HKDF-Expand with SHA-256 to one block, 32 bytes: https://datatracker.ietf.org/doc/html/rfc5869#section-2.3. The key
   * is random already, so nothing is to be extracted (section 3.3).
   */
  expand(info: Buffer): Buffer {
    return createHmac('sha256', this.bytes).update(info).update('\u0001').digest();
  }

  /** As it is configured. */
  toText(): string {
    return this.bytes.toString('base64');
  }
}
