import { INLINE_LIMIT_BYTES, messageOf } from '#core';
import type { Response } from '#core';
import type { HttpRequest } from '../request.js';
import { CallFailed, targetOf } from './call-failed.js';
import { ConnectionPools } from './connection-pools.js';
import type { ConnectorOptions } from './connector.js';
import { ACCEPT_ENCODING } from './decompress.js';
import { Exchange, TIMER_MAX_MS } from './exchange.js';
import type { KeepLarge } from './receive.js';
import { keepInMemory, receive } from './receive.js';
import { MAX_REDIRECTS, redirected } from './redirect.js';

/** Of all calls of a caller. */
export interface HttpCallerOptions extends Pick<ConnectorOptions, 'ca' | 'guard' | 'proxies' | 'lookup'> {
  /** How long a connection may take to open, TLS included, in milliseconds. Default 10 seconds. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long the answer's headers may take from when the request leaves, in milliseconds. Default 0: no limit. */
  readonly headersTimeoutMs?: number | undefined;
  /** How long the body may pause while it is read, in milliseconds; 0 for no limit. Default 5 minutes. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Connections to one origin at a time. Default 256. */
  readonly connectionsPerOrigin?: number | undefined;
  /** Sent where the request has no User-Agent; some services refuse to answer without. Default `Callboard`. */
  readonly userAgent?: string | undefined;
  /**
   * How often an HTTP/2 connection is pinged that says nothing though something is asked of it, in milliseconds; it is
   * given up after three pings in vain. Default 5 seconds.
   */
  readonly pingMs?: number | undefined;
}

/** Of one call. */
export interface CallOptions {
  /** For everything: connecting, redirects, the whole body. Milliseconds. */
  readonly timeoutMs: number;
  /** Ends the call; it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told when `signal` ends the call before anything of it can have reached the service. */
  readonly onUnsent?: (() => void) | undefined;
  /** The longest body that is taken, in bytes, decoded. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /**
   * How many times as long as it comes over the wire a body may be when it is decoded, once it is above 16 MiB. Default:
   * no limit.
   */
  readonly maxRatio?: number | undefined;
  /** Where a body above 64 KiB goes. Default: in memory. */
  readonly keepLarge?: KeepLarge | undefined;
  /** Without them a redirect is the answer, without its body. Default true. */
  readonly followRedirects?: boolean | undefined;
  /** Told the status of each redirect that is followed, before it is. */
  readonly onRedirect?: ((status: number) => void) | undefined;
}

/**
 * Sends requests over kept-alive connections, HTTP/2 where the service offers it and HTTP/1.1 elsewhere: follows
 * redirects, undoes content codings, holds to one total time. Any status is an answer. Make one for the process and
 * close it at its end.
 */
export class HttpCaller {
  private readonly pools: ConnectionPools;
  private readonly headersTimeoutMs: number;
  private readonly bodyTimeoutMs: number;
  private readonly userAgent: string;

  constructor(options: HttpCallerOptions = {}) {
    const { connectTimeoutMs = 10_000, connectionsPerOrigin = 256, pingMs = 5_000, ...connecting } = options;
    const connector = { timeoutMs: connectTimeoutMs, ...connecting };
    this.pools = new ConnectionPools(connector, { connectionsMax: connectionsPerOrigin, pingMs });
    this.headersTimeoutMs = limitOf(options.headersTimeoutMs ?? 0);
    this.bodyTimeoutMs = limitOf(options.bodyTimeoutMs ?? 300_000);
    this.userAgent = options.userAgent ?? 'Callboard';
  }

  /**
   * Makes one call. The answer is that of the last redirect, decoded: then without Content-Encoding and
   * Content-Length.
   * @throws CallFailed when no whole answer comes; Permanent when the request's certificate cannot be used; the signal's
   *   reason when that aborts; what `keepLarge` throws.
   */
  async call(request: HttpRequest, options: CallOptions): Promise<Response> {
    const { signal } = options;
    if (signal?.aborted) {
      options.onUnsent?.();
      throw reasonOf(signal);
    }
    const { maxBytes = Infinity, maxRatio = Infinity } = options;
    const limits = {
      inlineBytes: INLINE_LIMIT_BYTES,
      maxBytes,
      headersTimeoutMs: this.headersTimeoutMs,
      bodyTimeoutMs: this.bodyTimeoutMs,
    };
    let current = request;
    let exchange = new Exchange(current, limits);
    const timer = setTimeout(
      () => {
        const message = `${targetOf(request)}: no whole answer within ${options.timeoutMs} ms`;
        exchange.cancel(new CallFailed('CALL_TIMEOUT', message, exchange.sent));
      },
      Math.min(options.timeoutMs, TIMER_MAX_MS),
    );
    const onAbort = () => {
      if (current === request && !exchange.sent) options.onUnsent?.();
      exchange.cancel(reasonOf(signal));
    };
    signal?.addEventListener('abort', onAbort);
    try {
      for (let followed = 0; ; followed += 1) {
        this.send(current, exchange);
        const answer = await exchange.answer;
        if (answer.location === undefined || options.followRedirects === false)
          return await receive(exchange, answer, { maxBytes, maxRatio }, options.keepLarge ?? keepInMemory);
        if (followed === MAX_REDIRECTS) {
          const message = `${targetOf(request)}: more than ${MAX_REDIRECTS} redirects`;
          throw new CallFailed('CALL_REDIRECT', message, true);
        }
        options.onRedirect?.(answer.status);
        current = redirected(current, answer.status, answer.location);
        exchange = new Exchange(current, limits);
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Closes all connections, those that are still opening as well; calls under way fail. Safe to call twice. */
  async close(): Promise<void> {
    await this.pools.close();
  }

  private send(request: HttpRequest, exchange: Exchange): void {
    this.pools.of(request.certificate).send(request, this.headersOf(request), exchange);
  }

  /** Names and values in turn, each character one byte. */
  private headersOf(request: HttpRequest): string[] {
    const flat: string[] = [];
    let acceptsEncoding = false;
    let hasAgent = false;
    for (const [name, value] of request.headers) {
      if (name.length === 15 && name.toLowerCase() === 'accept-encoding') acceptsEncoding = true;
      if (name.length === 10 && name.toLowerCase() === 'user-agent') hasAgent = true;
      flat.push(name, /[^\t\x20-\x7E]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value);
    }
    if (!acceptsEncoding) flat.push('Accept-Encoding', ACCEPT_ENCODING);
    if (!hasAgent) flat.push('User-Agent', this.userAgent);
    return flat;
  }
}

function limitOf(ms: number): number {
  return ms === 0 ? Infinity : ms;
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error(messageOf(reason));
}
