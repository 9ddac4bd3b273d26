import { rankOf } from '#core';
import type { Clock, MessageBus, MessageType, Turn } from '#core';

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

  /** How many processes it makes sense to call up just now; whoever has more to tell of goes on a moment later. */
  get room(): number {
    return this.bus.room('SCHEDULER_PROCESS');
  }

  /** Tells of a process whose turn it is, without waiting; never throws. */
  call({ traceId, priority, dueAt }: Turn): void {
    const type = 'SCHEDULER_PROCESS';
    this.bus
      .publish({ type, traceId, timestamp: this.clock.now() }, { priority, rank: rankOf({ priority, dueAt }) })
      .catch((error: unknown) => this.onUnsent(type, traceId, error));
  }

  /** Sends without waiting; never throws. */
  tell(type: Exclude<MessageType, 'SCHEDULER_PROCESS'>, traceId: string): void {
    this.bus
      .publish({ type, traceId, timestamp: this.clock.now() })
      .catch((error: unknown) => this.onUnsent(type, traceId, error));
  }
}
