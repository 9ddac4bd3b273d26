import type { Channel, ConsumeMessage } from 'amqplib';
import type { Consumer, Flow, Intake } from '../consumer.js';
import type { Message } from '../message.js';
import type { Pauses } from '../time.js';
import { within } from '../time.js';
import type { AmqpLine } from './amqp-message.js';

/**
 * A quorum queue gives out the next message only some milliseconds after an acknowledgement, when that is on disk:
 * so the next ones are fetched while processors run.
 */
const FETCH_FACTOR = 2;
/** How long a broker may take to answer before it is left, in milliseconds. */
const GOODBYE_MS = 2_000;

export interface AmqpConsumerOptions<M extends Message> {
  /** A channel of its own; it is closed with the consumer. */
  readonly channel: Channel;
  readonly queue: string;
  /** Makes what the processor gets of what the broker gave. */
  readonly messageOf: (delivery: ConsumeMessage, line: AmqpLine) => M;
  readonly pauses: Pauses;
  /** Told when the channel cannot go on, however far the consumer was. */
  readonly onLost?: ((reason: unknown) => void) | undefined;
}

/** The consumer of one queue on one channel. Its delivery tags mean nothing on any other. */
export class AmqpConsumer<M extends Message> implements Consumer<M>, Flow, AmqpLine {
  readonly queue: string;
  private wanted: 'consuming' | 'paused' | 'closed' = 'paused';
  private consumerTag: string | undefined;
  /** Fetched, but not yet handed over. */
  private waiting: ConsumeMessage[] = [];
  private intake: Intake<M> | undefined;
  private lostFor: { readonly reason: unknown } | undefined;
  /** Steps that talk to the broker go one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: AmqpConsumerOptions<M>) {
    this.queue = options.queue;
    // Without a listener the error of a channel ends the process. A channel that ends with its connection says nothing.
    options.channel.on('error', (reason) => this.lose(reason));
  }

  get signal(): AbortSignal {
    if (!this.intake) throw new Error('Expected a consumer that consumes, got one that does not.');
    return this.intake.signal;
  }

  get isLive(): boolean {
    return this.lostFor === undefined && this.wanted !== 'closed';
  }

  async consume(intake: Intake<M>): Promise<Flow> {
    if (this.lostFor) throw this.lostFor.reason;
    this.intake = intake;
    this.wanted = intake.isPaused ? 'paused' : 'consuming';
    await this.inTurn(async () => {
      await this.options.channel.prefetch(intake.concurrency * FETCH_FACTOR);
      await this.adjust();
    });
    return this;
  }

  more(): void {
    const { intake } = this;
    while (intake && this.waiting.length > 0 && intake.free > 0) {
      const delivery = this.waiting.shift();
      if (delivery) intake.take(this.options.messageOf(delivery, this));
    }
  }

  async pause(): Promise<void> {
    if (this.wanted === 'consuming') this.wanted = 'paused';
    await this.obey();
  }

  async resume(): Promise<void> {
    if (this.wanted === 'paused') this.wanted = 'consuming';
    await this.obey();
    this.more();
  }

  async close(): Promise<void> {
    const wasLive = this.isLive;
    this.giveBack(this.waiting.splice(0));
    this.wanted = 'closed';
    if (!wasLive) return;
    const { pauses, channel } = this.options;
    // A broker that says nothing must not hold up whoever closes; it finds out when the connection ends.
    const answered = await within(pauses, GOODBYE_MS, this.obey());
    if (answered && !this.lostFor) await within(pauses, GOODBYE_MS, channel.close());
  }

  /** The channel is gone. The broker brings what was not settled to somebody else. Calling it again changes nothing. */
  lose(reason: unknown): void {
    if (this.lostFor) return;
    this.lostFor = { reason };
    this.waiting = [];
    this.options.onLost?.(reason);
    this.intake?.broken(reason);
  }

  ack(delivery: ConsumeMessage): void {
    if (this.isLive) onChannel(() => this.options.channel.ack(delivery));
  }

  nack(delivery: ConsumeMessage, requeue: boolean): void {
    if (this.isLive) onChannel(() => this.options.channel.nack(delivery, false, requeue));
  }

  /** Brings the broker to what is wanted; a channel that fails meanwhile is lost. */
  private async obey(): Promise<void> {
    if (this.wanted !== 'consuming') this.giveBack(this.waiting.splice(0));
    await this.inTurn(() => this.adjust()).catch((reason: unknown) => this.lose(reason));
  }

  private async adjust(): Promise<void> {
    if (this.lostFor) return;
    const { channel } = this.options;
    if (this.wanted === 'consuming' && this.consumerTag === undefined) {
      const { consumerTag } = await channel.consume(this.queue, (delivery) => this.deliver(delivery));
      this.consumerTag = consumerTag;
    } else if (this.wanted !== 'consuming' && this.consumerTag !== undefined) {
      await channel.cancel(this.consumerTag);
      this.consumerTag = undefined;
    }
  }

  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.turn.then(step);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private deliver(delivery: ConsumeMessage | null): void {
    if (delivery === null) {
      this.lose(new Error(`The broker ended the consumer of ${this.queue}: its queue is gone.`));
    } else if (this.wanted !== 'consuming') {
      this.giveBack([delivery]);
    } else if (!this.lostFor) {
      this.waiting.push(delivery);
      this.more();
    }
  }

  private giveBack(deliveries: readonly ConsumeMessage[]): void {
    for (const delivery of deliveries) this.nack(delivery, true);
  }
}

/** The library throws when a channel is closing; the broker then takes back the message by itself. */
function onChannel(act: () => void): void {
  try {
    act();
  } catch {
    // See above: nothing is lost.
  }
}
