import type { ProcessOutcome, SchedulerProcess } from '#core';

/** Told of what an API accepts and cancels, for figures. Must not throw. */
export interface AcceptanceObserver {
  accepted(process: SchedulerProcess): void;
  /** A process was ended by being cancelled. */
  cancelled(process: SchedulerProcess): void;
}

/** Told of what a worker does with processes, for figures. Must not throw. */
export interface CallObserver {
  /** The first call of a process is about to be made. */
  started(process: SchedulerProcess): void;
  /** A call failed and will be made again. */
  triedLater(process: SchedulerProcess): void;
  /** How a process ends was handed over for good. */
  ended(process: SchedulerProcess, outcome: ProcessOutcome): void;
}
