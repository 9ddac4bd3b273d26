import type { Clock, ProcessStore } from '#core';
import type { Herald } from './herald.js';

const BATCH = 500;

/** Sets going the processes that waited for a Spec: it is ready now, or never will be. */
export class ReleaseProcesses {
  constructor(
    private readonly processes: ProcessStore,
    private readonly herald: Herald,
    private readonly clock: Clock,
  ) {}

  /** @returns how many were released. */
  async execute(specTraceId: string): Promise<number> {
    let count = 0;
    for (;;) {
      const released = await this.processes.release(specTraceId, BATCH, this.clock.now());
      for (const traceId of released) this.herald.tell('SCHEDULER_PROCESS', traceId);
      count += released.length;
      if (released.length < BATCH) return count;
    }
  }
}
