import type { Message, MessageType } from '../message.js';
import { DEFAULT_PRIORITY, rankOf } from '../priority.js';

/**
 * What becomes of a message once its handler is done with it:
 * - `ack`: handled (or nothing to do).
 * - `retry`: bring it again, to any worker, after `afterMs`.
 * - `drop`: not wanted and not worth keeping.
 * - `dead`: cannot ever be handled; kept as a dead letter with the reason.
 */
export type Outcome =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly afterMs: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'dead'; readonly reason: string };

export const ACK: Outcome = { kind: 'ack' };

/** Never rejects for its own good: a handler that throws is a fault, and its message is retried after a pause. */
export type MessageHandler = (message: Message) => Promise<Outcome>;

export interface ConsumeOptions {
  /** How many messages may be with the handler at once (1 to 1,000). */
  readonly prefetch: number;
  readonly observer?: ConsumeObserver | undefined;
}

/** Told of what a consumer does, for figures. Must not throw. */
export interface ConsumeObserver {
  /**
   * A message has been handled, and is settled next.
   * @param outcome `fault` where the handler threw
   * @param seconds that handling it took
   */
  handled(type: MessageType, outcome: Outcome['kind'] | 'fault', seconds: number): void;
  /** A consumer was made in place of one that was lost. */
  reconnected(): void;
}

/** How soon a message goes among others of its type. It travels beside the message, not in it. */
export interface Urgency {
  /** 0 to 9. */
  readonly priority: number;
  /** Lower ranks are handed over first, as far as a consumer can choose (`rankOf`). */
  readonly rank: number;
}

/** The urgency of a message that was sent without one. */
export function usualUrgency({ timestamp }: Message): Urgency {
  return { priority: DEFAULT_PRIORITY, rank: rankOf({ dueAt: timestamp }) };
}

/** A running consumer of one queue. It outlives lost connections. */
export interface Subscription {
  /**
   * Takes no further messages until `resume`. Those already with the handler stay with it; those fetched but not yet
   * handed over go back to the queue, so that another worker may have them.
   */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Takes no further messages, for good. Resolves when each handler that runs has returned. Safe to call twice. */
  close(): Promise<void>;
}

/** A message that was given up, as the bus holds it. */
export interface Undeliverable {
  /** The type whose queue it was in; null when that is not known. */
  readonly type: MessageType | null;
  /** One sentence. */
  readonly reason: string;
  /** The message's text as it came. */
  readonly payload: string;
  /** When it was given up, in epoch milliseconds; null when nobody noted it. */
  readonly at: number | null;
}

/**
 * Carries notes between the API and the workers: one queue a message type. Delivery is at least once while the queue
 * lives, in no promised order but that of the ranks of what waits at its consumer; a lost message is made good by the
 * reconciler.
 */
export abstract class MessageBus {
  /**
   * Sends a message. Resolves when the bus has taken charge of it (RabbitMQ: publisher confirm).
   * @param urgency counts for SCHEDULER_PROCESS, whose messages are handed over by rank; others go in turn.
   * @throws Unavailable at once when there is no connection or no room: the caller relies on the reconciler.
   */
  abstract publish(message: Message, urgency?: Urgency): Promise<void>;

  /**
   * How many messages of a type whoever can wait should publish at most just now: what fills a bus beyond that is for
   * whoever cannot. Costs nothing to ask and promises nothing.
   */
  room(_type: MessageType): number {
    return this.ready() ? Infinity : 0;
  }

  /**
   * Whether it makes sense to publish now: true unless the bus knows that it would refuse (RabbitMQ: there is no
   * connection, or the broker takes nothing just now). Costs nothing to ask and promises nothing: the next `publish`
   * may be refused all the same.
   */
  ready(): boolean {
    return true;
  }

  /**
   * Starts to consume the queue of one type. At most one consumer a type and bus object.
   * The message is settled with what the handler returns; one that cannot be decoded becomes a dead letter.
   */
  abstract consume(type: MessageType, options: ConsumeOptions, handler: MessageHandler): Promise<Subscription>;

  /**
   * Starts to hand what was given up to whoever keeps it, whatever gave it up: a handler, the decoder, or a broker that
   * gave it out too often. It is gone from the bus once `keep` resolves, and comes again when that rejects.
   * At most one consumer a bus object.
   */
  abstract consumeUndeliverable(
    options: Pick<ConsumeOptions, 'prefetch'>,
    keep: (undeliverable: Undeliverable, signal: AbortSignal) => Promise<void>,
  ): Promise<Subscription>;
}
