import type { Channel, ConsumeMessage } from 'amqplib';
import type { Consumer, Flow, Intake } from '../consumer.js';
import type { Message } from '../message.js';
import type { Pauses } from '../time.js';
import { within } from '../time.js';
import type { AmqpLine } from './amqp-message.js';
import { Fetched } from './fetched.js';

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
  /** Where messages come from. From each as many are fetched ahead as from one. */
  readonly queues: string | readonly string[];
  /** Makes what the processor gets of what the broker gave. */
  readonly messageOf: (delivery: ConsumeMessage, line: AmqpLine) => M;
  /** Of what is fetched, over all queues, lower ranks are handed over first; without it all goes as it came. */
  readonly rank?: ((delivery: ConsumeMessage) => number) | undefined;
  readonly pauses: Pauses;
  /** Told when the channel cannot go on, however far the consumer was. */
  readonly onLost?: ((reason: unknown) => void) | undefined;
}

/** The consumer of one queue, or of several, on one channel. Its delivery tags mean nothing on any other. */
export class AmqpConsumer<M extends Message> implements Consumer<M>, Flow {
  private readonly lines: readonly QueueLine[];
  private wanted: 'consuming' | 'paused' | 'closed' = 'paused';
  /** One for each queue; empty while nothing is consumed. */
  private consumerTags: string[] = [];
  private readonly waiting = new Fetched<Delivered>();
  private intake: Intake<M> | undefined;
  private lostFor: { readonly reason: unknown } | undefined;
  /** Steps that talk to the broker go one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: AmqpConsumerOptions<M>) {
    this.lines = [options.queues].flat().map((queue) => new QueueLine(queue, this));
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
    while (intake && this.waiting.size > 0 && intake.free > 0) {
      const next = this.waiting.shift();
      if (next) intake.take(this.options.messageOf(next.delivery, next.line));
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
    this.giveBackWaiting();
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
    this.waiting.drain();
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
    if (this.wanted !== 'consuming') this.giveBackWaiting();
    await this.inTurn(() => this.adjust()).catch((reason: unknown) => this.lose(reason));
  }

  private async adjust(): Promise<void> {
    if (this.lostFor) return;
    const { channel } = this.options;
    if (this.wanted === 'consuming' && this.consumerTags.length === 0) {
      for (const line of this.lines) {
        const { consumerTag } = await channel.consume(line.queue, (delivery) => this.deliver(delivery, line));
        this.consumerTags.push(consumerTag);
      }
    } else if (this.wanted !== 'consuming') {
      for (const consumerTag of this.consumerTags.splice(0)) await channel.cancel(consumerTag);
    }
  }

  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.turn.then(step);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private deliver(delivery: ConsumeMessage | null, line: QueueLine): void {
    if (delivery === null) {
      this.lose(new Error(`The broker ended the consumer of ${line.queue}: its queue is gone.`));
    } else if (this.wanted !== 'consuming') {
      this.nack(delivery, true);
    } else if (!this.lostFor) {
      this.waiting.push({ delivery, line }, this.options.rank?.(delivery) ?? 0);
      this.more();
    }
  }

  private giveBackWaiting(): void {
    for (const { delivery } of this.waiting.drain()) this.nack(delivery, true);
  }
}

interface Delivered {
  readonly delivery: ConsumeMessage;
  readonly line: QueueLine;
}

/** The way back of what one queue gave out: all go over the channel of their consumer. */
class QueueLine implements AmqpLine {
  constructor(
    readonly queue: string,
    private readonly consumer: Omit<AmqpLine, 'queue'>,
  ) {}

  get signal(): AbortSignal {
    return this.consumer.signal;
  }

  get isLive(): boolean {
    return this.consumer.isLive;
  }

  ack(delivery: ConsumeMessage): void {
    this.consumer.ack(delivery);
  }

  nack(delivery: ConsumeMessage, requeue: boolean): void {
    this.consumer.nack(delivery, requeue);
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
