import type { Claim, Lease } from '../lease.js';
import type { Turn } from '../priority.js';
import type { ListedProcess, ProcessPage, ProcessQuery, ProcessState } from '../process-query.js';
import type { CallRecord, HoldReason, ProcessOutcome, SchedulerProcess, StoredResponse } from '../scheduler-process.js';

/**
 * Where processes and their responses are kept. Every method is one atomic change or one query; a change is durable
 * when its promise resolves. Implementations join the changes that are asked for within a tick into one commit. All
 * methods reject with `Unavailable` when the database does not answer in time.
 */
export abstract class ProcessStore {
  /**
   * Stores a new process.
   * @throws InvalidInput for a service, project or Spec's trace id with a NUL character or half of a surrogate pair
   *   (`TEXT_INVALID`), and for headers and parameters of more than 8 MiB (`PROCESS_TOO_LARGE`).
   */
  abstract insert(process: SchedulerProcess): Promise<void>;

  /** A process, or null. With `project` null in whichever project: for workers, who only know a trace id. */
  abstract find(project: string | null, traceId: string): Promise<SchedulerProcess | null>;

  /** How far a process is, or null: what is asked for most, so nothing else is read or decrypted for it. */
  abstract findState(project: string, traceId: string): Promise<ProcessState | null>;

  /** What the service answered, if it did. Separate from the process, so that polling a status never reads it. */
  abstract findResponse(project: string, traceId: string): Promise<StoredResponse | null>;

  /**
   * A page of processes, newest first by when they were accepted. Pages that follow one another give no process twice
   * and leave out none that was there from the first page on, whatever is added or ends meanwhile. What a page costs
   * does not grow with what is stored: where few of many match, it may be short or even empty and still have a `next`;
   * it also ends early once its requests exceed 8 MiB.
   * @throws InvalidInput for a cursor that no page of this store has given (`CURSOR_INVALID`).
   */
  abstract list(project: string, query: ProcessQuery): Promise<ProcessPage>;

  /**
   * Takes a process that is due and that nobody holds: WAITING with `dueAt` at or before `now`, or IN_PROGRESS with
   * its lease ended. Sets IN_PROGRESS and `steps`, raises the attempt.
   * @returns the process as claimed, or null.
   */
  abstract claim(
    traceId: string,
    lease: Lease,
    steps: readonly string[],
    now: number,
  ): Promise<SchedulerProcess | null>;

  /**
   * Moves the end of the leases of these claims.
   * @returns those that are still held; one that is no longer the latest, or has ended, is passed over.
   */
  abstract renew(claims: readonly Claim[], until: number): Promise<Claim[]>;

  /** Which of these claims are still the latest, of processes that have not ended. Changes nothing. */
  abstract held(claims: readonly Claim[]): Promise<Claim[]>;

  /**
   * Gives a claim back without a result: WAITING again.
   * @returns false, with nothing written, when the claim is no longer the latest.
   */
  abstract handBack(claim: Claim, next: HandBack, now: number): Promise<boolean>;

  /**
   * Notes that a call which must not be made twice is about to leave: whoever claims the process after this claim has
   * ended finds it uncertain, until `tryLater` tells how the call ended.
   * @returns false, with nothing written, when the claim is no longer the latest.
   */
  abstract noteSending(claim: Claim): Promise<boolean>;

  /**
   * Takes back what `noteSending` has noted under this very claim: nothing has left after all.
   * @returns false, with nothing written, when there is no such note or the claim is no longer the latest.
   */
  abstract noteUnsent(claim: Claim): Promise<boolean>;

  /**
   * Ends a call under a claim but not its process: IN_PROGRESS still, held by nobody, to be claimed again at `at`.
   * @returns false, with nothing written, when the claim is no longer the latest.
   */
  abstract tryLater(claim: Claim, next: NextCall, now: number): Promise<boolean>;

  /**
   * Ends a process under a claim: status, steps, error, response and, for one that is given up, the mark that makes it
   * a dead letter, in one change. Calls that were noted before stay where the outcome has none.
   * @returns false, with nothing written, when the claim is no longer the latest or the process has already ended.
   */
  abstract complete(claim: Claim, outcome: ProcessOutcome, steps: readonly string[], now: number): Promise<boolean>;

  /**
   * Ends a process that has not ended, whoever holds it: CANCELLED, with `step` after its other steps. The attempt
   * rises, so that nothing more is written under a claim.
   * @returns false, with nothing written, when there is none of that trace id or it has ended already.
   */
  abstract cancel(project: string, traceId: string, step: string, now: number): Promise<boolean>;

  /** Has `listener` told of each process that is cancelled through this very object from now on. It must not throw. */
  abstract onCancelled(listener: (traceId: string) => void): void;

  /**
   * Notes the calls of a process that was cancelled under this claim, which whoever made them learns only afterwards.
   * Nothing is written when it was not.
   */
  abstract noteCalls(claim: Claim, calls: readonly CallRecord[]): Promise<void>;

