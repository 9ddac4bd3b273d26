import type { Consumer, ConsumerFactory, Flow, Intake } from './consumer.js';
import type { FailureStrategy } from './failure-strategy.js';
import type { Message } from './message.js';
import type { ConsumerLogger, ConsumerObserver, ConsumerTracer } from './observers.js';
import type { Pauses } from './time.js';

/** Deals with one message. What it throws, or rejects with, is left to the failure strategy. */
export type Processor<M extends Message, Result = void> = (message: M) => Promise<Result> | Result;

/** What a builder has gathered. */
export interface ComponentOptions<M extends Message, Result> {
  readonly name: string;
  readonly factory: ConsumerFactory<M>;
  readonly processor: Processor<M, Result>;
  /** Settles a message whose processor succeeded. */
  readonly onSuccess: (message: M, result: Result) => Promise<void> | void;
  readonly onFailure: FailureStrategy<M>;
  readonly concurrency: number;
  readonly retries: number;
  readonly retryWaitMs: number;
  readonly pauses: Pauses;
  readonly observer: ConsumerObserver<M, Result> | undefined;
  readonly logger: ConsumerLogger | undefined;
  readonly tracer: ConsumerTracer<M> | undefined;
}

/**
 * Fetches messages, runs the processor on each, and settles it: by `onSuccess`, or as the failure strategy says. A
 * consumer that breaks is replaced. Made by a `ConsumerBuilder`.
 */
export class ConsumerComponent<M extends Message = Message, Result = void> {
  readonly name: string;
  private life: Life | undefined;
  private flow: Flow | undefined;
  private isPaused = false;
  private running = 0;
  private idlers: (() => void)[] = [];
  private starters: (() => void)[] = [];

  constructor(private readonly options: ComponentOptions<M, Result>) {
    this.name = options.name;
  }

  /**
   * Consumes until `signal` aborts; resolves when each processor that runs has ended and its message is settled.
   * @throws when there is no consumer after as many retries as there may be, and what the processor threw where the
   *   failure strategy exits. Error when it runs already.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.life) throw new Error(`Expected ${this.name} to run once at a time, got a second call.`);
    const life = new Life(signal);
    this.life = life;
    try {
      await this.keepConsuming(life);
    } finally {
      life.end();
      await this.idle();
      this.life = undefined;
    }
    if (life.fault) throw life.fault.error;
  }

  /** Resolves once a consumer consumes. */
  async started(): Promise<void> {
    if (!this.flow) await new Promise<void>((resolve) => this.starters.push(resolve));
  }

  /** Takes no further messages until `resume`, over new consumers too; what runs goes on. */
  async pause(): Promise<void> {
    this.isPaused = true;
    await this.flow?.pause();
  }

  async resume(): Promise<void> {
    this.isPaused = false;
    await this.flow?.resume();
  }

  private async keepConsuming(life: Life): Promise<void> {
    const { name, retries, retryWaitMs, pauses, logger, observer } = this.options;
    let failures = 0;
    let isFirst = true;
    const onConsuming = (): void => {
      failures = 0;
      logger?.info(`${name} consumes.`);
      if (!isFirst) observer?.reconnected?.();
      isFirst = false;
    };
    while (!life.isOver()) {
      const reason = await this.consumeWithOne(life, onConsuming);
      if (life.isOver()) return;
      failures += 1;
      if (failures > retries) {
        throw new Error(`Expected a consumer for ${name}, got none after ${retries} retries: ${textOf(reason)}`, {
          cause: reason,
        });
      }
      logger?.warn(`${name} has lost its consumer and makes another in ${retryWaitMs} ms.`, reason);
      if (retryWaitMs > 0) await pauses.sleep(retryWaitMs, life.signal);
    }
  }

