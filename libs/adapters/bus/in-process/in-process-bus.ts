import { setMaxListeners } from 'node:events';
import { MemoryQueue } from '#consumer';
import type { Line, MessageContext } from '#consumer';
import type {
  Clock,
  ConsumeOptions,
  Message,
  MessageHandler,
  MessageType,
  Outcome,
  Subscription,
  Undeliverable,
  Urgency,
} from '#core';
import { ACK, encodeMessage, MESSAGE_TYPES, MessageBus, RankQueue, Unavailable, usualUrgency } from '#core';
import { ComponentSubscription } from '../component-subscription.js';
import type { BusMessage, FaultPolicy } from '../message-component.js';
import { messageComponent } from '../message-component.js';
import { Burial } from './burial.js';

export interface InProcessBusOptions extends FaultPolicy {
  readonly clock: Clock;
  /** How many messages of one type may wait, those to be retried later included (50,000). */
  readonly maxWaiting?: number | undefined;
  /** How many whoever can wait should fill it with (20,000): the rest is for what comes over REST meanwhile. */
  readonly maxFilled?: number | undefined;
  /** How many dead letters wait for somebody to keep them: the newest (1,000). */
  readonly maxDeadLetters?: number | undefined;
  /** Told of each dead letter. */
  readonly onDeadLetter?: ((letter: Undeliverable) => void) | undefined;
}

/**
 * A bus for one process. It holds messages in memory only: what is lost with the process, or refused for want of
 * room, is made good by the reconciler. Messages are handed over in batches, as many handlers as may run starting in
 * one turn of the event loop, so that a store can join what they write into one commit.
 */
export class InProcessBus extends MessageBus {
  private readonly lanes: Readonly<Record<MessageType, Lane>>;
  private readonly abort = new AbortController();
  private readonly burial: Burial;

  constructor(private readonly options: InProcessBusOptions) {
    super();
    // Each delayed message sleeps on this signal; many of them are no leak.
    setMaxListeners(0, this.abort.signal);
    const { maxDeadLetters = 1_000, onDeadLetter } = options;
    this.burial = new Burial(maxDeadLetters, options.clock);
    const bury = (letter: Undeliverable): void => {
      this.burial.add(letter);
      onDeadLetter?.(letter);
    };
    this.lanes = Object.fromEntries(
      MESSAGE_TYPES.map((type) => [type, new Lane(type, options, this.abort.signal, bury)]),
    ) as Record<MessageType, Lane>;
  }

  async publish(message: Message, urgency: Urgency = usualUrgency(message)): Promise<void> {
    if (this.abort.signal.aborted)
      throw new Unavailable('BUS_CLOSED', 'Expected an open message bus, got a closed one.');
    const { maxWaiting = 50_000 } = this.options;
    const lane = this.lanes[message.type];
    if (lane.waiting >= maxWaiting) {
      throw new Unavailable(
        'BUS_FULL',
        `Expected fewer than ${maxWaiting} waiting ${message.type} messages, got ${lane.waiting}.`,
      );
    }
    lane.push(message, urgency.rank);
  }

  override room(type: MessageType): number {
    const { maxFilled = 20_000 } = this.options;
    return this.ready() ? Math.max(0, maxFilled - this.lanes[type].waiting) : 0;
  }

  override ready(): boolean {
    return !this.abort.signal.aborted;
  }

  async consume(type: MessageType, options: ConsumeOptions, handler: MessageHandler): Promise<Subscription> {
    return this.lanes[type].consume(options, handler);
  }

  async consumeUndeliverable(...of: Parameters<MessageBus['consumeUndeliverable']>): Promise<Subscription> {
    return this.burial.consume(...of);
  }

  /** How many messages of a type wait for a handler, those to be retried later included. */
  waiting(type: MessageType): number {
    return this.lanes[type].waiting;
  }

  /** The newest dead letters that nobody has kept yet, oldest first, and how many there have been in all. */
  deadLetters(): { readonly letters: readonly Undeliverable[]; readonly total: number } {
    return { letters: this.burial.waiting, total: this.burial.total };
  }

  /** Closes the subscriptions, waits for their handlers, and forgets what waits. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.lanes).map((lane) => lane.close()));
    await this.burial.close();
    this.abort.abort();
  }
}

/** A message on its way, and how to settle it: one object for the whole of it, since they come by the thousand. */
class Parcel implements BusMessage {
  constructor(
    private readonly lane: Lane,
    readonly message: Message,
    readonly rank: number,
    readonly failures: number,
  ) {}

  get source(): string {
    return this.message.type;
  }

  get payload(): Buffer {
    return Buffer.from(encodeMessage(this.message));
  }

  get context(): MessageContext {
    return { signal: this.lane.queue.signal, headers: { ...this.message.traceContext } };
  }

  decode(): Message {
    return this.message;
  }

  settle(outcome: Outcome, failures: number): void {
    if (outcome.kind !== 'ack') this.lane.settle(this, outcome, failures);
  }

  ack(): void {
    this.settle(ACK, this.failures);
  }

  nack(): void {
    this.settle({ kind: 'retry', afterMs: 0 }, this.failures);
  }
}

/** Gives out the lowest rank first. */
class RankedLine implements Line<Parcel> {
  private readonly queue = new RankQueue<Parcel>();

  get size(): number {
    return this.queue.size;
  }

  push(parcel: Parcel): void {
    this.queue.push(parcel, parcel.rank);
  }

  shift(): Parcel | undefined {
    return this.queue.shift();
  }
}

/** The queue of one type and its consumer, if there is one. */
class Lane {
  readonly queue: MemoryQueue<Parcel>;
  private delayed = 0;
  private consumer: Subscription | undefined;

  constructor(
    private readonly type: MessageType,
    private readonly options: InProcessBusOptions,
    private readonly signal: AbortSignal,
    private readonly bury: (letter: Undeliverable) => void,
  ) {
    this.queue = new MemoryQueue(type, type === 'SCHEDULER_PROCESS' ? new RankedLine() : undefined);
  }

  get waiting(): number {
    return this.queue.size + this.delayed;
  }

  push(message: Message, rank: number, failures = 0): void {
    this.queue.push(new Parcel(this, message, rank, failures));
  }

  consume(consume: ConsumeOptions, handler: MessageHandler): Subscription {
    const { type, options, queue: factory } = this;
    if (this.consumer) throw new Error(`Expected one consumer of ${type} messages, got a second.`);
    const component = messageComponent({ ...options, type, factory, handler, consume });
    this.consumer = new ComponentSubscription(component, () => (this.consumer = undefined));
    return this.consumer;
  }

  async close(): Promise<void> {
    await this.consumer?.close();
  }

  settle({ message, rank }: Parcel, outcome: Outcome, failures: number): void {
    if (outcome.kind === 'retry') {
      void this.pushLater(message, rank, failures, outcome.afterMs);
    } else if (outcome.kind === 'dead') {
      const at = this.options.clock.now();
      this.bury({ type: this.type, reason: outcome.reason, payload: encodeMessage(message), at });
    }
  }

  private async pushLater(message: Message, rank: number, failures: number, afterMs: number): Promise<void> {
    this.delayed += 1;
    await this.options.clock.sleep(afterMs, this.signal);
    this.delayed -= 1;
    if (!this.signal.aborted) this.push(message, rank, failures);
  }
}
