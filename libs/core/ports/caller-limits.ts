/** How fast one caller may ask. */
export interface RequestRate {
  /** Requests a second. */
  readonly perSecond: number;
  /** How many of them may come at once. */
  readonly burst: number;
}

/** What became of one request. */
export interface Allowance {
  readonly isAllowed: boolean;
  /** How long until a whole burst may come again, in milliseconds. */
  readonly paidMs: number;
}

/** Somebody who logs in, with the right password or a wrong one. */
export interface Login {
  /** What one guesser has: an IPv4 address, or all of an IPv6 /64. */
  readonly network: string;
  /** Whose password it is, or would be. */
  readonly name: string;
  /** The whole credential, as it was sent. */
  readonly credential: string;
}

/** When failed logins begin to cost time. */
export interface LoginPolicy {
  /** How many a network may make before it has to wait. */
  readonly failures: number;
  /** How long after the last one they are forgotten, in milliseconds. */
  readonly windowMs: number;
}

/** How many networks, how many names and how many right credentials are kept in mind: the least recently seen go first. */
export const MOST_LOGINS_KEPT = 20_000;
/** How long a network waits after the first failure too many, in milliseconds; it doubles with each further one. */
export const FIRST_PAUSE_MS = 1_000;
export const LONGEST_PAUSE_MS = 60_000;
/** A name that was tried in vain this many times as often as a network may allows none of its failures. */
export const UNDER_ATTACK = 5;

/**
 * What is counted of callers: their requests, and logins that failed. Counted together by all APIs that have the same
 * backend. No method rejects: where the backend is away, each API counts for itself until it is back. Answers come at
 * once, without a promise, where they need no backend.
 */
export abstract class CallerLimits {
  /**
   * Takes a request of an owner, if its rate allows it, by the generic cell rate algorithm: of each owner one time is
   * kept, by which all that it has asked for is paid. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
   */
  abstract take(owner: string, rate: RequestRate): Allowance | Promise<Allowance>;

  /**
   * How long a network has to wait before a credential of it may be looked at, in milliseconds; 0: it need not. Who has
   * logged in from there before never waits, and is let through at once by the API that has seen it.
   */
  abstract pauseMs(login: Login): number | Promise<number>;

  /**
   * The same by what this API alone has seen, at once. To be asked right before a credential is looked at: while `pauseMs`
   * was awaited, others that came with it may have failed.
   */
  abstract pauseNowMs(login: Login): number;

  /**
   * Takes note of a failure. Beyond those of the policy the network waits 1, 2, 4 … 60 seconds after each; where the name
   * is under attack, from its first one on.
   */
  abstract failed(login: Login, policy: LoginPolicy): void | Promise<void>;

  /**
   * Takes note, without waiting, that a credential was right: from now on it is known to come from there, and failures of
   * that network are taken back if they were of this name alone.
   */
  abstract succeeded(login: Login): void;
}
