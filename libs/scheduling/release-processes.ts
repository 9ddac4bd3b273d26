import { specReadiness } from '#core';
import type { Clock, ProcessStore, SpecStore } from '#core';
import type { Herald } from './herald.js';

const BATCH = 500;

/** Sets going the processes that waited for a Spec: it is ready now, or never will be. */
export class ReleaseProcesses {
  constructor(
    private readonly specs: SpecStore,
    private readonly processes: ProcessStore,
    private readonly herald: Herald,
    private readonly clock: Clock,
  ) {}

  /**
   * Releases unless the Spec is still being generated. For whoever parked a process, since the Spec may have become
   * ready between the look at it and the parking; and for the reconciler, since whoever made it ready may have died.
   */
  async executeIfSettled(specTraceId: string): Promise<void> {
    if (specReadiness(await this.specs.find(null, specTraceId)) !== 'pending') await this.execute(specTraceId);
  }

  /** @returns how many were released. */
  async execute(specTraceId: string): Promise<number> {
    let count = 0;
    for (;;) {
      const released = await this.processes.release(specTraceId, BATCH, this.clock.now());
      for (const turn of released) this.herald.call(turn);
      count += released.length;
      if (released.length < BATCH) return count;
    }
  }
}
