import type { BreakerState, HoldReason, ListedProcess, ProcessOutcome, SchedulerProcess, Spec } from '#core';

/** Told of what an API accepts and cancels, for figures. Must not throw. */
export interface AcceptanceObserver {
  accepted(process: SchedulerProcess): void;
  /** A process was ended by being cancelled. */
  cancelled(process: SchedulerProcess): void;
}

/** Told of what an API cancels, for figures. Must not throw. */
export interface CancelObserver {
  cancelled(process: ListedProcess): void;
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

/** What is let go for its age, or because there is too much of it. */
export type SweptKind =
  'process' | 'response' | 'log' | 'audit' | 'letter' | 'spec' | 'version' | 'sdk' | 'upload' | 'blob';

/** Told of what a sweeper has removed, for figures. Must not throw. */
export interface SweepObserver {
  swept(kind: SweptKind, count: number): void;
}
