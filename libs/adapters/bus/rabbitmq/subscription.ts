import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Clock, Message, MessageHandler, MessageType, Outcome, Subscription } from '#core';
import { decodeMessage, formatTimestamp, RankQueue, rankOf } from '#core';
import { within } from '../../connection/index.js';
import type { DeadLetter } from '../dead-letter.js';
import type { FaultPolicy } from '../dispatcher.js';
import { Dispatcher } from '../dispatcher.js';
import { watchChannel } from './amqp-connection.js';
import type { Publisher } from './publisher.js';
import { queuesOf } from './topology.js';
import type { Topology } from './topology.js';

/** Headers that we put on messages. */
export const HEADERS = {
  /** How many times a handler has thrown over the message. */
  failures: 'x-callboard-failures',
  /** Lower ones are handed over first. */
  rank: 'x-callboard-rank',
  /** On dead letters: why, from which queue, and when. */
  reason: 'x-callboard-reason',
  queue: 'x-callboard-queue',
  diedAt: 'x-callboard-died-at',
} as const;

/** The longest time to live that the broker takes, in milliseconds (about 49 days). */
const LONGEST_TTL_MS = 2 ** 32 - 1;
/**
 * A quorum queue gives out the next message only some milliseconds after an acknowledgement, when that is on disk:
 * so the next ones are fetched while handlers run.
 */
const FETCH_FACTOR = 2;
/** Headers must fit into one frame together. */
const LONGEST_REASON = 1_000;

export interface RabbitSubscriptionOptions extends FaultPolicy {
  readonly type: MessageType;
  readonly prefetch: number;
  readonly handler: MessageHandler;
  readonly clock: Clock;
  readonly topology: Topology;
  readonly publisher: Publisher;
  readonly onDeadLetter?: ((letter: DeadLetter) => void) | undefined;
  readonly onClosed: () => void;
}

/** A consumer's life on one channel. Its delivery tags mean nothing on any other. */
interface Session {
  readonly channel: Channel;
  readonly onLost: (reason: unknown) => void;
  /** One for each queue; empty while nothing is consumed. */
  consumerTags: string[];
  /** Fetched, but not yet handed over. */
  readonly waiting: RankQueue<Fetched>;
}

interface Fetched {
  readonly message: ConsumeMessage;
  readonly queue: string;
}

