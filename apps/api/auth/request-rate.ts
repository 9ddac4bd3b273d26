import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Allowance, CallerLimits, RequestRate } from '#core';

export interface RequestRateOptions {
  readonly limits: CallerLimits;
  /** How many requests one credential may make of all APIs that share the limits. */
  readonly rate: RequestRate;
  /** Whose request it is. */
  readonly ownerOf: (request: FastifyRequest) => string;
  /** Routes that are always answered. */
  readonly exempt: readonly string[];
}

/**
 * Limits how fast each credential may make requests. Told by the headers of
 * https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.html. Register it behind authentication.
 */
export function limitRequestRate(server: FastifyInstance, options: RequestRateOptions): void {
  const { limits, rate, ownerOf, exempt } = options;
  server.addHook('onRequest', (request, reply, done) => {
    if (exempt.includes(request.routeOptions.url ?? '')) {
      done();
      return;
    }
    const answer = (allowance: Allowance) => {
      tell(reply, rate, allowance);
      if (allowance.isAllowed) done();
      else refuse(reply, rate, allowance);
    };
    const allowance = limits.take(ownerOf(request), rate);
    if (allowance instanceof Promise) allowance.then(answer).catch(done);
    else answer(allowance);
  });
}

function tell(reply: FastifyReply, { perSecond, burst }: RequestRate, { paidMs }: Allowance): void {
  const allMs = (burst * 1_000) / perSecond;
  const left = Math.max(0, Math.floor(((allMs - paidMs) / 1_000) * perSecond + 0.001));
  void reply.header('RateLimit-Policy', `"credential";q=${burst};w=${Math.max(1, Math.round(allMs / 1_000))}`);
  void reply.header('RateLimit', `"credential";r=${left};t=${Math.ceil(paidMs / 1_000)}`);
}

function refuse(reply: FastifyReply, { perSecond, burst }: RequestRate, { paidMs }: Allowance): void {
  const waitMs = paidMs - ((burst - 1) * 1_000) / perSecond;
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const message = `Expected at most ${perSecond} requests a second of one credential: try again in ${seconds} s.`;
  void reply.status(429).header('Retry-After', String(seconds)).send({ error: true, message });
}
