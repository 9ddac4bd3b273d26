import type { Message, MessageContext } from '../message.js';
import type { MemoryQueue } from './memory-queue.js';

/** A message of a `MemoryQueue`: JSON as bytes. One that is not acknowledged goes to the end of its queue again. */
export class MemoryMessage<Body = unknown> implements Message<Body> {
  private isSettled = false;

  constructor(
    private readonly queue: MemoryQueue<MemoryMessage<Body>>,
    readonly payload: Buffer,
    private readonly headers: MessageContext['headers'] = {},
  ) {}

  get source(): string {
    return this.queue.name;
  }

  get context(): MessageContext {
    return { signal: this.queue.signal, headers: this.headers };
  }

  /** @throws SyntaxError when it is no JSON. */
  decode(): Body {
    return JSON.parse(this.payload.toString()) as Body;
  }

  ack(): void {
    this.isSettled = true;
  }

  nack(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.queue.push(new MemoryMessage(this.queue, this.payload, this.headers));
  }
}
