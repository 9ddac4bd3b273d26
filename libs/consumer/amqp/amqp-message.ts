import type { ConsumeMessage } from 'amqplib';
import type { Message, MessageContext } from '../message.js';

/** The way back to the broker, as long as there is one. */
export interface AmqpLine {
  /** The queue that the message came from. */
  readonly queue: string;
  readonly signal: AbortSignal;
  /** False once the broker has taken back, by itself, whatever was not settled. */
  readonly isLive: boolean;
  ack(delivery: ConsumeMessage): void;
  /** @param requeue whether it comes again; else the broker drops it, or makes it a dead letter */
  nack(delivery: ConsumeMessage, requeue: boolean): void;
}

/** A message of an AMQP queue. Settling one whose line is gone does nothing: the broker gives it out again. */
export class AmqpMessage<Body = unknown> implements Message<Body> {
  private isSettled = false;

  /** @param requeue what `nack` does: whether the message comes again */
  constructor(
    protected readonly delivery: ConsumeMessage,
    protected readonly line: AmqpLine,
    private readonly requeue = true,
  ) {}

  get source(): string {
    return this.line.queue;
  }

  get payload(): Buffer {
    return this.delivery.content;
  }

  get context(): MessageContext {
    return { signal: this.line.signal, headers: this.delivery.properties.headers ?? {} };
  }

  /** The payload as JSON. @throws SyntaxError when it is none. */
  decode(): Body {
    return JSON.parse(this.payload.toString()) as Body;
  }

  ack(): void {
    if (this.settleOnce()) this.line.ack(this.delivery);
  }

  nack(): void {
    if (this.settleOnce()) this.line.nack(this.delivery, this.requeue);
  }

  /** A broker closes the channel on which a message is settled twice. */
  private settleOnce(): boolean {
    const isFirst = !this.isSettled;
    this.isSettled = true;
    return isFirst;
  }
}
