import type { Clock, ProcessStore, SpecStore, Worker } from '#core';
import type { Herald } from './herald.js';
import type { ReleaseProcesses } from './release-processes.js';

export interface ReconcileOptions {
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
  /** Work that is due for less than this is left to the message that was sent for it, in milliseconds. */
  readonly graceMs: number;
  /** Work that was sent round again is not sent once more before this has passed, in milliseconds. */
  readonly repeatMs: number;
  /** Told when a look fails; the next one comes all the same. */
  readonly onFault: (error: unknown) => void;
}

const BATCH = 500;
/** One look sends at most this many, so that a large backlog cannot flood the bus. */
const MAX_BATCHES = 20;

/** Sends round again what the database says is due and nobody holds: the reason why no message has to arrive. */
export class Reconciler implements Worker {
  readonly name = 'reconciler';

  constructor(
    private readonly specs: SpecStore,
    private readonly processes: ProcessStore,
    private readonly release: ReleaseProcesses,
    private readonly herald: Herald,
    private readonly clock: Clock,
    private readonly options: ReconcileOptions,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    // What an earlier run of the service left behind has had its grace.
    let graceMs = 0;
    while (!signal.aborted) {
      try {
        await this.runOnce(graceMs);
        graceMs = this.options.graceMs;
      } catch (error) {
        this.options.onFault(error);
      }
      await this.clock.sleep(this.options.everyMs, signal);
    }
  }

  /** One look at everything. */
  async runOnce(graceMs: number = this.options.graceMs): Promise<void> {
    // Looking now would mark as sent round what nobody hears of.
    if (!this.herald.heard) return;
    await this.resendSpecs(graceMs);
    await this.releaseForgotten();
    await this.resendProcesses(graceMs);
  }

  private async resendSpecs(graceMs: number): Promise<void> {
    const now = this.clock.now();
    for (const { traceId, status } of await this.specs.due(now - graceMs, BATCH, now)) {
      this.herald.tell(status === 'READY_CLIENT' ? 'SPEC_CLIENT_GENERATED' : 'SPEC', traceId);
    }
  }

  private async releaseForgotten(): Promise<void> {
    for (const specTraceId of await this.processes.parkedSpecs(BATCH)) await this.release.executeIfSettled(specTraceId);
  }

  private async resendProcesses(graceMs: number): Promise<void> {
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      const now = this.clock.now();
      const repeatAfter = now + this.options.repeatMs;
      const due = await this.processes.due({ dueBefore: now - graceMs, repeatAfter, limit: BATCH, now });
      for (const traceId of due) this.herald.tell('SCHEDULER_PROCESS', traceId);
      if (due.length < BATCH) return;
    }
  }
}
