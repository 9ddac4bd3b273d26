import { isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CallerLimits, Login, LoginPolicy } from '#core';
import type { ClientAddress, ForwardedBy } from '#observability';
import { pairOf } from './basic-auth.js';
import './caller.js';

export interface FailedLoginOptions {
  readonly limits: CallerLimits;
  readonly policy: LoginPolicy;
  readonly clientAddress: ClientAddress;
  readonly forwardedFor: ForwardedBy['forwardedFor'];
}

/** Over the connection of a proxy come the requests of many. */
interface Proven {
  readonly authorization: string;
  readonly claim: unknown;
  /** How many logins had failed here until it was told. */
  readonly toldAt: number;
}

/**
 * Slows down whoever guesses passwords. Beyond some failures an address waits 1, 2, 4 … 60 seconds after each, and what
 * it sends meanwhile is refused unread. Who has logged in from there before goes on, whatever others do behind the same
 * address; a correct login takes back what its own name failed. Failures from everywhere against one name make that
 * happen at the first failure of each address, but every address may always try once: nobody is locked out.
 */
export class FailedLogins {
  /** What was right last on a connection, so that most requests cost one look-up and wait for nothing. */
  private readonly provenOn = new WeakMap<Socket, Proven>();
  private failures = 0;

  constructor(private readonly options: FailedLoginOptions) {}

  /** How many milliseconds this request has to wait before its credential is looked at; 0: none. */
  pauseMs(request: FastifyRequest): number | Promise<number> {
    if (request.headers.authorization === undefined || this.provenBy(request)) return 0;
    return this.options.limits.pauseMs(this.loginOf(request));
  }

  /** The same at once, by what this API alone has seen: while `pauseMs` was awaited, guesses that came with it have failed. */
  pauseNowMs(request: FastifyRequest): number {
    return this.provenBy(request) ? 0 : this.options.limits.pauseNowMs(this.loginOf(request));
  }

  failed(request: FastifyRequest): void | Promise<void> {
    this.failures += 1;
    return this.options.limits.failed(this.loginOf(request), this.options.policy);
  }

  succeeded(request: FastifyRequest): void {
    // Those that have failed meanwhile may have been its own.
    if (this.provenBy(request)?.toldAt === this.failures) return;
    const { authorization = '', [this.options.forwardedFor]: claim } = request.headers;
    this.provenOn.set(request.raw.socket, { authorization, claim, toldAt: this.failures });
    this.options.limits.succeeded(this.loginOf(request));
  }

  private provenBy({ headers, raw }: FastifyRequest): Proven | undefined {
    const last = this.provenOn.get(raw.socket);
    const isSame = last?.authorization === headers.authorization && last?.claim === headers[this.options.forwardedFor];
    return isSame ? last : undefined;
  }

  private loginOf({ headers, raw }: FastifyRequest): Login {
    const { authorization: credential = '' } = headers;
    const network = networkOf(this.options.clientAddress(raw.socket.remoteAddress, raw.headers));
    return { network, name: nameOf(credential), credential };
  }
}

/** Slows down failed logins of a server. Register it before what asks for credentials. */
export function slowFailedLogins(server: FastifyInstance, logins: FailedLogins): void {
  server.addHook('onRequest', (request, reply, done) => {
    const answer = (pauseMs: number) => {
      if (pauseMs <= 0) {
        done();
        return;
      }
      const seconds = Math.ceil(pauseMs / 1_000);
      const message = `Expected fewer failed logins from this address: try again in ${seconds} s.`;
      void reply.status(429).header('Retry-After', String(seconds)).send({ error: true, message });
    };
    const pauseMs = logins.pauseMs(request);
    if (typeof pauseMs === 'number') answer(pauseMs);
    // From here to the answer of a guess nothing is awaited, so that the next one knows of it.
    else pauseMs.then((ms) => answer(Math.max(ms, logins.pauseNowMs(request)))).catch(done);
  });
  // Behind all that may refuse a request by its head.
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    if (request.principal) logins.succeeded(request);
    done();
  });
  // Nobody hears of a failure before it is counted.
  server.addHook('onSend', (request, reply, _payload, done) => {
    const isFailure = reply.statusCode === 401 && request.headers.authorization !== undefined;
    const counted = isFailure ? logins.failed(request) : undefined;
    if (counted) counted.then(() => done()).catch(done);
    else done();
  });
}

/** Whose password a header holds: a user's, or none but a key. */
function nameOf(authorization: string): string {
  const pair = pairOf(authorization);
  return pair === undefined ? 'key' : `user:${pair.split(':', 1)[0] ?? ''}`;
}

/** What one guesser has: an IPv4 address, or all of an IPv6 /64. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
