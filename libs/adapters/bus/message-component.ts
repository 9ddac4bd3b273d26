import { ConsumerBuilder } from '#consumer';
import type { ConsumerComponent, ConsumerFactory, Message as ConsumedMessage } from '#consumer';
import type { Clock, ConsumeOptions, Message, MessageHandler, MessageType, Outcome } from '#core';
import { messageOf } from '#core';

/** One message as the queue of a bus gave it out. */
export interface BusMessage extends ConsumedMessage<Message> {
  /** How many times a handler has thrown over this message before. */
  readonly failures: number;
  /**
   * Tells the queue what became of the message; called once. `failures` is what the message carries on when it is
   * retried. Never rejects: a queue that is gone brings the message again by itself.
   */
  settle(outcome: Outcome, failures: number): Promise<void> | void;
}

/** What a handler that throws leads to. */
export interface FaultPolicy {
  /** Pause before the first retry, in milliseconds (1,000); doubles with each failure up to the longest (60,000). */
  readonly firstRetryMs?: number | undefined;
  readonly longestRetryMs?: number | undefined;
  /** After how many failures the message becomes a dead letter (10). */
  readonly maxFailures?: number | undefined;
  /** Told of each failure: a fault of a handler, which should have returned an outcome. */
  readonly onFault?: ((type: MessageType, message: Message, error: unknown) => void) | undefined;
}

export interface MessageComponentOptions extends FaultPolicy {
  readonly type: MessageType;
  readonly factory: ConsumerFactory<BusMessage>;
  readonly handler: MessageHandler;
  readonly consume: ConsumeOptions;
  readonly clock: Clock;
}

/**
 * The consumer of one type, on any bus: decodes, runs the handler and settles by its outcome; a handler that throws is
 * tried again after growing pauses. It never gives up: a consumer that broke is replaced as soon as its factory can.
 * @throws RangeError for a prefetch outside 1 to 1,000.
 */
export function messageComponent(options: MessageComponentOptions): ConsumerComponent<BusMessage, Outcome> {
  const { type, factory, handler, consume, clock } = options;
  const { prefetch, observer } = consume;
  if (!Number.isInteger(prefetch) || prefetch < 1 || prefetch > 1_000) {
    throw new RangeError(`Expected a prefetch from 1 to 1000, got ${prefetch}.`);
  }
  const process = (message: BusMessage): Promise<Outcome> | Outcome => {
    let decoded: Message;
    try {
      decoded = message.decode();
      if (decoded.type !== type) throw new Error(`Expected a message of type ${type}, got ${decoded.type}.`);
    } catch (error) {
      return { kind: 'dead', reason: messageOf(error) };
    }
    return handler(decoded);
  };
  let builder = ConsumerBuilder.of<BusMessage, Outcome>(type, factory, process)
    .withConcurrency(prefetch)
    .withRetries(Infinity, 0)
    .withPauses(clock)
    .withSettlement((message, outcome) => message.settle(outcome, message.failures))
    .withFailureStrategy({
      name: 'retry',
      exits: false,
      settle: (message, error) => {
        options.onFault?.(type, message.decode(), error);
        const failures = message.failures + 1;
        return message.settle(outcomeOfFault(failures, error, options), failures);
      },
    });
  if (observer) {
    builder = builder.withObserver({
      succeeded: (_message, seconds, outcome) => observer.handled(type, outcome.kind, seconds),
      failed: (_message, seconds) => observer.handled(type, 'fault', seconds),
      reconnected: () => observer.reconnected(),
    });
  }
  return builder.build();
}

function outcomeOfFault(failures: number, error: unknown, policy: FaultPolicy): Outcome {
  const { firstRetryMs = 1_000, longestRetryMs = 60_000, maxFailures = 10 } = policy;
  if (failures >= maxFailures) {
    return { kind: 'dead', reason: `The handler failed ${failures} times, lastly with: ${messageOf(error)}` };
  }
  return { kind: 'retry', afterMs: Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs) };
}
