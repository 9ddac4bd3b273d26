import { DEFAULT_PRIORITY, errorWord, formatTimestamp, lineOf, PROCESS_STEPS, specReadiness, Unavailable } from '#core';
import type {
  Clock,
  ProcessOutcome,
  ProcessStore,
  SchedulerProcess,
  Span,
  Spec,
  SpecStore,
  TraceContext,
  Tracer,
  Verdict,
} from '#core';
import type { Gate, Refusal } from './gate.js';
import type { Herald } from './herald.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { LEASE_LOST } from './lease-lost.js';
import type { CallObserver } from './observers.js';
import type { OutcomeKeeper } from './outcome-keeper.js';
import type { ReleaseProcesses } from './release-processes.js';
import { RetryPause } from './retry-pause.js';
import { processAttributes } from './trace-call.js';
import type { TryCall } from './try-call.js';

const STOPPED = new Unavailable('WORKER_STOPPED', 'The worker is being stopped.');

/** A process that this worker holds the lease of, until `abort` says that it no longer does. */
export interface ClaimedProcess {
  readonly process: SchedulerProcess;
  readonly abort: AbortController;
}

/** SCHEDULER_PROCESS: claims a process, makes its call and hands on how it ended. */
export class ExecuteProcess {
  /** Of processes that one of our own backends failed: their services may have been called. */
  private readonly retryPause = new RetryPause();

  constructor(
    private readonly specs: SpecStore,
    private readonly processes: ProcessStore,
    private readonly call: TryCall,
    private readonly outcomes: OutcomeKeeper,
    private readonly release: ReleaseProcesses,
    private readonly gate: Gate,
    private readonly leases: LeaseKeeper,
    private readonly herald: Herald,
    private readonly clock: Clock,
    private readonly owner: string,
    private readonly onFault: (traceId: string, error: unknown) => void,
    private readonly observer?: CallObserver,
    private readonly tracer?: Tracer,
  ) {}

  /** Takes a process if it is due and nobody holds it; null means that there is nothing to do. */
  async claim(traceId: string): Promise<ClaimedProcess | null> {
    // Its call is under way or has been made, and must not be made again because its lease could not be renewed in time.
    if (await this.leases.keeps(traceId)) return null;
    const begun = this.clock.now();
    const lease = { owner: this.owner, until: this.leases.until() };
    const steps = [PROCESS_STEPS.received, PROCESS_STEPS.claimed];
    const process = await this.processes.claim(traceId, lease, steps, this.clock.now());
    if (!process) return null;
    // From now on, and not only from its start: it may wait for its turn longer than a lease lasts.
    const abort = new AbortController();
    this.leases.hold(process, () => abort.abort(LEASE_LOST), begun);
    return { process, abort };
  }

  /**
   * Runs a claimed process to its end, or gives it back; does nothing with one that was lost meanwhile. Never rejects.
   * @param stop aborts the call and gives the process back for another worker.
   * @param traceContext that of the message that told of it; without one the process knows its own.
   */
  async run(claimed: ClaimedProcess, stop: AbortSignal, traceContext?: TraceContext): Promise<void> {
    const span = this.tracer?.start('execute process', {
      kind: 'internal',
      parent: traceContext ?? claimed.process.traceContext,
      attributes: processAttributes(claimed.process),
    });
    // Its calls and its end are parts of this attempt; what is stored keeps to the whole.
    const process = span ? { ...claimed.process, traceContext: span.context } : claimed.process;
    await this.attempt({ process, abort: claimed.abort }, stop, span);
  }

  private async attempt({ process, abort }: ClaimedProcess, stop: AbortSignal, span: Span | undefined): Promise<void> {
    const { signal } = abort;
    const onStop = () => abort.abort(STOPPED);
    stop.addEventListener('abort', onStop);
    try {
      signal.throwIfAborted();
      const outcome = await this.outcomeOf(process, signal);
      this.retryPause.worked(this.clock.now());
      // The lease is kept until the outcome is stored: whoever stores it lets it go.
      if (outcome) await this.outcomes.take(process, outcome, signal);
      else this.leases.letGo(process);
      endAttempt(span, outcome);
    } catch (error) {
      span?.end(signal.aborted ? errorWord(signal.reason) : errorWord(error));
      if (signal.reason === LEASE_LOST || error === LEASE_LOST) return;
      if (!signal.aborted) this.onFault(process.traceId, error);
      await this.handBack(process, signal.aborted ? 0 : this.retryPause.failed(this.clock.now()));
    } finally {
      stop.removeEventListener('abort', onStop);
    }
  }

