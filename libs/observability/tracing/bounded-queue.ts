import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';

/** Lets no more spans wait for their sending than there is room for, and tells of the others, which the SDK does not. */
export class BoundedQueue implements SpanProcessor {
  private waiting = 0;

  constructor(
    private readonly next: SpanProcessor,
    private readonly max: number,
    private readonly onFull: () => void,
  ) {}

  onStart(): void {
    // Only ended spans wait.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.waiting >= this.max) {
      this.onFull();
      return;
    }
    this.waiting += 1;
    this.next.onEnd(span);
  }

  /** As many have been taken to be sent. */
  taken(count: number): void {
    this.waiting -= count;
  }

  forceFlush(): Promise<void> {
    return this.next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.next.shutdown();
  }
}
