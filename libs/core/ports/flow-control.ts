import type { Limits } from '../limits.js';

/** A process that would start. */
export interface PermitAsk {
  readonly traceId: string;
  /** Its line; empty for what has no key. */
  readonly key: string;
}

export interface Entry {
  readonly isGranted: boolean;
  /** When asking again could help, in milliseconds; null: when a permit is given back. Zero: its line is asked for it. */
  readonly waitMs: number | null;
}

export interface Reservation {
  /** The trace ids of those that may start, in the order in which they were asked for. */
  readonly granted: readonly string[];
  /** When asking again could help the next one, in milliseconds; null: when a permit is given back. */
  readonly waitMs: number | null;
}

/** When a breaker opens, and for how long. */
export interface BreakerPolicy {
  /** After how many calls in a row that the service failed. */
  readonly failures: number;
  /** How long it stays open at first, in milliseconds; doubles with each probe that fails. */
  readonly openMs: number;
  readonly longestOpenMs: number;
}

export type BreakerState = 'closed' | 'half-open' | 'open';

/** The breaker of one Spec as it is now. */
export interface Breaker {
  readonly state: BreakerState;
  /** When asking for a probe could help, in milliseconds. */
  readonly waitMs: number;
}

/** What a call says of its service: `none` where it does not, since it was not made, was broken off, or failed for us. */
export type Verdict = 'success' | 'failure' | 'none';

/** How long a reserved start is kept for its process, in milliseconds: it is on its way to a worker. */
export const RESERVED_MS = 3_000;
/** How long after that its process still goes before its line, if there is a permit, in milliseconds. */
export const LATE_MS = 60_000;
/** How long those that come stay behind their line when nobody tends it any more, in milliseconds. */
export const LINE_MS = 3_000;
/** How long failures of a closed breaker count, in milliseconds. */
export const FAILURES_COUNT_MS = 300_000;
/** Starts that are nearer to one another than this are as good as together, in milliseconds. */
const TOGETHER_MS = 50;

/**
 * Which calls may start just now: permits under the limits of a Spec, and a breaker for each. Shared by all workers that
 * have the same backend. No method rejects: where the backend is away, each worker counts for itself until it is back.
 *
 * Rates are kept by a token bucket (GCRA): https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export abstract class FlowControl {
  /**
   * Asks for a process that has come to its call. Granted where a start was reserved for it, and else where a permit is
   * free and its key has no line: whoever is refused joins that line, and those of its key that come later stay behind
   * it, until it was emptied or nobody has asked for it for `LINE_MS`.
   * @param leaseMs for how long a permit of concurrency is taken unless it is renewed.
   */
  abstract enter(specTraceId: string, limits: Limits, ask: PermitAsk, leaseMs: number): Promise<Entry>;

  /**
   * Reserves starts for the first of lines, as many as may start now, in this order; what is reserved or runs already is
   * passed over. A reservation lapses after `RESERVED_MS`; who comes later asks anew, but goes before its line.
   */
  abstract reserve(specTraceId: string, limits: Limits, asks: readonly PermitAsk[]): Promise<Reservation>;

  /** Takes note that nobody waits in these lines any more. */
  abstract emptied(specTraceId: string, keys: readonly string[]): Promise<void>;

  /**
   * Moves the ends of permits of concurrency, and takes those again that have ended meanwhile, whatever the limit: who
   * renews has calls under way.
   */
  abstract renew(specTraceId: string, traceIds: readonly string[], leaseMs: number): Promise<void>;

  /** Gives a permit of concurrency back, if there is one. */
  abstract leave(specTraceId: string, traceId: string): Promise<void>;

  /** The breakers that are not closed, by Spec. */
  abstract breakers(): Promise<ReadonlyMap<string, Breaker>>;

  /**
   * Asks to make a call behind a breaker: as any other where it is closed; as the one probe where it has been open for
   * long enough and no other probe began within `probeMs`.
   */
  abstract probe(
    specTraceId: string,
    traceId: string,
    probeMs: number,
  ): Promise<Breaker & { readonly isGranted: boolean }>;

  /**
   * Takes note of how a call went. A closed breaker counts failures in a row and opens; otherwise only the probe's word
   * counts: success closes it, failure opens it for longer, `none` lets the next probe begin.
   */
  abstract report(specTraceId: string, traceId: string, verdict: Verdict, policy: BreakerPolicy): Promise<Breaker>;
}

/** The same limits as a token bucket counts them. */
export interface Bucket {
  /** From one start to the next, in milliseconds; 0: any number may start. */
  readonly everyMs: number;
  /** How many may start together. */
  readonly burst: number;
  /** 0: any number may be under way. */
  readonly concurrency: number;
}

export function bucketOf({ requests, seconds, burst, concurrency = 0 }: Limits): Bucket {
  if (requests === undefined || seconds === undefined) return { everyMs: 0, burst: 0, concurrency };
  const everyMs = (seconds * 1_000) / requests;
  return { everyMs, burst: Math.max(burst ?? 1, Math.floor(TOGETHER_MS / everyMs), 1), concurrency };
}
