import type { ConsumerComponent } from '#consumer';
import type { Outcome, Subscription } from '#core';
import type { BusMessage } from './message-component.js';

/** A component that runs until it is closed. */
export class ComponentSubscription implements Subscription {
  private readonly abort = new AbortController();
  private readonly ended: Promise<void>;

  /** Starts it. */
  constructor(
    private readonly component: ConsumerComponent<BusMessage, Outcome>,
    onClosed: () => void,
  ) {
    this.ended = component.run(this.abort.signal).finally(onClosed);
  }

  pause(): Promise<void> {
    return this.component.pause();
  }

  resume(): Promise<void> {
    return this.component.resume();
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.ended;
  }
}
