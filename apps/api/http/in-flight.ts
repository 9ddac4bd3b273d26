import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface InFlightLimits {
  /** How many requests may be under way at once. */
  readonly requests: number;
  /** How many bytes the bodies of all of them may have together; a body that is alone may be as large as its route allows. */
  readonly bodyBytes: number;
}

export interface InFlightRoutes {
  /** What is always answered: it costs next to nothing, and tells how the process is doing. */
  readonly exempt: readonly string[];
  /** What has a limit of its own for as long as it is answered. */
  readonly long: readonly string[];
  /** What passes its body on as it comes. */
  readonly streamed: readonly string[];
}

const RETRY_AFTER_SECONDS = '2';
/** How much of a body that is passed on is held at a time, at most: a part of an upload to S3. */
const STREAMED_BYTES = 5 * 1024 * 1024;

/**
 * Refuses requests beyond what is under way already, with 503 and before their bodies are read. What is refused so costs
 * no memory, however many come. Register it behind authentication: strangers must not take the room of others.
 */
export function limitInFlight(server: FastifyInstance, limits: InFlightLimits, routes: InFlightRoutes): void {
  let requests = 0;
  let bytes = 0;
  server.addHook('onRequest', (request, reply, done) => {
    const { url = '' } = request.routeOptions;
    if (routes.exempt.includes(url) || routes.long.includes(url)) {
      done();
      return;
    }
    const own = bodyBytes(request, routes.streamed.includes(url));
    const refusal =
      requests >= limits.requests
        ? `Expected at most ${limits.requests} requests under way, and there are as many: try again in a moment.`
        : bytes > 0 && bytes + own > limits.bodyBytes
          ? `Expected bodies of at most ${limits.bodyBytes} bytes under way, and there is no room for this one: try again in a moment.`
          : null;
    if (refusal !== null) {
      void reply.status(503).header('Retry-After', RETRY_AFTER_SECONDS).send({ error: true, message: refusal });
      return;
    }
    requests += 1;
    bytes += own;
    // Comes once for each, however it ends.
    reply.raw.once('close', () => {
      requests -= 1;
      bytes -= own;
    });
    done();
  });
}

/** How much of a request's body is held in memory; as much as may come where it does not say. */
function bodyBytes({ headers, routeOptions }: FastifyRequest, isStreamed: boolean): number {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  const most = isStreamed ? STREAMED_BYTES : routeOptions.bodyLimit;
  if (length !== undefined) return Math.min(Number(length), most);
  return coding === undefined ? 0 : most;
}
