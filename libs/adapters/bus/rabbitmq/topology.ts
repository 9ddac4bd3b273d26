import type { Channel } from 'amqplib';
import type { MessageType } from '#core';
import { DEFAULT_PRIORITY, InvalidInput, MESSAGE_TYPES } from '#core';

export interface TopologyOptions {
  /** What the name of each queue and exchange starts with (`callboard`). */
  readonly prefix?: string | undefined;
  /** How many messages of one type may wait; beyond, a publish is refused (1,000,000). */
  readonly maxWaiting?: number | undefined;
  /** How many dead letters are kept: the newest (100,000). */
  readonly maxDeadLetters?: number | undefined;
  /**
   * How often the broker gives a message out anew, to whoever loses the connection or crashes over it, before it
   * makes it a dead letter (100). Wide, since what a pausing worker gives back counts too.
   */
  readonly deliveryLimit?: number | undefined;
}

/** Everything that a bus declares, by name. */
export interface Topology {
  readonly queues: Readonly<Record<MessageType, string>>;
  /**
   * Two more queues of SCHEDULER_PROCESS: quorum queues know no priorities, or two. What is above the usual one, and what
   * is below, is fetched beside the rest, and handed over by rank, so that each ages into its turn.
   */
  readonly bands: { readonly high: string; readonly low: string };
  /** An exchange and a queue of this name. */
  readonly dead: string;
  /** An exchange and a queue each. */
  readonly retries: readonly RetryLane[];
}

/**
 * Where messages wait to be retried. RabbitMQ lets go of expired messages only at the head of a queue, so a message
 * may wait as long as one before it: lanes by length keep a wait of an hour from holding up one of a second.
 */
interface RetryLane {
  readonly name: string;
  /** The longest wait that goes to this lane, in milliseconds. */
  readonly upToMs: number;
}

/** The names of a prefix. @throws InvalidInput for a prefix that is not 1 to 100 of `[A-Za-z0-9._-]`. */
export function topologyOf(prefix = 'callboard'): Topology {
  if (!/^[\w.-]{1,100}$/.test(prefix)) {
    throw new InvalidInput(
      'QUEUE_PREFIX_INVALID',
      `Expected a queue prefix of 1 to 100 characters of [A-Za-z0-9._-], got ${JSON.stringify(prefix)}.`,
    );
  }
  const queues = Object.fromEntries(MESSAGE_TYPES.map((type) => [type, `${prefix}.${type.toLowerCase()}`]));
  return {
    queues: queues as Record<MessageType, string>,
    bands: { high: `${prefix}.scheduler_process.high`, low: `${prefix}.scheduler_process.low` },
    dead: `${prefix}.dead`,
    retries: [
      { name: `${prefix}.retry.seconds`, upToMs: 5_000 },
      { name: `${prefix}.retry.minute`, upToMs: 60_000 },
      { name: `${prefix}.retry.long`, upToMs: Infinity },
    ],
  };
}

/** Whether messages of a type are handed over by rank; others go as they came. */
export function isRanked(type: MessageType): boolean {
  return type === 'SCHEDULER_PROCESS';
}

/** The queues that messages of a type wait in. */
export function queuesOf({ queues, bands }: Topology, type: MessageType): readonly string[] {
  return isRanked(type) ? [bands.high, queues[type], bands.low] : [queues[type]];
}

/** The queue of a message. */
export function queueOf({ queues, bands }: Topology, type: MessageType, priority: number): string {
  if (!isRanked(type) || priority === DEFAULT_PRIORITY) return queues[type];
  return priority > DEFAULT_PRIORITY ? bands.high : bands.low;
}

/**
 * Declares queues and exchanges; those that are there as declared stay as they are. All queues are durable quorum
 * queues: https://www.rabbitmq.com/docs/quorum-queues
 */
export async function declareTopology(channel: Channel, topology: Topology, options: TopologyOptions): Promise<void> {
  const { maxWaiting = 1_000_000, maxDeadLetters = 100_000, deliveryLimit = 100 } = options;
  const queue = (name: string, args: Record<string, unknown>): Promise<unknown> =>
    channel.assertQueue(name, { durable: true, arguments: { 'x-queue-type': 'quorum', ...args } });
  const queueBehindExchange = async (name: string, args: Record<string, unknown>): Promise<void> => {
    await channel.assertExchange(name, 'fanout', { durable: true });
    await queue(name, args);
    await channel.bindQueue(name, name, '');
  };

  await queueBehindExchange(topology.dead, { 'x-max-length': maxDeadLetters });
  for (const { name } of topology.retries) {
    // Expired messages go to the default exchange under their own routing key, which names the queue they came from.
    await queueBehindExchange(name, { 'x-dead-letter-exchange': '' });
  }
  for (const name of MESSAGE_TYPES.flatMap((type) => queuesOf(topology, type))) {
    await queue(name, {
      'x-dead-letter-exchange': topology.dead,
      'x-delivery-limit': deliveryLimit,
      'x-max-length': maxWaiting,
      'x-overflow': 'reject-publish',
    });
  }
}
