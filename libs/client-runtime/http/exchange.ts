import { Readable } from 'node:stream';
import type { HttpRequest } from '../request.js';
import type { Header } from '../serialise/headers.js';
import { CallFailed, callFailed, targetOf } from './call-failed.js';
import { isRedirect } from './redirect.js';

/** An answer whose body has come whole, or is too long for that. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  /** Where a redirect leads. The body of a redirect is not kept. */
  readonly location?: string | undefined;
  readonly body: Buffer | BodySource;
}

/** How much of a body is taken, and how, and how long it may take. */
export interface ExchangeLimits {
  /** A body longer than this comes as a stream. */
  readonly inlineBytes: number;
  /** Bytes as they come over the wire; a longer body ends the exchange. */
  readonly maxBytes: number;
  /** From the start of sending to the answer's headers, in milliseconds. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the body, in milliseconds, while they are wanted. */
  readonly bodyTimeoutMs: number;
}

/** What carries an exchange: one request on a connection, whatever its protocol. */
export interface Transport {
  /** Ends the request; nothing more of the answer is told. */
  abort(error: Error): void;
  /** Lets nothing more of the body through but what is on its way, until `release`. */
  hold(): void;
  release(): void;
}

/** No timer runs longer. */
export const TIMER_MAX_MS = 2_147_483_647;

const NOTHING = Buffer.alloc(0);

/**
 * One request on its way: gathers a small body, and turns into a stream where it grows, which holds back the service
 * while nobody reads. A transport tells it what comes: `begin`, then `head`, `data`, and `end` or `broken`.
 */
export class Exchange {
  /** Set as soon as the first byte may have left. */
  sent = false;
  /** Why it ended without a whole answer. */
  failure: Error | undefined;
  readonly answer: Promise<Answer>;
  private resolve!: (answer: Answer) => void;
  private reject!: (error: Error) => void;
  private transport: Transport | undefined;
  private timer: NodeJS.Timeout | undefined;
  private status = 0;
  private headers: readonly Header[] = [];
  private location: string | undefined;
  private chunks: Buffer[] = [];
  private size = 0;
  private source: BodySource | undefined;

  constructor(
    readonly request: HttpRequest,
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
    this.transport?.abort(error);
  }

  /** How much of the answer's body has come, in bytes as they come over the wire. */
  get received(): number {
    return this.size;
  }

  /** What is called, as an error may name it. */
  get target(): string {
    return targetOf(this.request);
  }

  /** The request leaves. Not to be called when it has failed while it waited for a connection. */
  begin(transport: Transport): void {
    this.transport = transport;
    this.sent = true;
    this.limit(this.limits.headersTimeoutMs, 'no answer began');
  }

  /** The service has certainly not looked at the request, which may leave again. */
  takeBack(): void {
    this.leave();
    this.sent = false;
  }

  head(status: number, headers: readonly Header[]): void {
    this.status = status;
    this.headers = headers;
    if (isRedirect(status)) this.location = headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
    this.limit(this.limits.bodyTimeoutMs, 'nothing more of the answer came');
  }

  data(chunk: Buffer): void {
    if (this.failure) return;
    this.timer?.refresh();
    this.size += chunk.length;
    if (this.location !== undefined) {
      this.skipRedirectBody();
    } else if (this.size > this.limits.maxBytes) {
      this.cancel(tooLarge(this.target, this.limits.maxBytes));
    } else if (this.source) {
      if (!this.source.push(chunk)) this.hold();
    } else {
      this.chunks.push(chunk);
      if (this.size > this.limits.inlineBytes) this.openStream();
    }
  }

  end(): void {
    this.leave();
    if (this.source) this.source.push(null);
    else this.answered(joined(this.chunks));
  }

  broken(error: unknown): void {
    this.leave();
    this.fail(this.failure ?? callFailed(error, this.target, this.sent));
  }

  private openStream(): void {
    const source = new BodySource(
      this.chunks[0] ?? NOTHING,
      () => this.release(),
      (error) => this.transport?.abort(error),
    );
    for (const chunk of this.chunks) source.push(chunk);
    this.chunks = [];
    this.source = source;
    this.hold();
    this.answered(source);
  }

  private hold(): void {
    // It is not the service that keeps us waiting now.
    clearTimeout(this.timer);
    this.timer = undefined;
    this.transport?.hold();
  }

  private release(): void {
    if (!this.transport) return;
    if (!this.timer) this.limit(this.limits.bodyTimeoutMs, 'nothing more of the answer came');
    this.transport.release();
  }

  private limit(ms: number, words: string): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (ms >= TIMER_MAX_MS) return;
    this.timer = setTimeout(() => {
      this.cancel(new CallFailed('CALL_TIMEOUT', `${this.target}: ${words} within ${ms} ms`, true));
    }, ms);
  }

  /** What stands beside a redirect is small, or not worth waiting for. */
  private skipRedirectBody(): void {
    if (this.size <= this.limits.inlineBytes) return;
    this.answered(NOTHING);
    this.transport?.abort(new Error('The body of a redirect is not wanted.'));
  }

  /** From here on the connection may serve another request. */
  private leave(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.transport?.release();
    this.transport = undefined;
  }

  private answered(body: Buffer | BodySource): void {
    this.resolve({ status: this.status, headers: this.headers, location: this.location, body });
  }

  private fail(error: Error): void {
    this.failure ??= error;
    clearTimeout(this.timer);
    this.timer = undefined;
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
 * @param target method and address, as `targetOf` has them.
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
