import type { FastifyInstance } from 'fastify';

const METHODS = 'GET, HEAD, POST, PUT, DELETE';
const TAKEN = 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, X-Project';
const SHOWN = [
  'Content-Disposition',
  'Content-Location',
  'Idempotency-Replayed',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Cache',
  'X-Total-Count',
  'X-Trace-Id',
  'X-Upstream-Status',
].join(', ');
/** How long a browser need not ask again, in seconds. */
const MAX_AGE = '600';

/**
 * Lets pages of these origins call the API from a browser: https://fetch.spec.whatwg.org/#http-cors-protocol. An origin
 * is allowed by its exact name, and cookies never are; credentials go in the Authorization header. Register it before
 * authentication, since a browser asks without credentials whether it may.
 */
export function allowOrigins(server: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('Vary', 'Origin');
    const { origin, 'access-control-request-method': asked } = request.headers;
    if (origin === undefined || !allowed.has(origin)) {
      done();
      return;
    }
    void reply.headers({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': SHOWN,
    });
    if (request.method !== 'OPTIONS' || asked === undefined) {
      done();
      return;
    }
    void reply
      .headers({
        'Access-Control-Allow-Methods': METHODS,
        'Access-Control-Allow-Headers': TAKEN,
        'Access-Control-Max-Age': MAX_AGE,
      })
      .status(204)
      .send();
  });
}

/** What a browser says of who asks (https://www.w3.org/TR/fetch-metadata/); other programs say nothing. */
const OF_OTHERS = new Set(['cross-site', 'same-site']);
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what changes something when a browser says that a page of another origin asks, unless that is one of these: a
 * browser adds the password that it keeps, and a POST without a body needs no leave. Register it before authentication, so
 * that no page can try passwords either.
 */
export function refuseOtherPages(server: FastifyInstance, origins: readonly string[]): void {
  const allowed = new Set(origins);
  server.addHook('onRequest', ({ method, headers }, reply, done) => {
    const { 'sec-fetch-site': site, origin = '' } = headers;
    if (site === undefined || READING.has(method) || !OF_OTHERS.has(site) || allowed.has(origin)) {
      done();
      return;
    }
    const message =
      'Expected a page of this origin, or of one of CORS_ORIGINS, to ask for a change, got one of another.';
    void reply.status(403).send({ error: true, message });
  });
}
