import type { Scope } from './principal.js';

/** What lets a program in: everything about it but the key itself, of which only a hash is kept. */
export interface ApiKey {
  /** Also the public part of the key's text. */
  readonly traceId: string;
  /** The only one that it acts in. */
  readonly project: string;
  /** For people; several may have the same. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Trace ids of the only Specs that it sees and uses; null means all of its project. */
  readonly specs: readonly string[] | null;
  /** SHA-256 of the key's text, 64 hexadecimal characters. */
  readonly hash: string;
  /** The id of the principal who made it. */
  readonly createdBy: string;
  /** All times in epoch milliseconds. */
  readonly createdAt: number;
  /** From when on it lets nobody in; null for never. */
  readonly expiresAt: number | null;
  /** About when it last let somebody in, a minute or so behind; null if never. */
  readonly lastUsedAt: number | null;
}
