import type { ConsumeMessage } from 'amqplib';
import { AmqpMessage } from '#consumer';
import type { AmqpLine } from '#consumer';
import type { Clock, Message, MessageType, Outcome, Undeliverable } from '#core';
import { decodeMessage, formatTimestamp } from '#core';
import type { Encryption } from '#encryption';
import type { BusMessage } from '../message-component.js';
import { openMessage } from '../message-data.js';
import type { Publisher } from './publisher.js';
import type { Topology } from './topology.js';
import { sentTraceContext } from './trace-headers.js';

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
/** Headers must fit into one frame together. */
const LONGEST_REASON = 1_000;
/** How long a message waits here whose place could not be told to the broker, in milliseconds. */
const GIVE_BACK_MS = 1_000;

/** The rank that a message was sent with, if it is one. */
export function sentRank({ properties }: Pick<ConsumeMessage, 'properties'>): number | undefined {
  const rank: unknown = properties.headers?.[HEADERS.rank];
  return typeof rank === 'number' ? rank : undefined;
}

/** What settling a message needs. */
export interface RabbitMessageContext {
  readonly type: MessageType;
  readonly clock: Clock;
  readonly topology: Topology;
  readonly publisher: Publisher;
  readonly encryption: Encryption;
  readonly onDeadLetter?: ((letter: Undeliverable) => void) | undefined;
}

/** A message from a queue of one type. Its outcome may send it on to a queue for retries or for dead letters. */
export class RabbitMessage extends AmqpMessage<Message> implements BusMessage {
  constructor(
    delivery: ConsumeMessage,
    line: AmqpLine,
    private readonly bus: RabbitMessageContext,
  ) {
    super(delivery, line);
  }

  get failures(): number {
    return Number(this.delivery.properties.headers?.[HEADERS.failures]) || 0;
  }

  override decode(): Message {
    const decoded = openMessage(decodeMessage(this.payload.toString()), this.bus.encryption);
    const traceContext = sentTraceContext(this.delivery);
    return traceContext ? { ...decoded, traceContext } : decoded;
  }

  /** An earlier connection's message is left alone: the broker has already given it out again. */
  async settle(outcome: Outcome, failures: number): Promise<void> {
    if (!this.line.isLive) return;
    try {
      if (outcome.kind === 'retry') await this.sendToRetry(outcome.afterMs, failures);
      if (outcome.kind === 'dead') await this.sendToDead(outcome.reason);
    } catch {
      // Its place could not be told to the broker, so the broker keeps it, and brings it again after a pause.
      await this.bus.clock.sleep(GIVE_BACK_MS);
      this.nack();
      return;
    }
    this.ack();
  }

  private async sendToRetry(afterMs: number, failures: number): Promise<void> {
    const { topology, publisher } = this.bus;
    const rank = sentRank(this.delivery);
    const expiration = Math.min(Math.round(Math.max(0, afterMs)), LONGEST_TTL_MS);
    const lane = topology.retries.find(({ upToMs }) => expiration <= upToMs);
    await publisher.send({
      // A queue lets an expired message go only after looking at it, so no wait at all needs no lane.
      ...(expiration > 0 && lane ? { exchange: lane.name, expiration } : { exchange: '' }),
      routingKey: this.source,
      content: this.payload,
      headers: {
        ...this.sendersHeaders(),
        ...(failures > 0 && { [HEADERS.failures]: failures }),
        ...(rank !== undefined && { [HEADERS.rank]: rank }),
      },
    });
  }

  private async sendToDead(reason: string): Promise<void> {
    const { topology, type, publisher, clock, onDeadLetter } = this.bus;
    const at = clock.now();
    await publisher.send({
      exchange: topology.dead,
      routingKey: this.source,
      content: this.payload,
      headers: {
        ...this.sendersHeaders(),
        [HEADERS.reason]: reason.slice(0, LONGEST_REASON),
        [HEADERS.queue]: this.source,
        [HEADERS.diedAt]: formatTimestamp(at),
      },
    });
    onDeadLetter?.({ type, reason, payload: this.payload.toString(), at });
  }

  /** What was sent along, but for what the broker and we have put there (`x-…`): a trace goes on over a retry. */
  private sendersHeaders(): Record<string, string> {
    const own: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.context.headers)) {
      if (typeof value === 'string' && !name.startsWith('x-')) own[name] = value;
    }
    return own;
  }
}
