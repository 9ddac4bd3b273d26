import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';

/** One event: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
export interface StreamEvent {
  /** Without line breaks. */
  readonly event: string;
  /** What a client that comes back names as the last one it has seen. Without line breaks or NUL. */
  readonly id: string;
  /** Told as JSON. */
  readonly data: unknown;
}

/** How soon a client should come back that lost its connection, in milliseconds. */
const COME_BACK_MS = 1_000;

/**
 * Server-sent events to one client. Of a client that reads too slowly only the newest event waits: memory does not grow
 * with how slow it is.
 */
export class EventStream {
  private readonly stream = new PassThrough();
  private waiting: StreamEvent | null = null;
  private isEnding = false;

  constructor(onGone: () => void) {
    this.stream.once('close', onGone);
    // A client that breaks off is gone, which `close` tells.
    this.stream.on('error', () => undefined);
    this.stream.on('drain', () => this.sendWaiting());
    this.stream.write(`retry: ${COME_BACK_MS}\n\n`);
  }

  /** What is sent as the body of the answer. */
  get body(): Readable {
    return this.stream;
  }

  send(event: StreamEvent): void {
    this.waiting = event;
    if (!this.stream.writableNeedDrain) this.sendWaiting();
  }

  /** A comment, so that nobody on the way takes the connection for dead. */
  beat(): void {
    if (!this.stream.writableNeedDrain && !this.isEnding) this.stream.write(':\n\n');
  }

  /** Ends the stream behind what was sent. */
  end(): void {
    this.isEnding = true;
    if (!this.stream.writableNeedDrain) this.sendWaiting();
  }

  private sendWaiting(): void {
    if (this.stream.destroyed || this.stream.writableEnded) return;
    if (this.waiting) {
      const { event, id, data } = this.waiting;
      this.waiting = null;
      this.stream.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
    }
    if (this.isEnding) this.stream.end();
  }
}
