import { isUsedUp, nextCallAt, Unavailable } from '#core';
import type {
  CallFailure,
  CallRecord,
  Clock,
  ProcessOutcome,
  ProcessStore,
  RetryPolicy,
  SchedulerProcess,
  Spec,
  Verdict,
} from '#core';
import { verdictOf } from './call-failure.js';
import type { CalledOperation, CallOperation } from './call-operation.js';
import type { DriftCheck } from './drift-check.js';
import { LEASE_LOST } from './lease-lost.js';
import type { CallObserver } from './observers.js';
import type { PayloadStore } from './payload-store.js';

/** How soon a note is written again that the store did not answer for, in milliseconds. */
const NOTE_AGAIN_MS = 1_000;
/**
 * So many characters of headers are kept of all calls of a process, and those of one call more: each call writes all of them
 * again, and MongoDB takes no document above 16 MiB.
 */
const MOST_HEADERS = 1024 * 1024;

export interface TryCallOptions {
  /** Who makes the calls. */
  readonly owner: string;
  /** What holds unless a Spec or a process says otherwise. */
  readonly retry: RetryPolicy;
  /** The longest time that a service may ask to be left alone, in milliseconds; beyond it the process ends. */
  readonly longestWaitMs: number;
  /** Told what kept an answer from being judged. */
  readonly onFault: (traceId: string, error: unknown) => void;
  readonly observer?: Pick<CallObserver, 'triedLater'> | undefined;
  /** From 0 up to 1 (`Math.random`). */
  readonly random?: (() => number) | undefined;
}

/** Makes one call of a process: it ends the process, or the process is tried again later. */
export class TryCall {
  constructor(
    private readonly processes: ProcessStore,
    private readonly call: CallOperation,
    private readonly drift: DriftCheck,
    private readonly payloads: PayloadStore,
    private readonly clock: Clock,
    private readonly options: TryCallOptions,
  ) {}

  /**
   * @param process as it was claimed.
   * @param onVerdict told what the call says of its service, if it says anything.
   * @returns how the process ends, or null when it is tried later.
   * @throws what `CallOperation.execute` throws, or `LEASE_LOST` when the process is no longer this worker's.
   */
  async execute(
    process: SchedulerProcess,
    spec: Spec,
    signal: AbortSignal,
    onVerdict?: (verdict: Verdict) => void,
  ): Promise<ProcessOutcome | null> {
    const policy = { ...this.options.retry, ...spec.retry, ...process.retry };
    const version = versionFor(process, spec);
    if (process.isUncertain && !policy.unsafe) return unknownOutcome(process, version);
    const startedAt = this.clock.now();
    let isUnderWay = false as boolean;
    /** Whether it is noted as one that may leave, and certainly has not. */
    let isUnsent = false as boolean;
    const options = {
      signal,
      onSending: policy.unsafe
        ? undefined
        : () => {
            isUnsent = true;
            return this.noteSending(process, signal);
          },
      onCall: () => {
        isUnderWay = true;
        isUnsent = false;
      },
      onUnsent: () => void (isUnsent = !policy.unsafe),
    };
    const called = await this.call.execute(process, spec, version, options).catch(async (error: unknown) => {
      if (isUnderWay && signal.reason === LEASE_LOST) await this.noteBrokenOff(process, startedAt);
      else if (isUnsent && error !== LEASE_LOST) await this.noteUnsent(process);
      throw error;
    });
    if (isUnderWay) onVerdict?.(verdictOf(called));
    const calls = this.callsOf(process, called, startedAt);
    if (await this.isTriedLater(process, called, policy, calls, version)) return null;
    const outcome = {
      ...called.outcome,
      ...(calls && { calls }),
      ...(isGivenUp(policy, called.failure, calls) && { isDead: true }),
    };
    return { ...outcome, drift: await this.driftOf(process, spec, version, outcome) };
  }

