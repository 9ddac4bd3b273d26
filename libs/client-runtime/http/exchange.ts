import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { HttpRequest } from '../request.js';
import type { Header } from '../serialise/headers.js';
import { CallFailed, callFailed, nameOf } from './call-failed.js';
import type { Connection } from './connection.js';
import { whenLeaving } from './connection.js';
import { isRedirect } from './redirect.js';

/** An answer whose body has come whole, or is too long for that. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  /** Where a redirect leads. The body of a redirect is not kept. */
  readonly location?: string | undefined;
  readonly body: Buffer | BodySource;
}

/** How much of a body is taken, and how. */
export interface ExchangeLimits {
  /** A body longer than this comes as a stream. */
  readonly inlineBytes: number;
  /** Bytes as they come over the wire; a longer body ends the exchange. */
  readonly maxBytes: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * One request on its way: gathers a small body, and turns into a stream where it grows, which holds back the service
 * while nobody reads.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Set as soon as the first byte may have left. */
  sent = false;
  /** Why it ended without a whole answer. */
  failure: Error | undefined;
  readonly answer: Promise<Answer>;
  private resolve!: (answer: Answer) => void;
  private reject!: (error: Error) => void;
  private controller: Dispatcher.DispatchController | undefined;
  private connection: Connection | undefined;
  private status = 0;
  private headers: Header[] = [];
  private location: string | undefined;
  private chunks: Buffer[] = [];
  private size = 0;
  private source: BodySource | undefined;

  constructor(
    private readonly request: HttpRequest,
    private readonly limits: ExchangeLimits,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Ends the exchange, wherever it is, with this error. */
  cancel(error: Error): void {
    this.fail(error);
    this.controller?.abort(error);
  }

  /** What is called, as an error may name it. */
  get target(): string {
    return nameOf(this.request.method, this.request.url);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // Cancelled while it waited for a connection.
    if (this.failure) {
      controller.abort(this.failure);
      return;
    }
    this.sent = true;
    whenLeaving((connection) => {
      this.connection = connection;
    });
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headersFrom(controller.rawHeaders as readonly Buffer[]);
    if (isRedirect(status)) this.location = this.headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.location !== undefined) {
      this.skipRedirectBody();
    } else if (this.size > this.limits.maxBytes) {
      this.cancel(tooLarge(this.target, this.limits.maxBytes));
    } else if (this.source) {
      if (!this.source.push(chunk)) this.connection?.hold();
    } else {
      this.chunks.push(chunk);
      if (this.size > this.limits.inlineBytes) this.openStream(controller);
    }
  }

  onResponseEnd(): void {
    this.leaveConnection();
    if (this.source) this.source.push(null);
    else this.answered(joined(this.chunks));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.leaveConnection();
    this.fail(this.failure ?? callFailed(error, this.target, this.sent));
  }

  private openStream(controller: Dispatcher.DispatchController): void {
    const source = new BodySource(
      this.chunks[0] ?? NOTHING,
      () => this.connection?.release(),
      (error) => controller.abort(error),
    );
    for (const chunk of this.chunks) source.push(chunk);
    this.chunks = [];
    this.source = source;
    this.connection?.hold();
    this.answered(source);
  }

  /** What stands beside a redirect is small, or not worth waiting for. */
  private skipRedirectBody(): void {
    if (this.size <= this.limits.inlineBytes) return;
    this.answered(NOTHING);
    this.controller?.abort(new Error('The body of a redirect is not wanted.'));
  }

  /** From here on the connection may serve another request. */
  private leaveConnection(): void {
    this.connection?.release();
    this.connection = undefined;
  }

  private answered(body: Buffer | BodySource): void {
    this.resolve({ status: this.status, headers: this.headers, location: this.location, body });
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.reject(this.failure);
    this.source?.destroy(this.failure);
  }
}

/** A long body as it comes. Destroying it before its end ends the exchange. */
export class BodySource extends Readable {
  constructor(
    /** How the body starts. */
    readonly start: Buffer,
    private readonly onWanted: () => void,
    private readonly onUnwanted: (error: Error) => void,
  ) {
    super();
  }

  override _read(): void {
    this.onWanted();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.readableEnded) this.onUnwanted(error ?? new Error('The rest of the body is not wanted.'));
    callback(error);
  }
}

/**
 * The failure of an answer that is longer than it may be.
 * @param target method and address, as `nameOf` has them.
 * @param maxBytes what was allowed, in bytes.
 */
export function tooLarge(target: string, maxBytes: number): CallFailed {
  return new CallFailed('CALL_TOO_LARGE', `${target}: the answer is longer than ${maxBytes} bytes`, true);
}

/** Most bodies come in one chunk, which needs no copy. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first = NOTHING] = chunks;
  return chunks.length <= 1 ? first : Buffer.concat(chunks);
}

/** Names and values as they came. Latin-1 keeps every byte. */
function headersFrom(raw: readonly Buffer[]): Header[] {
  const headers: Header[] = [];
  let name: string | undefined;
  for (const part of raw) {
    const text = part.toString('latin1');
    if (name === undefined) {
      name = text;
    } else {
      headers.push([name, text]);
      name = undefined;
    }
  }
  return headers;
}