  /** The life of one consumer. A source that says nothing must not hold up the end. @returns why it ended. */
  private async consumeWithOne(life: Life, onConsuming: () => void): Promise<unknown> {
    let consumer: Consumer<M> | undefined;
    try {
      const creating = this.options.factory.create(life.signal);
      consumer = await Promise.race([creating, life.ended]);
      if (!consumer) {
        void creating.then(
          (late) => late.close(),
          () => undefined,
        );
        return undefined;
      }
      let broken: (reason: unknown) => void = () => undefined;
      const lost = new Promise<unknown>((resolve) => (broken = resolve));
      const flow = await Promise.race([consumer.consume(this.intake(life, broken)), life.ended]);
      if (!flow) return undefined;
      this.flow = flow;
      onConsuming();
      // It may have been told otherwise since the consumer asked.
      await Promise.race([this.isPaused ? flow.pause() : flow.resume(), life.ended]);
      for (const wake of this.starters.splice(0)) wake();
      return await Promise.race([lost, life.ended]);
    } catch (error) {
      return error;
    } finally {
      if (life.isOver()) {
        // What was fetched goes to others at once; those that run are settled before the consumer closes.
        void this.flow?.pause();
        await this.idle();
      }
      this.flow = undefined;
      await consumer?.close();
    }
  }

  private intake(life: Life, broken: (reason: unknown) => void): Intake<M> {
    const { concurrency } = this.options;
    const isPaused = (): boolean => this.isPaused;
    const free = (): number => (this.isPaused || life.signal.aborted ? 0 : concurrency - this.running);
    return {
      signal: life.signal,
      concurrency,
      get isPaused() {
        return isPaused();
      },
      get free() {
        return free();
      },
      take: (message) => this.take(life, message),
      broken,
    };
  }

  private take(life: Life, message: M): void {
    this.running += 1;
    void this.process(life, message).then(() => {
      this.running -= 1;
      if (this.running === 0) for (const wake of this.idlers.splice(0)) wake();
      this.flow?.more();
    });
  }

  /** Never rejects. Messages come by the thousand: whatever is awaited here costs. */
  private async process(life: Life, message: M): Promise<void> {
    const { processor, tracer, observer, onSuccess, logger, name } = this.options;
    const startedAt = observer ? performance.now() : 0;
    observer?.received?.(message);
    try {
      let result: Result;
      try {
        result = await (tracer ? tracer(message, () => processor(message)) : processor(message));
      } catch (error) {
        observer?.failed?.(message, secondsSince(startedAt), error);
        await this.fail(life, message, error);
        return;
      }
      observer?.succeeded?.(message, secondsSince(startedAt), result);
      await onSuccess(message, result);
    } catch (error) {
      logger?.warn(`${name} could not settle a message of ${message.source}.`, error);
    }
  }

  private async fail(life: Life, message: M, error: unknown): Promise<void> {
    const { onFailure, logger, name } = this.options;
    logger?.warn(`${name} failed over a message of ${message.source} (${onFailure.name}).`, error);
    try {
      await onFailure.settle(message, error);
    } finally {
      if (onFailure.exits) life.fail(error);
    }
  }

  /** Resolves when no processor runs. */
  private async idle(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }
}

/** From `run` until its end, whether that was asked for or led to by a fault. */
class Life {
  readonly signal: AbortSignal;
  /** Resolves when `signal` aborts. */
  readonly ended: Promise<undefined>;
  /** What ended it, where it was not asked to. */
  fault: { readonly error: unknown } | undefined;
  private readonly abort = new AbortController();
  private readonly onStop = (): void => this.abort.abort();

  constructor(private readonly stop: AbortSignal) {
    this.signal = this.abort.signal;
    this.ended = new Promise((resolve) =>
      this.signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
    if (stop.aborted) this.onStop();
    else stop.addEventListener('abort', this.onStop, { once: true });
  }

  /** A call, since it changes while others are awaited. */
  isOver(): boolean {
    return this.signal.aborted;
  }

  /** Ends it with the first of the errors. */
  fail(error: unknown): void {
    this.fault ??= { error };
    this.abort.abort();
  }

  end(): void {
    this.stop.removeEventListener('abort', this.onStop);
    this.abort.abort();
  }
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1_000;
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
