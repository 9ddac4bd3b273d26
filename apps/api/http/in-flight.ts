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

export interface InFlightSharing {
  /** Who has a share of its own: the project that a request acts in. */
  readonly ownerOf: (request: FastifyRequest) => string;
  /** How long a body may have been coming before it makes room for another's request, in milliseconds. Default a second. */
  readonly slowMs?: number;
}

const RETRY_AFTER_SECONDS = '2';
/** How much of a body that is passed on is held at a time, at most: a part of an upload to S3. */
const STREAMED_BYTES = 5 * 1024 * 1024;
const SLOW_MS = 1_000;

/** A request that is under way. */
interface Held {
  readonly bytes: number;
  readonly since: number;
  readonly raw: FastifyRequest['raw'];
}

/**
 * Refuses requests beyond what is under way already, with 503 and before their bodies are read. What is refused so costs
 * no memory, however many come. Where one owner has more under way than another that asks, the oldest of its requests
 * whose body keeps coming is cut off instead. Register it behind authentication: strangers must not take the room of others.
 */
export function limitInFlight(
  server: FastifyInstance,
  limits: InFlightLimits,
  routes: InFlightRoutes,
  { ownerOf, slowMs = SLOW_MS }: InFlightSharing = { ownerOf: () => '' },
): void {
  const room = new Room(slowMs);
  server.addHook('onRequest', (request, reply, done) => {
    const { url = '' } = request.routeOptions;
    if (routes.exempt.includes(url) || routes.long.includes(url)) {
      done();
      return;
    }
    const own = bodyBytes(request, routes.streamed.includes(url));
    const owner = ownerOf(request);
    while (room.requests >= limits.requests && room.cutOff(owner, 1, countOf));
    while (room.bytes > 0 && room.bytes + own > limits.bodyBytes && room.cutOff(owner, own, bytesOf));
    const refusal =
      room.requests >= limits.requests
        ? `Expected at most ${limits.requests} requests under way, and there are as many: try again in a moment.`
        : room.bytes > 0 && room.bytes + own > limits.bodyBytes
          ? `Expected bodies of at most ${limits.bodyBytes} bytes under way, and there is no room for this one: try again in a moment.`
          : null;
    if (refusal !== null) {
      void reply.status(503).header('Retry-After', RETRY_AFTER_SECONDS).send({ error: true, message: refusal });
      return;
    }
    const leave = room.enter(owner, { bytes: own, since: performance.now(), raw: request.raw });
    // Comes once for each, however it ends.
    reply.raw.once('close', leave);
    done();
  });
}

/** What is under way, by its owner. */
class Room {
  requests = 0;
  bytes = 0;
  private readonly held = new Map<string, Set<Held>>();

  constructor(private readonly slowMs: number) {}

  /** @returns what ends it; safe to call twice. */
  enter(owner: string, held: Held): () => void {
    const own = this.held.get(owner) ?? new Set();
    this.held.set(owner, own.add(held));
    this.requests += 1;
    this.bytes += held.bytes;
    return () => this.leave(owner, held);
  }

  /**
   * Cuts off a request of whoever has most under way, if that is more than this owner would have with so much more. What
   * has come whole is left alone: it may have been acted on.
   * @returns whether there was one.
   */
  cutOff(owner: string, more: number, measure: (held: ReadonlySet<Held>) => number): boolean {
    let largest: string | undefined;
    let most = measure(this.held.get(owner) ?? new Set()) + more;
    for (const [other, held] of this.held) {
      const size = measure(held);
      if (size > most) [largest, most] = [other, size];
    }
    if (largest === undefined) return false;
    const slowSince = performance.now() - this.slowMs;
    for (const held of this.held.get(largest) ?? []) {
      // They stand in the order in which they came.
      if (held.since > slowSince) break;
      if (held.bytes === 0 || held.raw.complete || held.raw.destroyed) continue;
      this.leave(largest, held);
      held.raw.destroy();
      return true;
    }
    return false;
  }

  private leave(owner: string, held: Held): void {
    const own = this.held.get(owner);
    if (!own?.delete(held)) return;
    this.requests -= 1;
    this.bytes -= held.bytes;
    if (own.size === 0) this.held.delete(owner);
  }
}

function countOf({ size }: ReadonlySet<Held>): number {
  return size;
}

function bytesOf(held: ReadonlySet<Held>): number {
  let bytes = 0;
  for (const each of held) bytes += each.bytes;
  return bytes;
}

/** How much of a request's body is held in memory; as much as may come where it does not say. */
function bodyBytes({ headers, routeOptions }: FastifyRequest, isStreamed: boolean): number {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  const most = isStreamed ? STREAMED_BYTES : routeOptions.bodyLimit;
  if (length !== undefined) return Math.min(Number(length), most);
  return coding === undefined ? 0 : most;
}
