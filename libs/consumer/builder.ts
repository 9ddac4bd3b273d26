import { ConsumerComponent } from './component.js';
import type { ComponentOptions, Processor } from './component.js';
import type { ConsumerFactory } from './consumer.js';
import { NACK_EXIT } from './failure-strategy.js';
import type { FailureStrategy } from './failure-strategy.js';
import type { Message } from './message.js';
import type { ConsumerLogger, ConsumerObserver, ConsumerTracer } from './observers.js';
import { REAL_PAUSES } from './time.js';
import type { Pauses } from './time.js';

const MOST_AT_ONCE = 1_000;

/**
 * Puts a `ConsumerComponent` together. Unless told otherwise it processes one message at a time, acknowledges on
 * success, exits on the first failure (`NACK_EXIT`), and makes no second consumer when the first breaks.
 */
export class ConsumerBuilder<M extends Message, Result = void> {
  private constructor(private readonly options: ComponentOptions<M, Result>) {}

  /** @param name for logs and health, e.g. `orders` */
  static of<M extends Message, Result = void>(
    name: string,
    factory: ConsumerFactory<M>,
    processor: Processor<M, Result>,
  ): ConsumerBuilder<M, Result> {
    return new ConsumerBuilder<M, Result>({
      name,
      factory,
      processor,
      onSuccess: (message) => message.ack(),
      onFailure: NACK_EXIT,
      concurrency: 1,
      retries: 0,
      retryWaitMs: 0,
      pauses: REAL_PAUSES,
      observer: undefined,
      logger: undefined,
      tracer: undefined,
    });
  }

  /** What becomes of a message whose processor threw: `NACK_EXIT`, `NACK`, `ACK`, or one of your own. */
  withFailureStrategy(onFailure: FailureStrategy<M>): ConsumerBuilder<M, Result> {
    return this.with({ onFailure });
  }

  /**
   * How often in a row there may be no consumer before the component gives up, and how long it waits before each further
   * one. A consumer that has begun to consume ends the row.
   * @param count from 0; Infinity never gives up
   * @throws RangeError for anything else.
   */
  withRetries(count: number, waitMs: number): ConsumerBuilder<M, Result> {
    if (!(count >= 0)) throw new RangeError(`Expected a number of retries from 0, got ${count}.`);
    if (!(waitMs >= 0)) throw new RangeError(`Expected a wait from 0 milliseconds, got ${waitMs}.`);
    return this.with({ retries: count, retryWaitMs: waitMs });
  }

  /** How many messages may be with the processor at once. @throws RangeError unless it is from 1 to 1,000. */
  withConcurrency(concurrency: number): ConsumerBuilder<M, Result> {
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_AT_ONCE) {
      throw new RangeError(`Expected a concurrency from 1 to ${MOST_AT_ONCE}, got ${concurrency}.`);
    }
    return this.with({ concurrency });
  }

  /** Settles a message by what its processor gave, in place of `ack`: for queues that can do more with one. */
  withSettlement(onSuccess: (message: M, result: Result) => Promise<void> | void): ConsumerBuilder<M, Result> {
    return this.with({ onSuccess });
  }

  withObserver(observer: ConsumerObserver<M, Result>): ConsumerBuilder<M, Result> {
    return this.with({ observer });
  }

  withLogger(logger: ConsumerLogger): ConsumerBuilder<M, Result> {
    return this.with({ logger });
  }

  withTracer(tracer: ConsumerTracer<M>): ConsumerBuilder<M, Result> {
    return this.with({ tracer });
  }

  /** Takes pauses from there in place of real time. */
  withPauses(pauses: Pauses): ConsumerBuilder<M, Result> {
    return this.with({ pauses });
  }

  build(): ConsumerComponent<M, Result> {
    return new ConsumerComponent(this.options);
  }

  private with(change: Partial<ComponentOptions<M, Result>>): ConsumerBuilder<M, Result> {
    return new ConsumerBuilder({ ...this.options, ...change });
  }
}
