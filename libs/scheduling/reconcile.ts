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
/** Until the next look at processes when the bus had no room for all of them, in milliseconds. */
const ROOM_PAUSE_MS = 100;

/** Sends round again what the database says is due and nobody holds: the reason why no message has to arrive. */
export class Reconciler implements Worker {
  readonly name = 'reconciler';
  /** Whether the bus had no room for all that is due. */
  private isCutShort = false;
  /** Where the next look at Specs that are waited for goes on; null: at the first of them. */
  private parkedBehind: string | null = null;

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
        await this.goOn(graceMs, signal);
        graceMs = this.options.graceMs;
      } catch (error) {
        this.options.onFault(error);
      }
      await this.clock.sleep(this.options.everyMs, signal);
    }
  }

  /** Sends, until the next look, what the bus had no room for. */
  private async goOn(graceMs: number, signal: AbortSignal): Promise<void> {
    for (let waitedMs = 0; this.isCutShort && waitedMs < this.options.everyMs; waitedMs += ROOM_PAUSE_MS) {
      await this.clock.sleep(ROOM_PAUSE_MS, signal);
      if (signal.aborted) return;
      await this.resendProcesses(graceMs);
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
    const specs = await this.processes.parkedSpecs(this.parkedBehind, BATCH);
    this.parkedBehind = specs.length < BATCH ? null : (specs.at(-1) ?? null);
    for (const specTraceId of specs) await this.release.executeIfSettled(specTraceId);
  }

  /** As far as the bus has room; what is left waits in the database. */
  private async resendProcesses(graceMs: number): Promise<void> {
    this.isCutShort = true;
    for (;;) {
      const limit = Math.min(BATCH, this.herald.room);
      if (limit <= 0 || !this.herald.heard) return;
      const now = this.clock.now();
      const repeatAfter = now + this.options.repeatMs;
      const due = await this.processes.due({ dueBefore: now - graceMs, repeatAfter, limit, now });
      for (const turn of due) this.herald.call(turn);
      if (due.length < limit) break;
    }
    this.isCutShort = false;
  }
}