  /** Lets go of a claimed process that was not begun, so that another worker takes it at once. Never rejects. */
  async giveBack({ process, abort }: ClaimedProcess): Promise<void> {
    if (!abort.signal.aborted) await this.handBack(process, 0);
  }

  /** How the process ends, or null when it went back to wait: for its Spec, or for its next call. */
  private async outcomeOf(process: SchedulerProcess, signal: AbortSignal): Promise<ProcessOutcome | null> {
    const { expiresAt } = process;
    if (expiresAt !== undefined && expiresAt <= this.clock.now() && !hasStarted(process)) {
      return { status: 'ERROR', error: expired(expiresAt) };
    }
    const { project, specTraceId } = process;
    // Of its own project alone, whatever the database says that it is bound to.
    const spec = specTraceId === null ? null : await this.specs.find(project, specTraceId);
    switch (specReadiness(spec)) {
      case 'unavailable':
        return { status: 'ERROR', error: serviceUnavailable(process.service) };
      case 'pending':
        await this.park(process);
        return null;
      case 'ready':
        return spec && this.callThroughGate(process, spec, signal);
    }
  }

  private async callThroughGate(
    process: SchedulerProcess,
    spec: Spec,
    signal: AbortSignal,
  ): Promise<ProcessOutcome | null> {
    const refusal = await this.gate.enter(process, spec);
    if (refusal) {
      await this.hold(process, spec, refusal);
      return null;
    }
    let verdict: Verdict = 'none';
    try {
      if (!process.calls) this.observer?.started(process);
      return await this.call.execute(process, spec, signal, (of) => (verdict = of));
    } finally {
      await this.gate.leave(process, spec, verdict);
    }
  }

  /** Hands a process back into the line of its key at its Spec's gate. */
  private async hold(process: SchedulerProcess, spec: Spec, refusal: Refusal): Promise<void> {
    const { priority = DEFAULT_PRIORITY } = process;
    const now = this.clock.now();
    const held = { why: refusal.why, key: lineOf(process), priority, dueAt: process.dueAt ?? now };
    // What has started does not expire any more.
    const expiresAt = hasStarted(process) ? undefined : process.expiresAt;
    const next = { dueAt: null, held, expiresAt, steps: [PROCESS_STEPS.received] };
    if (!(await this.processes.handBack(process, next, now))) return;
    this.observer?.held(process, refusal.why);
    this.gate.held(spec, refusal);
  }

  private async park(process: SchedulerProcess): Promise<void> {
    const { expiresAt } = process;
    const parked = { dueAt: null, expiresAt, steps: [PROCESS_STEPS.received] };
    await this.processes.handBack(process, parked, this.clock.now());
    await this.release.executeIfSettled(process.specTraceId ?? '');
  }

  private async handBack(process: SchedulerProcess, afterMs: number): Promise<void> {
    this.leases.letGo(process);
    const now = this.clock.now();
    try {
      const dueAt = now + afterMs;
      await this.processes.handBack(process, { dueAt, steps: [PROCESS_STEPS.received] }, now);
      const { traceId, priority = DEFAULT_PRIORITY } = process;
      if (afterMs === 0) this.herald.call({ traceId, priority, dueAt: process.dueAt ?? dueAt });
    } catch (error) {
      // The lease ends by itself, and then the reconciler sends it round again.
      this.onFault(process.traceId, error);
    }
  }
}

/** @param outcome null where the process went back to wait */
function endAttempt(span: Span | undefined, outcome: ProcessOutcome | null): void {
  if (!span) return;
  const { response } = outcome ?? {};
  span.set({ 'callboard.status': outcome?.status ?? 'WAITING', 'callboard.cache': response?.cache });
  span.end(outcome?.status === 'ERROR' ? String(response?.status ?? 'call_failed') : undefined);
}

/** Whether a call of it was made, or may have been. */
function hasStarted({ calls, isUncertain }: SchedulerProcess): boolean {
  return calls !== undefined || isUncertain === true;
}

function expired(at: number): string {
  return `Error executing API call: the process expired before it could be started: it was to start before ${formatTimestamp(at)}.`;
}

function serviceUnavailable(service: string): string {
  return `The command could not be executed because the service requested (${service}) is not available.`;
}
