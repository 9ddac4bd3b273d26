import type { BreakerState, HoldReason, ProcessOutcome, SchedulerProcess, Spec } from '#core';

/** Told of what an API accepts, for figures. Must not throw. */
export interface AcceptanceObserver {
  accepted(process: SchedulerProcess): void;
}

/** Told of what a worker does with processes, for figures. Must not throw. */
export interface CallObserver {
  /** The first call of a process is about to be made. */
  started(process: SchedulerProcess): void;
  /** A process that is due may not start now. */
  held(process: SchedulerProcess, why: HoldReason): void;
  /** The breaker of a Spec that was called here has changed. */
  breaker(spec: Pick<Spec, 'traceId' | 'name'>, state: BreakerState): void;
  /** A call failed and will be made again. */
  triedLater(process: SchedulerProcess): void;
  /** How a process ends was handed over for good. */
  ended(process: SchedulerProcess, outcome: ProcessOutcome): void;
}
