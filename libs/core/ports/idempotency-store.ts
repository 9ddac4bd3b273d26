/**
 * What was made of requests that carry an idempotency key, so that a repeat gets the first answer. Apart from what is
 * made: keys are forgotten by their age, whatever they stand for. Every method is one atomic change of one key (`take`:
 * of several at once exactly one is told `mine`), durable when its promise resolves.
 * All reject with `Unavailable` when the database does not answer in time.
 */
export abstract class IdempotencyStore {
  /**
   * Takes a key that nobody has or whose time is over, or one that whoever took it for the same request left without
   * ending it: then under the trace id of before.
   */
  abstract take(key: WantedKey, now: number): Promise<KeyTaken>;

  /** Notes that the request has been carried out: `take` says `done` from now on. A key that is gone is fine. */
  abstract end(key: string, traceId: string): Promise<void>;

  /** Gives a key up, as if it had never been taken; only while it stands as this call of `take` left it. */
  abstract giveUp(key: string, traceId: string, busyUntil: number): Promise<void>;

  /**
   * Removes keys whose time was over at `now`, those first whose time ended first.
   * @returns how many, `limit` at most.
   */
  abstract sweep(limit: number, now: number): Promise<number>;
}

export interface WantedKey {
  /** A hash of the key and all that it is scoped by: letters, digits, `-` and `_`. */
  readonly key: string;
  readonly project: string;
  /** A hash of the request's body. */
  readonly fingerprint: string;
  /** What the request makes is called by this. */
  readonly traceId: string;
  /** Until when the request counts as being carried out, in epoch milliseconds. */
  readonly busyUntil: number;
  /** When the key is forgotten, in epoch milliseconds. */
  readonly expiresAt: number;
}

/**
 * - `mine`: carry the request out, under this trace id; it may have been made already where another began before.
 * - `busy`: another is about to; it may have been made already.
 * - `done`: it has been carried out.
 * - `other`: the key stands for another request.
 */
export interface KeyTaken {
  readonly state: 'mine' | 'busy' | 'done' | 'other';
  readonly traceId: string;
}

/** By how much the clocks of two who ask may differ. */
const CLOCKS_DIFFER_MS = 60_000;

/**
 * Whether who took a key may be at it still.
 * @param until as that one said
 * @param wanted what asks for the key now: no request of now is at it for much longer, but by a clock set back since.
 */
export function isBusy(until: number, { busyUntil }: Pick<WantedKey, 'busyUntil'>, now: number): boolean {
  return until > now && until <= busyUntil + CLOCKS_DIFFER_MS;
}
