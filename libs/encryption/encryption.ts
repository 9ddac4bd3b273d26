import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { Permanent } from '#core';
import type { KeyRing } from './key-ring.js';
import type { Place } from './place.js';
import { placeBytes } from './place.js';
import type { RootKey } from './root-key.js';
import { KEY_ID_BYTES } from './root-key.js';

/** The first byte of each ciphertext. Its base64 begins with an `A`, as no JSON text does. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCE_AT = 1 + KEY_ID_BYTES;
const CONTENT_AT = NONCE_AT + NONCE_BYTES;
/** How much longer a ciphertext is than what it holds. */
const OVERHEAD_BYTES = CONTENT_AT + TAG_BYTES;

const CIPHER = 'aes-256-gcm';
/** Random bytes are fetched for so many nonces at a time. */
const NONCES = 256;
/** How many derived keys are remembered: a process is written, claimed and ended within a moment. */
const MOST_KEYS = 2_000;

/**
 * Encrypts values for rest with AES-256-GCM. Each thing has a key of its own, derived from a root key and its place; each
 * value a random nonce, and its field as additional data. A ciphertext is: a version byte, the id of the root key (4
 * bytes), the nonce (12), the content, the tag (16).
 */
export class Encryption {
  /** Whether values are read that an older release has stored plain. */
  acceptsPlain = false;
  private readonly derived = new Map<string, Buffer>();
  private readonly nonces = Buffer.alloc(NONCES * NONCE_BYTES);
  private nextNonce = NONCES;

  constructor(readonly keys: KeyRing) {}

  encrypt(place: Place, field: string, plain: Uint8Array, root: RootKey = this.keys.current): Buffer {
    const nonce = this.nonce();
    const cipher = createCipheriv(CIPHER, this.keyOf(root, place), nonce);
    cipher.setAAD(Buffer.from(field));
    const content = cipher.update(plain);
    cipher.final();
    const sealed = Buffer.allocUnsafe(CONTENT_AT + content.length + TAG_BYTES);
    sealed[0] = VERSION;
    root.id.copy(sealed, 1);
    nonce.copy(sealed, NONCE_AT);
    content.copy(sealed, CONTENT_AT);
    cipher.getAuthTag().copy(sealed, CONTENT_AT + content.length);
    return sealed;
  }

  /** @throws Permanent when it was not encrypted for this place and field by one of the keys, or was changed since. */
  decrypt(place: Place, field: string, sealed: Buffer): Buffer {
    const root = sealed[0] === VERSION ? this.keys.find(sealed.subarray(1, NONCE_AT)) : undefined;
    if (!root || sealed.length < OVERHEAD_BYTES) throw unreadable(place, field, 'another version, or another key');
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, this.keyOf(root, place), sealed.subarray(NONCE_AT, CONTENT_AT));
    decipher.setAAD(Buffer.from(field));
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(CONTENT_AT, end));
    try {
      decipher.final();
    } catch {
      throw unreadable(place, field, 'bytes that were changed, or belong elsewhere');
    }
    return plain;
  }

  /** A text, as base64. */
  encryptText(place: Place, field: string, text: string): string {
    return this.encrypt(place, field, Buffer.from(text)).toString('base64');
  }

  decryptText(place: Place, field: string, sealed: string): string {
    return this.decrypt(place, field, Buffer.from(sealed, 'base64')).toString();
  }

  /** A value that JSON can hold; null where there is none. What tells nothing (null, {}) stays as it is. */
  encryptJson(place: Place, field: string, value: unknown): string | null {
    if (value === undefined) return null;
    const text = JSON.stringify(value);
    return tellsNothing(text) ? text : this.encryptText(place, field, text);
  }

  /** What `encryptJson` was given, or JSON text that an older release has stored. @throws as `decrypt` and `plain`. */
  decryptJson(place: Place, field: string, stored: string | null | undefined): unknown {
    if (typeof stored !== 'string') return undefined;
    if (stored.startsWith('A')) return JSON.parse(this.decryptText(place, field, stored));
    if (!tellsNothing(stored)) this.plain(place, field);
    return JSON.parse(stored);
  }

  /** To be called for each value that was found plain. @throws Permanent once none is to be. */
  plain(place: Place, field: string): void {
    if (!this.acceptsPlain) throw unreadable(place, field, 'a plain one');
  }

  /** Whether a ciphertext was made with the key that encrypts now. */
  isCurrent(sealed: Buffer): boolean {
    return sealed[0] === VERSION && this.keys.current.id.equals(sealed.subarray(1, NONCE_AT));
  }

  /** The key of a thing. */
  keyOf(root: RootKey, place: Place): Buffer {
    const name = `${root.name} ${place.kind} ${place.id} ${place.project}`;
    const known = this.derived.get(name);
    if (known) return known;
    const key = root.expand(placeBytes(place));
    if (this.derived.size >= MOST_KEYS) {
      for (const oldest of this.derived.keys()) {
        this.derived.delete(oldest);
        break;
      }
    }
    this.derived.set(name, key);
    return key;
  }

  private nonce(): Buffer {
    if (this.nextNonce === NONCES) {
      randomFillSync(this.nonces);
      this.nextNonce = 0;
    }
    const start = this.nextNonce * NONCE_BYTES;
    this.nextNonce += 1;
    return this.nonces.subarray(start, start + NONCE_BYTES);
  }
}

function tellsNothing(json: string): boolean {
  return json === 'null' || json === '{}';
}

function unreadable({ kind, id }: Place, field: string, got: string): Permanent {
  return new Permanent(
    'VALUE_UNREADABLE',
    `Expected the ${field} of the ${kind} ${id} to be encrypted for its place by a known key, got ${got}.`,
  );
}
