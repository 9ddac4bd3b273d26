import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CallerLimits, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, MOST_LOGINS_KEPT, UNDER_ATTACK } from '#core';
import type { Allowance, Clock, Login, LoginPolicy, RequestRate } from '#core';

interface Failures {
  count: number;
  /** Of the last one. */
  at: number;
  /** Nothing is compared before this time. */
  until: number;
  /** Whose password was tried; null: those of several. */
  name: string | null;
}

/** Owners have proved themselves, so there are no more of them than credentials. */
const MOST_OWNERS = 20_000;

/** What one process counts of its callers: the only one, or one of several that cannot ask for what all have counted. */
export class MemoryCallerLimits extends CallerLimits {
  private readonly paidBy = new LRUCache<string, number>({ max: MOST_OWNERS });
  private readonly networks = new LRUCache<string, Failures>({ max: MOST_LOGINS_KEPT });
  /** By a digest, so that a name takes no more than another. */
  private readonly names = new LRUCache<string, Failures>({ max: MOST_LOGINS_KEPT });
  /** Digests of network and credential that have been right together. */
  private readonly known = new LRUCache<string, true>({ max: MOST_LOGINS_KEPT });

  constructor(private readonly clock: Clock) {
    super();
  }

  take(owner: string, { perSecond, burst }: RequestRate): Allowance {
    const costMs = 1_000 / perSecond;
    const allMs = burst * costMs;
    const now = this.clock.now();
    // A clock that was set back must not make anybody wait longer than a full burst takes.
    const before = Math.min(Math.max(this.paidBy.get(owner) ?? now, now), now + allMs);
    const after = before + costMs;
    // The last part of a millisecond is lost to rounding.
    const isAllowed = after - now <= allMs + 0.001;
    const paid = isAllowed ? after : before;
    this.paidBy.set(owner, paid);
    return { isAllowed, paidMs: paid - now };
  }

  pauseMs(login: Login): number {
    return this.pauseNowMs(login);
  }

  pauseNowMs(login: Login): number {
    const failures = this.networks.get(login.network);
    if (!failures) return 0;
    const now = this.clock.now();
    // A clock that was set back must not make it longer.
    failures.until = Math.min(failures.until, now + LONGEST_PAUSE_MS);
    return failures.until <= now || this.isKnown(login) ? 0 : failures.until - now;
  }

  failed(login: Login, { failures: most, windowMs }: LoginPolicy): void {
    const name = digest(login.name);
    const tried = this.count(this.names, name, name, windowMs);
    const failures = this.count(this.networks, login.network, name, windowMs);
    const beyond = failures.count - (tried.count > most * UNDER_ATTACK ? 1 : most);
    if (beyond < 0) return;
    failures.until = failures.at + Math.min(FIRST_PAUSE_MS * 2 ** beyond, LONGEST_PAUSE_MS, windowMs);
  }

  succeeded(login: Login): void {
    this.noteKnown(login);
    if (this.networks.get(login.network)?.name === digest(login.name)) this.networks.delete(login.network);
  }

  /** Takes note that a credential has been right from there before, whatever has failed since. */
  noteKnown(login: Login): void {
    this.known.set(markOf(login), true);
  }

  /** Whether this credential has been right from there before. */
  isKnown(login: Login): boolean {
    return this.known.has(markOf(login));
  }

  /** How much is kept in mind of logins; never more than a fixed number. */
  get size(): number {
    return this.networks.size + this.names.size + this.known.size;
  }

  private count(among: LRUCache<string, Failures>, key: string, name: string, windowMs: number): Failures {
    const at = this.clock.now();
    const before = among.get(key);
    const failures = before && at - before.at <= windowMs ? before : { count: 0, at, until: 0, name };
    failures.count += 1;
    failures.at = at;
    if (failures.name !== name) failures.name = null;
    among.set(key, failures);
    return failures;
  }
}

function markOf({ network, credential }: Login): string {
  return digest(network, credential);
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}
