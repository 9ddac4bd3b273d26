import type { Message, MessageHandler, MessageType, Outcome } from '#core';
import { messageOf } from '#core';

/** One message as a queue gave it out. */
export interface Delivery {
  /** How many times a handler has thrown over this message before. */
  readonly failures: number;
  /** @throws InvalidInput when the bytes are no message. */
  decode(): Message;
  /**
   * Tells the queue what became of the message; called exactly once. `failures` is what the message carries on when
   * it is retried. Never rejects: a queue that is gone brings the message again by itself.
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

export interface DispatcherOptions extends FaultPolicy {
  readonly type: MessageType;
  /** How many handlers may run at once. */
  readonly prefetch: number;
  readonly handler: MessageHandler;
  /** Called each time a handler is done and its message settled. */
  readonly onFree?: (() => void) | undefined;
}

/** The half of a consumer that every bus shares: decodes, runs the handler, turns faults into outcomes, settles. */
export class Dispatcher {
  private running = 0;
  private idlers: (() => void)[] = [];

  /** @throws RangeError for a prefetch outside 1 to 1,000. */
  constructor(private readonly options: DispatcherOptions) {
    const { prefetch } = options;
    if (!Number.isInteger(prefetch) || prefetch < 1 || prefetch > 1_000) {
      throw new RangeError(`Expected a prefetch from 1 to 1000, got ${prefetch}.`);
    }
  }

  /** How many more messages may be taken just now. */
  get free(): number {
    return this.options.prefetch - this.running;
  }

  /** Hands a message over; the handler has been called when this returns. The caller has asked `free` before. */
  take(delivery: Delivery): void {
    this.running += 1;
    void this.handle(delivery).then(() => {
      this.running -= 1;
      if (this.running === 0) for (const wake of this.idlers.splice(0)) wake();
      this.options.onFree?.();
    });
  }

  /** Resolves when no handler runs. */
  async idle(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }

  private async handle(delivery: Delivery): Promise<void> {
    const { type, handler } = this.options;
    let message: Message;
    try {
      message = delivery.decode();
      if (message.type !== type) throw new Error(`Expected a message of type ${type}, got ${message.type}.`);
    } catch (error) {
      await delivery.settle({ kind: 'dead', reason: messageOf(error) }, delivery.failures);
      return;
    }
    let outcome: Outcome;
    let { failures } = delivery;
    try {
      outcome = await handler(message);
    } catch (error) {
      failures += 1;
      outcome = this.afterFault(failures, error);
      this.options.onFault?.(type, message, error);
    }
    await delivery.settle(outcome, failures);
  }

  private afterFault(failures: number, error: unknown): Outcome {
    const { firstRetryMs = 1_000, longestRetryMs = 60_000, maxFailures = 10 } = this.options;
    if (failures >= maxFailures) {
      return { kind: 'dead', reason: `The handler failed ${failures} times, lastly with: ${messageOf(error)}` };
    }
    return { kind: 'retry', afterMs: Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs) };
  }
}
