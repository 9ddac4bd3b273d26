import { setMaxListeners } from 'node:events';
import type {
  Clock,
  ConsumeOptions,
  Message,
  MessageHandler,
  MessageType,
  Outcome,
  Subscription,
  Urgency,
} from '#core';
import { encodeMessage, MESSAGE_TYPES, MessageBus, RankQueue, Unavailable, usualUrgency } from '#core';
import type { DeadLetter } from '../dead-letter.js';
import type { FaultPolicy } from '../dispatcher.js';
import { Dispatcher } from '../dispatcher.js';
import { Fifo } from './fifo.js';

export interface InProcessBusOptions extends FaultPolicy {
  readonly clock: Clock;
  /** How many messages of one type may wait, those to be retried later included (50,000). */
  readonly maxWaiting?: number | undefined;
  /** How many whoever can wait should fill it with (20,000): the rest is for what comes over REST meanwhile. */
  readonly maxFilled?: number | undefined;
  /** How many dead letters are kept: the newest (1,000). */
  readonly maxDeadLetters?: number | undefined;
  /** Told of each dead letter. */
  readonly onDeadLetter?: ((letter: DeadLetter) => void) | undefined;
}

/**
 * A bus for one process. It holds messages in memory only: what is lost with the process, or refused for want of
 * room, is made good by the reconciler. Messages are handed over in batches, as many handlers as may run starting in
 * one turn of the event loop, so that a store can join what they write into one commit.
 */
export class InProcessBus extends MessageBus {
  private readonly lanes: Readonly<Record<MessageType, Lane>>;
  private readonly abort = new AbortController();
  private readonly letters: DeadLetter[] = [];
  private deadCount = 0;

  constructor(private readonly options: InProcessBusOptions) {
    super();
    // Each delayed message sleeps on this signal; many of them are no leak.
    setMaxListeners(0, this.abort.signal);
    const bury = (letter: DeadLetter): void => this.bury(letter);
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
    lane.push({ message, rank: urgency.rank, failures: 0 });
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

  /** How many messages of a type wait for a handler, those to be retried later included. */
  waiting(type: MessageType): number {
    return this.lanes[type].waiting;
  }

  /** The newest dead letters that are kept, oldest first, and how many there have been in all. */
  deadLetters(): { readonly letters: readonly DeadLetter[]; readonly total: number } {
    return { letters: this.letters, total: this.deadCount };
  }

  /** Closes the subscriptions, waits for their handlers, and forgets what waits. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.lanes).map((lane) => lane.close()));
    this.abort.abort();
  }

  private bury(letter: DeadLetter): void {
    const { maxDeadLetters = 1_000, onDeadLetter } = this.options;
    this.deadCount += 1;
    this.letters.push(letter);
    if (this.letters.length > maxDeadLetters) this.letters.shift();
    onDeadLetter?.(letter);
  }
}

interface Parcel {
  readonly message: Message;
  readonly rank: number;
  readonly failures: number;
}

/** In the order of ranks, or as it came. */
interface Line {
  readonly size: number;
  push(parcel: Parcel, rank: number): void;
  shift(): Parcel | undefined;
}

/** The queue of one type and its consumer, if there is one. */
class Lane {
  private readonly queue: Line;
  private delayed = 0;
  private consumer: { readonly dispatcher: Dispatcher; paused: boolean } | undefined;
  private drainPlanned = false;

  constructor(
    private readonly type: MessageType,
    private readonly options: InProcessBusOptions,
    private readonly signal: AbortSignal,
    private readonly bury: (letter: DeadLetter) => void,
  ) {
    this.queue = type === 'SCHEDULER_PROCESS' ? new RankQueue() : new Fifo();
  }

  get waiting(): number {
    return this.queue.size + this.delayed;
  }

  push(parcel: Parcel): void {
    this.queue.push(parcel, parcel.rank);
    this.planDrain();
  }

  consume(options: ConsumeOptions, handler: MessageHandler): Subscription {
    if (this.consumer) throw new Error(`Expected one consumer of ${this.type} messages, got a second.`);
    const dispatcher = new Dispatcher({
      ...this.options,
      type: this.type,
      prefetch: options.prefetch,
      handler,
      onFree: () => this.planDrain(),
    });
    const consumer = { dispatcher, paused: false };
    this.consumer = consumer;
    this.planDrain();
    return {
      pause: async () => {
        consumer.paused = true;
      },
      resume: async () => {
        consumer.paused = false;
        this.planDrain();
      },
      close: async () => {
        if (this.consumer === consumer) this.consumer = undefined;
        await dispatcher.idle();
      },
    };
  }

  async close(): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    await consumer?.dispatcher.idle();
  }

  /** Once a turn, so that what was sent or freed in this turn is handed over together. */
  private planDrain(): void {
    if (this.drainPlanned) return;
    this.drainPlanned = true;
    setImmediate(() => {
      this.drainPlanned = false;
      this.drain();
    });
  }

  private drain(): void {
    const { consumer } = this;
    if (!consumer) return;
    while (this.consumer === consumer && !consumer.paused && consumer.dispatcher.free > 0) {
      const parcel = this.queue.shift();
      if (!parcel) return;
      consumer.dispatcher.take({
        failures: parcel.failures,
        decode: () => parcel.message,
        settle: (outcome, failures) => this.settle({ ...parcel, failures }, outcome),
      });
    }
  }

  private settle(parcel: Parcel, outcome: Outcome): void {
    const { message } = parcel;
    if (outcome.kind === 'retry') {
      void this.pushLater(parcel, outcome.afterMs);
    } else if (outcome.kind === 'dead') {
      const at = this.options.clock.now();
      this.bury({ type: this.type, reason: outcome.reason, payload: encodeMessage(message), at });
    }
  }

  private async pushLater(parcel: Parcel, afterMs: number): Promise<void> {
    this.delayed += 1;
    await this.options.clock.sleep(afterMs, this.signal);
    this.delayed -= 1;
    if (!this.signal.aborted) this.push(parcel);
  }
}
