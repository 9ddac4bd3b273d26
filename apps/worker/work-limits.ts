import type { MessageType } from '#core';

/** How much work may be under way at once, and whom to tell how it went. */
export interface WorkLimits {
  /** Calls at once. */
  readonly workerConcurrency: number;
  /** Documents being read at once: slots of their own, so that a slow document never holds up calls. */
  readonly generatorConcurrency: number;
  /** How long a message waits for a free slot before it is left to other workers, in milliseconds. */
  readonly patienceMs: number;
  /** Told when a document's stage is over, well or not. */
  readonly onEnded: (type: MessageType, traceId: string) => void;
  readonly onFault: (traceId: string, error: unknown) => void;
}
