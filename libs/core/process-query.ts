import type { ProcessStatus, SchedulerProcess } from './scheduler-process.js';

/** A process without the body of its request. */
export type ListedProcess = Omit<SchedulerProcess, 'reqBody'>;

/** How far a process is, without what was asked for. Its `calls` are told only between two of them. */
export type ProcessState = Pick<
  SchedulerProcess,
  'traceId' | 'project' | 'specTraceId' | 'status' | 'steps' | 'error' | 'nextCallAt' | 'calls' | 'held'
>;

/** Which processes a list holds: those that meet every condition that is set. */
export interface ProcessQuery {
  readonly status?: ProcessStatus | undefined;
  /** In lower case. */
  readonly service?: string | undefined;
  /** Whose they are, exactly as it was given. */
  readonly key?: string | undefined;
  /** Trace ids of Specs: only processes that are bound to one of them. */
  readonly specs?: readonly string[] | undefined;
  /** Accepted at this time or later, in epoch milliseconds. */
  readonly createdFrom?: number | undefined;
  /** Accepted before this time, in epoch milliseconds. */
  readonly createdBefore?: number | undefined;
  /** Text that the sentence of the error holds, in any case; only processes in ERROR have one. */
  readonly error?: string | undefined;
  /** How many processes a page holds at most, from 1. */
  readonly limit: number;
  /** The `next` of the page before, asked for with the same conditions; absent for the first. */
  readonly cursor?: string | undefined;
}

export interface ProcessPage {
  readonly processes: readonly ListedProcess[];
  /** Where the next page begins, in the store's own words; null behind the last. */
  readonly next: string | null;
}
