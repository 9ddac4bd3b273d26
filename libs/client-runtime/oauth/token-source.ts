import { LRUCache } from 'lru-cache';
import type { Clock } from '#core';
import { CallFailed, nameOf } from '../http/call-failed.js';
import type { HttpCaller } from '../http/http-caller.js';
import type { ReadyCredentials, TokenPlan, WantedToken } from './plan-tokens.js';
import { discover } from './token-endpoint.js';
import type { TokenEndpoint, TokenGrant } from './token-request.js';
import { requestToken } from './token-request.js';

export interface TokenSourceOptions {
  /** How long one request for a token may take, in milliseconds. Default 30 seconds. */
  readonly timeoutMs?: number | undefined;
  /** How many tokens, and as many addresses and refresh tokens, are kept. Default 2,000. */
  readonly maxEntries?: number | undefined;
}

/** What is left of a call's time, and what ends it. */
export interface TokenWait {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface KeptToken extends TokenGrant {
  readonly fetchedAt: number;
}

const DISCOVERY_LIFETIME_MS = 3_600_000;

/**
 * Fetches OAuth tokens and keeps them in memory until they expire. However many calls want a token, it is asked for
 * once. Nothing of it outlives the process, a refresh token that a service has replaced included.
 */
export class TokenSource {
  private readonly timeoutMs: number;
  private readonly tokens: LRUCache<string, KeptToken>;
  private readonly refreshTokens: LRUCache<string, string>;
  private readonly endpoints: LRUCache<string, TokenEndpoint & { readonly until: number }>;
  /** By the endpoint's address and the client's name: whether these want name and secret in the body. */
  private readonly ways: LRUCache<string, boolean>;
  private readonly underWay = new Map<string, Promise<KeptToken>>();

  constructor(
    private readonly caller: HttpCaller,
    private readonly clock: Clock,
    options: TokenSourceOptions = {},
  ) {
    const max = options.maxEntries ?? 2_000;
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.tokens = new LRUCache({ max });
    this.refreshTokens = new LRUCache({ max });
    this.endpoints = new LRUCache({ max });
    this.ways = new LRUCache({ max });
  }

  /**
   * The credentials of a plan with its tokens in place.
   * @throws CallFailed in one sentence when a token cannot be had, never `sent`; the signal's reason when that aborts.
   */
  async ready({ standIns, wanted }: TokenPlan, wait: TokenWait): Promise<ReadyCredentials> {
    if (wanted.length === 0) return standIns;
    const tokens = await Promise.all(
      wanted.map(async (want) => [want.name, { token: await this.waitFor(want, wait) }] as const),
    );
    return Object.fromEntries([...Object.entries(standIns), ...tokens]);
  }

  /** Forgets the plan's tokens that a service has just refused, but not those that have come in their place since. */
  refused({ wanted }: TokenPlan, sent: ReadyCredentials): void {
    for (const { name, key } of wanted) {
      const credential = sent[name];
      if (credential && 'token' in credential && this.tokens.get(key)?.token === credential.token) {
        this.tokens.delete(key);
      }
    }
  }

  private async waitFor(want: WantedToken, { timeoutMs, signal }: TokenWait): Promise<string> {
    signal?.throwIfAborted();
    const kept = this.tokens.get(want.key);
    const now = this.clock.now();
    // A clock that was turned back says nothing about a token's age.
    if (kept && now >= kept.fetchedAt && now < kept.until) return kept.token;
    const shared = this.underWay.get(want.key) ?? this.begin(want);

    const over = new AbortController();
    const onAbort = () => over.abort();
    signal?.addEventListener('abort', onAbort);
    try {
      const late = this.clock.sleep(timeoutMs, over.signal).then(() => undefined);
      const first = await Promise.race([shared, late]);
      signal?.throwIfAborted();
      if (first) return first.token;
      const { address } = want;
      const asked = 'tokenUrl' in address ? nameOf('POST', address.tokenUrl) : nameOf('GET', address.discoveryUrl);
      throw new CallFailed('CALL_TIMEOUT', `No token: ${asked}: no answer within ${timeoutMs} ms`, false);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      over.abort();
    }
  }

  /** Goes on whoever gives up waiting for it. */
  private begin(want: WantedToken): Promise<KeptToken> {
    const fetching = this.fetch(want).finally(() => this.underWay.delete(want.key));
    this.underWay.set(want.key, fetching);
    fetching.catch(() => undefined);
    return fetching;
  }

  private async fetch(want: WantedToken): Promise<KeptToken> {
    const endpoint = await this.endpointOf(want);
    const way = JSON.stringify([endpoint.url, want.credential.clientId]);
    const refreshToken = this.refreshTokens.get(want.key) ?? want.credential.refreshToken;
    const fetchedAt = this.clock.now();
    const grant = await requestToken(
      this.caller,
      this.clock,
      { url: endpoint.url, authInBody: this.ways.get(way) ?? endpoint.authInBody },
      { credential: want.credential, refreshToken, scopes: want.scopes },
      this.timeoutMs,
    );
    const kept = { ...grant, fetchedAt };
    this.tokens.set(want.key, kept);
    this.ways.set(way, grant.authInBody);
    if (refreshToken !== undefined && grant.refreshToken !== undefined) {
      this.refreshTokens.set(want.key, grant.refreshToken);
    }
    return kept;
  }

  private async endpointOf({ address }: WantedToken): Promise<TokenEndpoint> {
    if ('tokenUrl' in address) return { url: address.tokenUrl, authInBody: false };
    const known = this.endpoints.get(address.discoveryUrl);
    if (known && this.clock.now() < known.until) return known;
    const found = await discover(this.caller, address.discoveryUrl, this.timeoutMs);
    this.endpoints.set(address.discoveryUrl, { ...found, until: this.clock.now() + DISCOVERY_LIFETIME_MS });
    return found;
  }
}