  /** Does nothing unless it was a cancellation that broke the call off. */
  private async noteBrokenOff(process: SchedulerProcess, startedAt: number): Promise<void> {
    const calls = process.calls ?? [];
    const record: CallRecord = {
      ...{ number: calls.length + 1, startedAt, endedAt: this.clock.now(), worker: this.options.owner },
      error: 'The call was under way when it was cancelled: the service may have acted on it.',
    };
    await this.processes.noteCalls(process, [...calls, record]);
  }

  /**
   * Asks until it is answered: a note that was written and not answered for would have a call that never left count as
   * one that may have.
   */
  private async noteSending(process: SchedulerProcess, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        if (await this.processes.noteSending(process)) return;
        throw LEASE_LOST;
      } catch (error) {
        if (error === LEASE_LOST || !(error instanceof Unavailable)) throw error;
        this.options.onFault(process.traceId, error);
      }
      await this.clock.sleep(NOTE_AGAIN_MS, signal);
      signal.throwIfAborted();
    }
  }

  /** Else whoever has it next would have to say that its outcome is unknown, and never make its call. */
  private async noteUnsent(process: SchedulerProcess): Promise<void> {
    try {
      await this.processes.noteUnsent(process);
    } catch (error) {
      this.options.onFault(process.traceId, error);
    }
  }

  /** With an answer from the cache no call was made. */
  private callsOf(
    process: SchedulerProcess,
    { outcome }: CalledOperation,
    startedAt: number,
  ): readonly CallRecord[] | undefined {
    const { response } = outcome;
    if (response?.cache === 'HIT') return process.calls;
    const before = process.calls ?? [];
    const record: CallRecord = {
      ...{ number: before.length + 1, startedAt, endedAt: this.clock.now(), worker: this.options.owner },
      ...(outcome.status === 'ERROR' && { error: outcome.error }),
      ...(response && {
        response: {
          status: response.status,
          headers: headersOf(before) < MOST_HEADERS ? response.headers : [],
          bytes: response.body.bytes,
        },
      }),
    };
    return [...before, record];
  }

  private async isTriedLater(
    process: SchedulerProcess,
    { outcome, failure, isRepeatable }: CalledOperation,
    policy: RetryPolicy,
    calls: readonly CallRecord[] = [],
    specVersion: number,
  ): Promise<boolean> {
    if (!failure) return false;
    const now = this.clock.now();
    const random = (this.options.random ?? Math.random)();
    const choice = { calls: calls.length, failure, isRepeatable, now, random };
    const at = nextCallAt(policy, choice, this.options.longestWaitMs);
    if (at === null) return false;
    if (!(await this.processes.tryLater(process, { at, calls, specVersion }, now))) {
      await this.processes.noteCalls(process, calls);
      throw LEASE_LOST;
    }
    this.options.observer?.triedLater(process);
    if (outcome.response) await this.payloads.discard(outcome.response.body);
    return true;
  }

  private async driftOf(process: SchedulerProcess, spec: Spec, version: number, { response }: ProcessOutcome) {
    if (!response) return undefined;
    try {
      return await this.drift.of(process, spec.traceId, version, response);
    } catch (error) {
      // The call has been made: whatever keeps us from judging its answer must not have it made again.
      this.options.onFault(process.traceId, error);
      return undefined;
    }
  }
}

/** How long the headers are that were answered to calls. */
function headersOf(calls: readonly CallRecord[]): number {
  const all = calls.flatMap(({ response }) => response?.headers ?? []);
  return all.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

/** A process runs on the version that served when it was begun, however often it is tried. */
function versionFor(process: SchedulerProcess, spec: Spec): number {
  return process.specVersion ?? spec.servingVersion ?? spec.version;
}

function unknownOutcome(process: SchedulerProcess, specVersion: number): ProcessOutcome {
  const { method, calls } = process;
  const error = `Error executing API call: outcome unknown: the request may have reached the service before the worker that made it ended or could not keep the answer, and a ${method} is not made twice unless "retry": {"unsafe": true} allows it.`;
  return { status: 'ERROR', error, specVersion, ...(calls && { calls }), isDead: true };
}

function isGivenUp(policy: RetryPolicy, failure?: CallFailure, calls: readonly CallRecord[] = []): boolean {
  return failure !== undefined && isUsedUp(policy, { calls: calls.length, failure });
}
