import { errorWord, rankOf } from '#core';
import type { Clock, MessageBus, MessageType, SpanAbout, TraceContext, Tracer, Turn, Urgency } from '#core';

/**
 * Tells the workers to look. What it says is already true in the database, so a message that cannot be sent is no
 * failure: the reconciler finds the work by itself a little later.
 */
export class Herald {
  constructor(
    private readonly bus: MessageBus,
    private readonly clock: Clock,
    private readonly onUnsent: (type: MessageType, traceId: string, error: unknown) => void = () => undefined,
    private readonly tracer?: Tracer,
  ) {}

  /** Whether what is told just now would be heard. */
  get heard(): boolean {
    return this.bus.ready();
  }

  /** How many processes it makes sense to call up just now; whoever has more to tell of goes on a moment later. */
  get room(): number {
    return this.bus.room('SCHEDULER_PROCESS');
  }

  /**
   * Tells of a process whose turn it is, without waiting; never throws.
   * @param traceContext as `tell` takes it.
   */
  call({ traceId, priority, dueAt }: Turn, traceContext?: TraceContext): void {
    this.send('SCHEDULER_PROCESS', traceId, traceContext, { priority, rank: rankOf({ priority, dueAt }) });
  }

  /**
   * Sends without waiting; never throws.
   * @param traceContext where what leads to it stands; without one the database may know.
   */
  tell(type: Exclude<MessageType, 'SCHEDULER_PROCESS'>, traceId: string, traceContext?: TraceContext): void {
    this.send(type, traceId, traceContext);
  }

  private send(type: MessageType, traceId: string, traceContext?: TraceContext, urgency?: Urgency): void {
    const span = traceContext && this.tracer?.start(`publish ${type}`, publishing(type, traceId, traceContext));
    const message = { type, traceId, timestamp: this.clock.now(), traceContext: span?.context ?? traceContext };
    this.bus.publish(message, urgency).then(
      () => span?.end(),
      (error: unknown) => {
        span?.end(errorWord(error));
        this.onUnsent(type, traceId, error);
      },
    );
  }
}

/** What a span tells of a message that is sent. */
export function publishing(type: MessageType, traceId: string, parent: TraceContext): SpanAbout {
  return {
    kind: 'producer',
    parent,
    attributes: {
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'publish',
      'messaging.destination.name': type,
      'callboard.trace_id': traceId,
    },
  };
}
