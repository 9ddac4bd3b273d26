import type { Subscription } from '#core';

/** What of a component a subscription needs, whatever it consumes. */
interface Component {
  run(signal: AbortSignal): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** A component that runs until it is closed. */
export class ComponentSubscription implements Subscription {
  private readonly abort = new AbortController();
  private readonly ended: Promise<void>;

  /** Starts it. */
  constructor(
    private readonly component: Component,
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
