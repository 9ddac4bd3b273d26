import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Clock } from '#core';
import type { ClientAddress, ForwardedBy } from '#observability';
import { pairOf } from './basic-auth.js';
import './caller.js';

export interface FailedLoginOptions {
  /** How many an address may make before it has to wait. */
  readonly failures: number;
  /** How long after the last one they are forgotten. */
  readonly windowMs: number;
  readonly clock: Clock;
  readonly clientAddress: ClientAddress;
  readonly forwardedFor: ForwardedBy['forwardedFor'];
}

interface Failures {
  count: number;
  /** Of the last one. */
  at: number;
  /** Nothing is compared before this time. */
  until: number;
  /** Whose name was tried; null: several. */
  name: string | null;
}

/** Over the connection of a proxy come the requests of many. */
interface Proven {
  readonly authorization: string;
  readonly claim: unknown;
}

/** How many addresses, and how many user names, are kept in mind: the least recently seen go first. */
const MOST_KEPT = 20_000;
const LONGEST_PAUSE_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
/** A name that this many times as often was tried in vain allows none of its failures. */
const UNDER_ATTACK = 5;

/**
 * Slows down whoever guesses passwords. Beyond some failures an address waits 1, 2, 4 … 60 seconds after each, and what
 * it sends meanwhile is refused unread. Who has logged in from there before goes on, whatever others do behind the same
 * address; a correct login takes back what its own name failed. Failures from everywhere against one name make that
 * happen at the first failure of each address, but every address may always try once: nobody is locked out.
 */
export class FailedLogins {
  private readonly addresses = new LRUCache<string, Failures>({ max: MOST_KEPT });
  private readonly names = new LRUCache<string, Failures>({ max: MOST_KEPT });
  /** Digests of address and credential that have been right together. */
  private readonly proven = new LRUCache<string, true>({ max: MOST_KEPT });
  /** What was right last on a connection, so that most requests cost one look-up. */
  private readonly provenOn = new WeakMap<Socket, Proven>();

  constructor(private readonly options: FailedLoginOptions) {}

  /** How many seconds this request has to wait before its credential is looked at; 0: none. */
  pauseOf(request: FastifyRequest): number {
    const { authorization } = request.headers;
    if (authorization === undefined || this.addresses.size === 0) return 0;
    const network = this.networkOf(request);
    const failures = this.recent(this.addresses, network);
    if (!failures) return 0;
    const now = this.options.clock.now();
    // A clock that was set back must not make it longer.
    failures.until = Math.min(failures.until, now + LONGEST_PAUSE_MS);
    if (failures.until <= now || this.proven.has(digest(network, authorization))) return 0;
    return Math.ceil((failures.until - now) / 1_000);
  }

  failed(request: FastifyRequest): void {
    const name = nameTried(request.headers.authorization);
    const tried = this.count(this.names, name, name);
    const failures = this.count(this.addresses, this.networkOf(request), name);
    const { failures: most } = this.options;
    const beyond = failures.count - (tried.count > most * UNDER_ATTACK ? 1 : most);
    if (beyond < 0) return;
    failures.until = failures.at + Math.min(FIRST_PAUSE_MS * 2 ** beyond, LONGEST_PAUSE_MS);
  }

  succeeded(request: FastifyRequest): void {
    const { authorization = '', [this.options.forwardedFor]: claim } = request.headers;
    const { socket } = request.raw;
    const last = this.provenOn.get(socket);
    const isNew = last?.authorization !== authorization || last.claim !== claim;
    if (!isNew && this.addresses.size === 0) return;
    const network = this.networkOf(request);
    if (isNew) {
      this.provenOn.set(socket, { authorization, claim });
      this.proven.set(digest(network, authorization), true);
    }
    if (this.addresses.get(network)?.name === nameOf(request.principal?.id)) this.addresses.delete(network);
  }

  /** How much is kept in mind; never more than a fixed number. */
  get size(): number {
    return this.addresses.size + this.names.size + this.proven.size;
  }

  private networkOf({ raw }: FastifyRequest): string {
    return networkOf(this.options.clientAddress(raw.socket.remoteAddress, raw.headers));
  }

  private count(among: LRUCache<string, Failures>, key: string, name: string): Failures {
    const at = this.options.clock.now();
    const failures = this.recent(among, key) ?? { count: 0, at, until: 0, name };
    failures.count += 1;
    failures.at = at;
    if (failures.name !== name) failures.name = null;
    among.set(key, failures);
    return failures;
  }

  private recent(among: LRUCache<string, Failures>, key: string): Failures | undefined {
    const failures = among.get(key);
    return failures && this.options.clock.now() - failures.at <= this.options.windowMs ? failures : undefined;
  }
}

/** Slows down failed logins of a server. Register it before what asks for credentials. */
export function slowFailedLogins(server: FastifyInstance, logins: FailedLogins): void {
  server.addHook('onRequest', (request, reply, done) => {
    const seconds = logins.pauseOf(request);
    if (seconds === 0) {
      done();
      return;
    }
    const message = `Expected fewer failed logins from this address: try again in ${seconds} s.`;
    void reply.status(429).header('Retry-After', String(seconds)).send({ error: true, message });
  });
  // Behind all that may refuse a request by its head.
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    if (request.principal) logins.succeeded(request);
    done();
  });
  server.addHook('onSend', (request, reply, _payload, done) => {
    if (reply.statusCode === 401 && request.headers.authorization !== undefined) logins.failed(request);
    done();
  });
}

/** Whose name a header tries, as short as any: a user's, or that of all keys. */
function nameTried(authorization: string | undefined): string {
  const pair = pairOf(authorization);
  return nameOf(pair === undefined ? 'key:' : `user:${pair.split(':', 1)[0] ?? ''}`);
}

/** @param id of a principal */
function nameOf(id = ''): string {
  return id.startsWith('key:') ? 'key' : digest(id);
}

/** What one guesser has: an IPv4 address, or all of an IPv6 /64. */
function networkOf(address: string): string {
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

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}
