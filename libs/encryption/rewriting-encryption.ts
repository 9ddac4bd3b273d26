import { Encryption } from './encryption.js';
import type { KeyRing } from './key-ring.js';
import type { Place } from './place.js';

/** What is to be rewritten: what is stored plain, or also what another key than the current one has encrypted. */
export type Rewritable = 'plain' | 'all';

/** Encryption that notices what it reads that is to be rewritten: encrypted again, with the current key. */
export class RewritingEncryption extends Encryption {
  private hasNoticed = false;

  constructor(
    keys: KeyRing,
    readonly what: Rewritable,
  ) {
    super(keys);
  }

  /** What `read` gives, and whether anything that it has decrypted is to be rewritten. */
  notice<T>(read: () => T): { value: T; isStale: boolean } {
    this.hasNoticed = false;
    const value = read();
    return { value, isStale: this.hasNoticed };
  }

  override decrypt(place: Place, field: string, sealed: Buffer): Buffer {
    const plain = super.decrypt(place, field, sealed);
    if (this.what === 'all' && !this.isCurrent(sealed)) this.hasNoticed = true;
    return plain;
  }

  override plain(place: Place, field: string): void {
    super.plain(place, field);
    this.hasNoticed = true;
  }
}
