import { randomBytes } from 'node:crypto';
import { KEY_BYTES, RootKey } from './root-key.js';

/** A key as it is configured: an optional name for people, and 32 bytes in base64. */
const KEY = /^(?:([\w-]{1,32}):)?([A-Za-z0-9+/]{43}=)$/;

/** The keys of an installation: the first encrypts, and each of them reads what it has encrypted. */
export class KeyRing {
  readonly current: RootKey;
  private readonly byId: ReadonlyMap<string, RootKey>;

  private constructor(readonly keys: readonly [RootKey, ...RootKey[]]) {
    [this.current] = keys;
    this.byId = new Map(keys.map((key) => [key.name, key]));
  }

  /** Keys joined by commas or line ends. @returns undefined for anything else. */
  static parse(text: string): KeyRing | undefined {
    const found = text
      .trim()
      .split(/\s*[,\n]\s*/)
      .map((part) => KEY.exec(part)?.[2]);
    const keys = found.flatMap((base64) => (base64 === undefined ? [] : new RootKey(Buffer.from(base64, 'base64'))));
    const [first, ...others] = keys;
    return first && keys.length === found.length ? new KeyRing([first, ...others]) : undefined;
  }

  /** A fresh key as it is configured. */
  static newKey(): string {
    return randomBytes(KEY_BYTES).toString('base64');
  }

  /** The key that a ciphertext names, if it is one of these. */
  find(id: Buffer): RootKey | undefined {
    // Nearly always the only one.
    return this.current.id.equals(id) ? this.current : this.byId.get(id.toString('hex'));
  }

  /** The names of the keys, for people. */
  get names(): string[] {
    return this.keys.map(({ name }) => name);
  }

  /** As it is configured: for a thread that needs the same keys. */
  toText(): string {
    return this.keys.map((key) => key.toText()).join(',');
  }
}
