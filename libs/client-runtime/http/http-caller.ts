import { Agent } from 'undici';
import { INLINE_LIMIT_BYTES, messageOf } from '#core';
import type { Response } from '#core';
import type { HttpRequest } from '../request.js';
import { CallFailed, callFailed, nameOf } from './call-failed.js';
import { ACCEPT_ENCODING } from './decompress.js';
import { Exchange } from './exchange.js';
import type { KeepLarge } from './receive.js';
import { keepInMemory, receive } from './receive.js';
import { MAX_REDIRECTS, redirected } from './redirect.js';

/** Of all calls of a caller. */
export interface HttpCallerOptions {
  /** How long a connection may take to open, TLS included, in milliseconds. Default 10 seconds. */
  readonly connectTimeoutMs?: number | undefined;
  /** Connections to one origin at a time. Default 256. */
  readonly connectionsPerOrigin?: number | undefined;
  /** Sent where the request has no User-Agent; some services refuse to answer without. Default `Callboard`. */
  readonly userAgent?: string | undefined;
}

/** Of one call. */
export interface CallOptions {
  /** For everything: connecting, redirects, the whole body. Milliseconds. */
  readonly timeoutMs: number;
  /** Ends the call; it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The longest body that is taken, in bytes, decoded. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** Where a body above 64 KiB goes. Default: in memory. */
  readonly keepLarge?: KeepLarge | undefined;
  /** Without them a redirect is the answer, without its body. Default true. */
  readonly followRedirects?: boolean | undefined;
}

/** No timer runs longer. */
const TIMER_MAX_MS = 2_147_483_647;
/** Services answer with more than Node's own 16 KiB now and then: cookies, policies. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Sends requests over kept-alive HTTP/1.1 connections: follows redirects, undoes content codings, holds to one total
 * time. Any status is an answer. Make one for the process and close it at its end.
 */
export class HttpCaller {
  private readonly agent: Agent;
  private readonly userAgent: string;

  constructor(options: HttpCallerOptions = {}) {
    this.agent = new Agent({
      connect: { timeout: options.connectTimeoutMs ?? 10_000 },
      connections: options.connectionsPerOrigin ?? 256,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The call's own time is the only one that counts.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.userAgent = options.userAgent ?? 'Callboard';
  }

  /**
   * Makes one call. The answer is that of the last redirect, decoded: then without Content-Encoding and
   * Content-Length.
   * @throws CallFailed when no whole answer comes; the signal's reason when that aborts; what `keepLarge` throws.
   */
  async call(request: HttpRequest, options: CallOptions): Promise<Response> {
    const { signal } = options;
    if (signal?.aborted) throw reasonOf(signal);
    const limits = { inlineBytes: INLINE_LIMIT_BYTES, maxBytes: options.maxBytes ?? Infinity };
    let current = request;
    let exchange = new Exchange(current, limits);
    const timer = setTimeout(
      () => {
        const message = `${nameOf(request.method, request.url)}: no whole answer within ${options.timeoutMs} ms`;
        exchange.cancel(new CallFailed('CALL_TIMEOUT', message, exchange.sent));
      },
      Math.min(options.timeoutMs, TIMER_MAX_MS),
    );
    const onAbort = () => exchange.cancel(reasonOf(signal));
    signal?.addEventListener('abort', onAbort);
    try {
      for (let followed = 0; ; followed += 1) {
        this.send(current, exchange);
        const answer = await exchange.answer;
        if (answer.location === undefined || options.followRedirects === false)
          return await receive(exchange, answer, limits.maxBytes, options.keepLarge ?? keepInMemory);
        if (followed === MAX_REDIRECTS) {
          const message = `${nameOf(request.method, request.url)}: more than ${MAX_REDIRECTS} redirects`;
          throw new CallFailed('CALL_REDIRECT', message, true);
        }
        current = redirected(current, answer.status, answer.location);
        exchange = new Exchange(current, limits);
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Closes all connections; calls that are still under way fail. Safe to call twice. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private send(request: HttpRequest, exchange: Exchange): void {
    // A request's URL is absolute and has a path, so there is no need to parse it again.
    const pathStart = request.url.indexOf('/', 8);
    try {
      this.agent.dispatch(
        {
          origin: request.url.slice(0, pathStart),
          path: request.url.slice(pathStart),
          method: request.method,
          headers: this.headersOf(request),
          body: request.body ?? null,
        },
        exchange,
      );
    } catch (error) {
      exchange.cancel(callFailed(error, exchange.target, false));
    }
  }

  /** As undici wants them: names and values in turn, each character one byte. */
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

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error(messageOf(reason));
}