  /** Those of these processes that are there, of whichever project, in no promised order. At most 1,000 at a time. */
  abstract findMany(traceIds: readonly string[]): Promise<ListedProcess[]>;

  /**
   * Has `listener` told of each process whose status, steps or attempt change through this very object from now on, once
   * that is committed. It must not throw.
   * @returns whether nothing else changes processes. Where it is false, the listener may be told of none.
   */
  abstract onChanged(listener: (traceId: string) => void): boolean;

  /** How many processes that have not ended are bound to this Spec, by what they ask for. */
  abstract unended(specTraceId: string): Promise<AskedOperation[]>;

  /**
   * Makes up to `limit` processes parked for this Spec due at `now`, in the order that their ranks would have had they
   * been due when they were accepted. Repeat until none comes back.
   */
  abstract release(specTraceId: string, limit: number, now: number): Promise<Turn[]>;

  /** Specs that have processes parked for them, in the order of their trace ids, those behind `after`. */
  abstract parkedSpecs(after: string | null, limit: number): Promise<string[]>;

  /** Specs that have processes held at their gates, in the same way. */
  abstract heldSpecs(after: string | null, limit: number): Promise<string[]>;

  /** The keys that processes are held under at a Spec's gate, in the order of their code units, those behind `after`. */
  abstract heldKeys(specTraceId: string, after: string | null, limit: number): Promise<string[]>;

  /** The first of a line, by rank. */
  abstract heldLine(specTraceId: string, key: string, limit: number): Promise<Turn[]>;

  /**
   * Makes held processes due again, at the time at which they were, and notes that they were given out: `due` does not
   * repeat them before `repeatAfter`.
   * @returns those that were still held, in no particular order.
   */
  abstract releaseHeld(traceIds: readonly string[], repeatAfter: number, now: number): Promise<string[]>;

  /**
   * Waiting processes whose time, set in the future when it was written, has come: by rank, each given out once, and
   * not by `due` before `repeatAfter`. Those that were parked are so no more, but due: what they waited for has not
   * come until they expired.
   */
  abstract dueTimed(query: {
    readonly limit: number;
    readonly now: number;
    readonly repeatAfter: number;
  }): Promise<Turn[]>;

  /** When the next process comes due, or a parked one expires, that `dueTimed` has not given out yet, or null when none waits for its time. */
  abstract nextTimed(): Promise<number | null>;

  /**
   * Has what waits to be tried again wait from `now` on, for as long as it was to wait, where that was written in the
   * future: by a clock that has been set back since; and what was due when that was written be due at `now`, for `due`
   * to give out. Times that callers asked for stay.
   */
  abstract followClock(now: number): Promise<void>;

  /**
   * What has not ended, for figures: cheap however many processes there are, and exact up to 2,000 of them, beyond
   * which the oldest may be one of the oldest.
   */
  abstract backlog(now: number): Promise<Backlog>;

  /**
   * How many processes have not ended, parked ones among them; counted up to `most`, by indexes.
   * @param project only those of this one; unset: of all.
   */
  abstract countUnended(most: number, project?: string): Promise<number>;

  /**
   * Processes that a worker should be looking at and nobody holds: due before `dueBefore`, or with a lease that ended
   * before `now`; by rank. It notes that it gave them out and does not repeat them before `repeatAfter`; `dueTimed`
   * does not give them out either.
   */
  abstract due(query: { dueBefore: number; repeatAfter: number; limit: number; now: number }): Promise<Turn[]>;
}

export interface Backlog {
  /** Processes that have not ended and are not parked; counted up to 100,000. */
  readonly pending: number;
  /** When the one that waits longest became due; null when none waits that is due. */
  readonly oldestDueAt: number | null;
}

/** How far `backlog` counts, and how many processes it looks at. */
export const BACKLOG_COUNTED = 100_000;
export const BACKLOG_SEEN = 2_000;

export interface NextCall {
  readonly at: number;
  /** All calls that were made, oldest first. */
  readonly calls: readonly CallRecord[];
  /** The Spec's version that they ran on. */
  readonly specVersion: number;
}

export interface HandBack {
  /**
   * When it may be claimed again; null *parks* the process: it waits until `release` is called for its Spec, or with
   * `held` until `releaseHeld` is.
   */
  readonly dueAt: number | null;
  /** With a `dueAt` of null: holds it at its Spec's gate, in the line of its key. */
  readonly held?: Held | undefined;
  /** When a parked process becomes due all the same. */
  readonly expiresAt?: number | undefined;
  readonly steps: readonly string[];
  /** The Spec's version that it has begun on and keeps. */
  readonly specVersion?: number | undefined;
}

/** Why and where a process is held, and what it keeps of its turn. */
export interface Held {
  readonly why: HoldReason;
  /** Empty for what has no key. */
  readonly key: string;
  readonly priority: number;
  /** When it was due. */
  readonly dueAt: number;
}

/** An operation as processes name it. */
export interface AskedOperation {
  readonly method: string;
  readonly endpoint: string;
  readonly count: number;
}
