import { MemoryQueue } from '#consumer';
import type { Line, Message, MessageContext } from '#consumer';
import type { Clock, ConsumeOptions, Subscription, Undeliverable } from '#core';
import { ComponentSubscription } from '../component-subscription.js';
import { undeliverableComponent } from '../undeliverable-component.js';

/** What was given up, as a message. */
class Buried implements Message<Undeliverable> {
  constructor(
    private readonly queue: MemoryQueue<Buried>,
    readonly undeliverable: Undeliverable,
  ) {}

  get source(): string {
    return this.queue.name;
  }

  get payload(): Buffer {
    return Buffer.from(this.undeliverable.payload);
  }

  get context(): MessageContext {
    return { signal: this.queue.signal, headers: {} };
  }

  decode(): Undeliverable {
    return this.undeliverable;
  }

  ack(): void {
    // It left the queue when it was handed over.
  }

  nack(): void {
    this.queue.push(this);
  }
}

/** Keeps the newest. */
class NewestLine implements Line<Buried> {
  readonly items: Buried[] = [];

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.items.length;
  }

  push(buried: Buried): void {
    this.items.push(buried);
    if (this.items.length > this.limit) this.items.shift();
  }

  shift(): Buried | undefined {
    return this.items.shift();
  }
}

/** What was given up in this process, until somebody keeps it: the newest of it. */
export class Burial {
  /** How much has been given up in all. */
  total = 0;
  private readonly line: NewestLine;
  private readonly queue: MemoryQueue<Buried>;
  private consumer: Subscription | undefined;

  constructor(
    limit: number,
    private readonly clock: Clock,
  ) {
    this.line = new NewestLine(limit);
    this.queue = new MemoryQueue<Buried>('undeliverable', this.line);
  }

  /** What nobody has taken, oldest first. */
  get waiting(): readonly Undeliverable[] {
    return this.line.items.map((buried) => buried.undeliverable);
  }

  add(undeliverable: Undeliverable): void {
    this.total += 1;
    this.queue.push(new Buried(this.queue, undeliverable));
  }

  consume(
    { prefetch }: Pick<ConsumeOptions, 'prefetch'>,
    keep: (undeliverable: Undeliverable, signal: AbortSignal) => Promise<void>,
  ): Subscription {
    if (this.consumer) throw new Error('Expected one consumer of undeliverable messages, got a second.');
    const component = undeliverableComponent({ factory: this.queue, prefetch, keep, clock: this.clock });
    this.consumer = new ComponentSubscription(component, () => (this.consumer = undefined));
    return this.consumer;
  }

  async close(): Promise<void> {
    await this.consumer?.close();
  }
}
