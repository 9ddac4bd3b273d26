import type { MessageBus, Worker } from '#core';
import type { KeepDeadLetter } from '#scheduling';

/** How many letters are kept at once. */
const PREFETCH = 20;

/** Moves what the bus gave up into the database. */
export class DeadLetterWorker implements Worker {
  readonly name = 'dead letters';

  constructor(
    private readonly bus: MessageBus,
    private readonly keepLetter: KeepDeadLetter,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const subscription = await this.bus.consumeUndeliverable({ prefetch: PREFETCH }, (undeliverable, stop) =>
      this.keepLetter.execute(undeliverable, stop),
    );
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    await subscription.close();
  }
}
