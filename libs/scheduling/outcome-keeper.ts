import type { Claim, Clock, ProcessOutcome, TraceContext, Worker } from '#core';
import type { CompleteProcess } from './complete-process.js';
import type { LeaseKeeper } from './lease-keeper.js';

export interface OutcomeKeeperOptions {
  /** How long a message may take to have an outcome stored, in milliseconds. */
  readonly patienceMs: number;
  /** Told when one could not be stored here either; it is tried again. */
  readonly onFault: (traceId: string, error: unknown) => void;
}

/** A claim, and where in a distributed trace its end belongs. */
type TracedClaim = Claim & { readonly traceContext?: TraceContext | undefined };

interface Kept {
  readonly claim: TracedClaim;
  readonly outcome: ProcessOutcome;
  readonly since: number;
}

/**
 * Keeps how processes ended, told over the bus, until that is stored: their calls have been made and must not be made
 * again for want of a message. What is not stored in time, or when the worker stops, is stored here; of two who store
 * the same the second changes nothing.
 */
export class OutcomeKeeper implements Worker {
  readonly name = 'outcomes';
  readonly stopsLast = true;
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly complete: CompleteProcess,
    private readonly leases: LeaseKeeper,
    private readonly clock: Clock,
    private readonly options: OutcomeKeeperOptions,
  ) {}

  /** Keeps an outcome that is about to be told. @param lost aborts when the claim is no longer this worker's */
  keep(claim: TracedClaim, outcome: ProcessOutcome, lost: AbortSignal): void {
    this.kept.set(claim.traceId, { claim, outcome, since: this.clock.now() });
    lost.addEventListener('abort', () => this.forget(claim), { once: true });
  }

  /** Whether the outcome of a process is kept here, and so is yet to be stored. */
  has(traceId: string): boolean {
    return this.kept.has(traceId);
  }

  /** Of an outcome that was not told after all. */
  forget({ traceId, attempt }: Claim): void {
    if (this.kept.get(traceId)?.claim.attempt === attempt) this.kept.delete(traceId);
  }

  /** The outcome of this claim is stored. */
  letGo(claim: Claim): void {
    this.forget(claim);
    this.leases.letGo(claim);
  }

  /** Stores an outcome without the bus. @returns whether that is done; else the fault has been told */
  async store(claim: TracedClaim, outcome: ProcessOutcome): Promise<boolean> {
    try {
      await this.complete.execute(claim, outcome, claim.traceContext);
      this.letGo(claim);
      return true;
    } catch (error) {
      this.options.onFault(claim.traceId, error);
      return false;
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.clock.sleep(this.options.patienceMs / 2, signal);
      if (signal.aborted) break;
      await this.runOnce();
    }
    // Those who would hear of it may be stopping as well.
    await this.runOnce(0);
  }

  /** Stores what has been kept for so long, in milliseconds. */
  async runOnce(patienceMs = this.options.patienceMs): Promise<void> {
    const now = this.clock.now();
    // Kept in the future: by a clock that was set back since.
    const late = [...this.kept.values()].filter(({ since }) => now - since >= patienceMs || since > now);
    await Promise.all(late.map(({ claim, outcome }) => this.store(claim, outcome)));
  }
}
