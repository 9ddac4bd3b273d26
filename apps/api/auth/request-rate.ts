import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Clock } from '#core';

export interface RequestRateOptions {
  /** How many requests a second one credential may make of this process. */
  readonly perSecond: number;
  /** How many of them may come at once. */
  readonly burst: number;
  readonly clock: Clock;
  /** Whose request it is. */
  readonly ownerOf: (request: FastifyRequest) => string;
  /** Routes that are always answered. */
  readonly exempt: readonly string[];
}

/** Owners have proved themselves, so there are no more of them than credentials. */
const MOST_OWNERS = 20_000;

/**
 * Limits how fast each credential may make requests, by the generic cell rate algorithm: of each owner one time is kept,
 * by which all that it has asked for is paid. Told by the headers of
 * https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.html. Register it behind authentication.
 */
export function limitRequestRate(server: FastifyInstance, options: RequestRateOptions): void {
  const { perSecond, burst, clock, ownerOf, exempt } = options;
  const costMs = 1_000 / perSecond;
  const allMs = burst * costMs;
  const policy = `"credential";q=${burst};w=${Math.max(1, Math.round(allMs / 1_000))}`;
  const paidBy = new LRUCache<string, number>({ max: MOST_OWNERS });
  server.addHook('onRequest', (request, reply, done) => {
    if (exempt.includes(request.routeOptions.url ?? '')) {
      done();
      return;
    }
    const owner = ownerOf(request);
    const now = clock.now();
    // A clock that was set back must not make anybody wait longer than a full burst takes.
    const before = Math.min(Math.max(paidBy.get(owner) ?? now, now), now + allMs);
    const after = before + costMs;
    // The last part of a millisecond is lost to rounding.
    const isAllowed = after - now <= allMs + 0.001;
    const paid = isAllowed ? after : before;
    paidBy.set(owner, paid);
    const left = Math.max(0, Math.floor((allMs - (paid - now)) / costMs + 0.001));
    void reply.header('RateLimit-Policy', policy);
    void reply.header('RateLimit', `"credential";r=${left};t=${Math.ceil((paid - now) / 1_000)}`);
    if (isAllowed) {
      done();
      return;
    }
    const seconds = Math.max(1, Math.ceil((after - now - allMs) / 1_000));
    const message = `Expected at most ${perSecond} requests a second of one credential: try again in ${seconds} s.`;
    void reply.status(429).header('Retry-After', String(seconds)).send({ error: true, message });
  });
}
