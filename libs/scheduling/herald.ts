import type { Clock, MessageBus, MessageType } from '#core';

/**
 * Tells the workers to look. What it says is already true in the database, so a message that cannot be sent is no
 * failure: the reconciler finds the work by itself a little later.
 */
export class Herald {
  constructor(
    private readonly bus: MessageBus,
    private readonly clock: Clock,
    private readonly onUnsent: (type: MessageType, traceId: string, error: unknown) => void = () => undefined,
  ) {}

  /** Whether what is told just now would be heard. */
  get heard(): boolean {
    return this.bus.ready();
  }

  /** Sends without waiting; never throws. */
  tell(type: MessageType, traceId: string): void {
    this.bus
      .publish({ type, traceId, timestamp: this.clock.now() })
      .catch((error: unknown) => this.onUnsent(type, traceId, error));
  }
}
