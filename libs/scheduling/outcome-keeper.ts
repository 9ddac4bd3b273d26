import { setMaxListeners } from 'node:events';
import { errorWord } from '#core';
import type { Claim, Clock, MessageBus, ProcessOutcome, SchedulerProcess, Tracer, Worker } from '#core';
import { OutcomeData } from './complete-process.js';
import type { CompleteProcess } from './complete-process.js';
import { publishing } from './herald.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { LEASE_LOST } from './lease-lost.js';
import type { CallObserver } from './observers.js';

/** How soon an outcome is tried again that neither the database nor the bus took, in milliseconds. */
const RETRY_AFTER_MS = 2_000;
/** How many outcomes are being stored before the next call waits for one of them. */
const MOST_AT_ONCE = 200;

const TYPE = 'SCHEDULER_PROCESS_RESPONSE';

export interface OutcomeKeeperOptions {
  /** How long a message may take to have an outcome stored, in milliseconds. */
  readonly patienceMs: number;
  /** Told of each process whose end was stored here. */
  readonly onStored?: ((traceId: string) => void) | undefined;
  /** Told when one could not be stored; it is tried again. */
  readonly onFault: (traceId: string, error: unknown) => void;
  readonly observer?: CallObserver | undefined;
  readonly tracer?: Tracer | undefined;
}

interface Kept {
  readonly process: SchedulerProcess;
  readonly outcome: ProcessOutcome;
  /** Aborts with LEASE_LOST when the process is no longer this worker's; for whatever else, it still is. */
  readonly signal: AbortSignal;
  readonly since: number;
  /** Whether it has been handed over for good: to the database, or to the bus. */
  isHandedOver: boolean;
}

/**
 * Keeps how processes ended until that is stored: their calls have been made and must not be made again for want of a
 * backend. Each outcome goes into the database at once; where that takes nothing it is told over the bus, whose broker
 * keeps it, and once more stored here when that brings nothing in time, or when the worker stops. Of two who store the
 * same the second changes nothing.
 */
export class OutcomeKeeper implements Worker {
  readonly name = 'outcomes';
  readonly stopsLast = true;
  private readonly kept = new Map<string, Kept>();
  private readonly storing = new Set<Promise<void>>();
  private readonly stopped = new AbortController();

  constructor(
    private readonly complete: CompleteProcess,
    private readonly bus: MessageBus,
    private readonly leases: LeaseKeeper,
    private readonly clock: Clock,
    private readonly options: OutcomeKeeperOptions,
  ) {
    // While a backend is away, each that is tried again sleeps until then.
    setMaxListeners(MOST_AT_ONCE, this.stopped.signal);
  }

  /**
   * Takes charge of how a process ended. Resolves when there is room for the next, and not when it is stored: another
   * call may be made meanwhile. Never rejects.
   * @param signal aborts with LEASE_LOST when the claim is no longer this worker's, or when the worker stops
   */
  async take(process: SchedulerProcess, outcome: ProcessOutcome, signal: AbortSignal): Promise<void> {
    const kept: Kept = { process, outcome, signal, since: this.clock.now(), isHandedOver: false };
    this.kept.set(process.traceId, kept);
    signal.addEventListener('abort', () => isLost(kept) && this.forget(process), { once: true });
    const stored = this.handOver(kept).finally(() => this.storing.delete(stored));
    this.storing.add(stored);
    // A worker that stops waits for what it has begun before this is stopped, too: neither may wait for the other.
    if (this.storing.size >= MOST_AT_ONCE) await Promise.race([...this.storing, aborted(signal)]);
  }

  /** The outcome of this claim is stored. */
  letGo(claim: Claim): void {
    this.forget(claim);
    this.leases.letGo(claim);
  }

  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.clock.sleep(this.options.patienceMs / 2, signal);
      if (signal.aborted) break;
      await this.runOnce();
    }
    this.stopped.abort();
    await this.settled();
    // Those who were told over the bus may be stopping as well.
    await this.runOnce(0);
  }

  /** Resolves when nothing is being stored or told: while a backend takes nothing, that is not before the end. */
  async settled(): Promise<void> {
    await Promise.all(this.storing);
  }

  /** Stores what has been kept for so long, in milliseconds. */
  async runOnce(patienceMs = this.options.patienceMs): Promise<void> {
    const now = this.clock.now();
    // Kept in the future: by a clock that was set back since.
    const late = [...this.kept.values()].filter(({ since }) => now - since >= patienceMs || since > now);
    await Promise.all(late.map((kept) => this.store(kept)));
  }

  private async handOver(kept: Kept): Promise<void> {
    while (!(await this.store(kept)) && !isLost(kept) && !(await this.tell(kept))) {
      await this.clock.sleep(RETRY_AFTER_MS, this.stopped.signal);
      if (this.stopped.signal.aborted || isLost(kept)) return;
    }
  }

  /** @returns whether it is stored; else the fault has been told */
  private async store(kept: Kept): Promise<boolean> {
    const { process, outcome } = kept;
    const { traceId, traceContext } = process;
    try {
      const hasEnded = await this.complete.execute(process, outcome, traceContext);
      this.letGo(process);
      if (hasEnded) {
        this.handedOver(kept);
        this.options.onStored?.(traceId);
      }
      return true;
    } catch (error) {
      this.options.onFault(traceId, error);
      return false;
    }
  }

  /** @returns whether it is in the broker's hands */
  private async tell(kept: Kept): Promise<boolean> {
    const { process, outcome } = kept;
    const { traceId, traceContext } = process;
    const span = traceContext && this.options.tracer?.start(`publish ${TYPE}`, publishing(TYPE, traceId, traceContext));
    const data = new OutcomeData(process.attempt, outcome);
    const message = { type: TYPE, traceId, timestamp: this.clock.now(), data } as const;
    try {
      await this.bus.publish({ ...message, traceContext: span?.context ?? traceContext });
      span?.end();
      this.handedOver(kept);
      return true;
    } catch (error) {
      span?.end(errorWord(error));
      return false;
    }
  }

  /** It counts once, whoever takes it first. */
  private handedOver(kept: Kept): void {
    if (kept.isHandedOver) return;
    kept.isHandedOver = true;
    this.options.observer?.ended(kept.process, kept.outcome);
  }

  private forget({ traceId, attempt }: Claim): void {
    if (this.kept.get(traceId)?.process.attempt === attempt) this.kept.delete(traceId);
  }
}

function isLost({ signal }: Kept): boolean {
  return signal.reason === LEASE_LOST;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