/** The consumer of one type's queues: it is attached anew to each connection, and then does what was last asked of it. */
export class RabbitSubscription implements Subscription {
  private wanted: 'consuming' | 'paused' | 'closed' = 'consuming';
  private session: Session | undefined;
  /** Steps that talk to the broker go one after the other. */
  private turn: Promise<unknown> = Promise.resolve();
  private readonly dispatcher: Dispatcher;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: RabbitSubscriptionOptions) {
    this.dispatcher = new Dispatcher({ ...options, onFree: () => this.handOver() });
  }

  /**
   * Consumes over this connection from now on; once a connection is enough, further calls do nothing.
   * @param onLost told when the channel cannot go on.
   */
  attach(model: ChannelModel, onLost: (reason: unknown) => void): Promise<void> {
    return this.inTurn(async () => {
      if (this.wanted === 'closed' || this.session?.channel.connection === model.connection) return;
      const channel = await model.createChannel();
      watchChannel(channel, (reason) => {
        if (this.session?.channel === channel) onLost(reason);
      });
      await channel.prefetch(this.options.prefetch * FETCH_FACTOR);
      this.session = { channel, onLost, consumerTags: [], waiting: new RankQueue() };
      await this.adjust();
    });
  }

  /** The connection is gone. The broker brings what was not settled to somebody else. */
  detach(): void {
    this.session = undefined;
  }

  async pause(): Promise<void> {
    if (this.wanted === 'consuming') this.wanted = 'paused';
    await this.obey();
  }

  async resume(): Promise<void> {
    if (this.wanted === 'paused') this.wanted = 'consuming';
    await this.obey();
  }

  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    this.wanted = 'closed';
    const { clock } = this.options;
    const stopped = this.obey();
    await this.dispatcher.idle();
    // A broker that says nothing must not hold up a shutdown; it finds out when the connection ends.
    const answered = await within(clock, 2_000, stopped);
    const { session } = this;
    this.session = undefined;
    if (session && answered) await within(clock, 2_000, session.channel.close());
    this.options.onClosed();
  }

  /** Brings the broker to what is wanted; a channel that fails meanwhile is the connection's business. */
  private async obey(): Promise<void> {
    const { session } = this;
    if (this.wanted !== 'consuming' && session) {
      giveBack(session, session.waiting.drain());
    }
    await this.inTurn(() => this.adjust()).catch((reason: unknown) => {
      if (session === this.session) session?.onLost(reason);
    });
  }

  private async adjust(): Promise<void> {
    const { session, options } = this;
    if (!session) return;
    if (this.wanted === 'consuming' && session.consumerTags.length === 0) {
      for (const queue of queuesOf(options.topology, options.type)) {
        const { consumerTag } = await session.channel.consume(queue, (message) =>
          this.deliver(session, queue, message),
        );
        session.consumerTags.push(consumerTag);
      }
    } else if (this.wanted !== 'consuming') {
      for (const consumerTag of session.consumerTags.splice(0)) await session.channel.cancel(consumerTag);
    }
  }

  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.turn.then(step);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private deliver(session: Session, queue: string, message: ConsumeMessage | null): void {
    if (message === null) {
      session.onLost(new Error(`RabbitMQ ended the consumer of ${this.options.type}: its queue is gone.`));
    } else if (this.wanted !== 'consuming') {
      giveBack(session, [{ message, queue }]);
    } else if (session === this.session) {
      session.waiting.push({ message, queue }, this.rankOf(message));
      this.handOver();
    }
  }

  /** What has none, from a worker of before or by hand, goes as if it had been due just now. */
  private rankOf({ properties }: ConsumeMessage): number {
    const rank: unknown = properties.headers?.[HEADERS.rank];
    return typeof rank === 'number' ? rank : rankOf({ dueAt: this.options.clock.now() });
  }

  private handOver(): void {
    const { session } = this;
    while (session && this.dispatcher.free > 0) {
      const fetched = session.waiting.shift();
      if (!fetched) return;
      const { message } = fetched;
      this.dispatcher.take({
        failures: Number(message.properties.headers?.[HEADERS.failures]) || 0,
        decode: (): Message => decodeMessage(message.content.toString()),
        settle: (outcome, failures) => this.settle(session, fetched, outcome, failures),
      });
    }
  }

  /** An earlier session's message is left alone: the broker has already given it out again. */
  private async settle(session: Session, fetched: Fetched, outcome: Outcome, failures: number): Promise<void> {
    if (session !== this.session) return;
    const { message } = fetched;
    try {
      if (outcome.kind === 'retry') await this.sendToRetry(fetched, outcome.afterMs, failures);
      if (outcome.kind === 'dead') await this.sendToDead(fetched, outcome.reason);
    } catch {
      // Its place could not be told to the broker, so the broker keeps it, and brings it again after a pause.
      await this.options.clock.sleep(1_000);
      if (session === this.session) giveBack(session, [fetched]);
      return;
    }
    if (session === this.session) onChannel(() => session.channel.ack(message));
  }

  private async sendToRetry({ message, queue }: Fetched, afterMs: number, failures: number): Promise<void> {
    const { topology, publisher } = this.options;
    const rank: unknown = message.properties.headers?.[HEADERS.rank];
    const headers = {
      ...(failures > 0 && { [HEADERS.failures]: failures }),
      ...(typeof rank === 'number' && { [HEADERS.rank]: rank }),
    };
    const expiration = Math.min(Math.round(Math.max(0, afterMs)), LONGEST_TTL_MS);
    const lane = topology.retries.find(({ upToMs }) => expiration <= upToMs);
    await publisher.send({
      // A queue lets an expired message go only after looking at it, so no wait at all needs no lane.
      ...(expiration > 0 && lane ? { exchange: lane.name, expiration } : { exchange: '' }),
      routingKey: queue,
      content: message.content,
      headers,
    });
  }

  private async sendToDead({ message, queue }: Fetched, reason: string): Promise<void> {
    const { topology, type, publisher, clock, onDeadLetter } = this.options;
    const at = clock.now();
    await publisher.send({
      exchange: topology.dead,
      routingKey: queue,
      content: message.content,
      headers: {
        [HEADERS.reason]: reason.slice(0, LONGEST_REASON),
        [HEADERS.queue]: queue,
        [HEADERS.diedAt]: formatTimestamp(at),
      },
    });
    onDeadLetter?.({ type, reason, payload: message.content.toString(), at });
  }
}

function giveBack(session: Session, messages: readonly Fetched[]): void {
  for (const { message } of messages) onChannel(() => session.channel.nack(message, false, true));
}

/** The library throws when a channel is closing; the broker then takes back the message by itself. */
function onChannel(act: () => void): void {
  try {
    act();
  } catch {
    // See above: nothing is lost.
  }
}
