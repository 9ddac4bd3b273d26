import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/**
 * Asks for a bearer token (RFC 6750) on the routes that tell how a process is doing, before anything else of a request is
 * read. Without a token they are open. Judged is the route that was found: an address can be spelled in many ways.
 * @param alsoAccepts other credentials, by the Authorization header
 */
export function requireMetricsToken(
  server: FastifyInstance,
  token: string | undefined,
  routes: readonly string[],
  alsoAccepts: (authorization: string | undefined) => boolean = () => false,
): void {
  if (token === undefined) return;
  const expected = digest(token);
  server.addHook('onRequest', (request, reply, done) => {
    const { authorization } = request.headers;
    const { url = '' } = request.routeOptions;
    if (!routes.includes(url) || isToken(authorization, expected) || alsoAccepts(authorization)) {
      done();
      return;
    }
    void reply
      .status(401)
      .header('WWW-Authenticate', 'Bearer realm="Callboard"')
      .send({ error: true, message: 'Expected the METRICS_TOKEN of this installation as a bearer token.' });
  });
}

function isToken(authorization: string | undefined, expected: Buffer): boolean {
  const given = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
