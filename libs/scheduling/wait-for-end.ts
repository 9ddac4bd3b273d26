import { hasEnded } from '#core';
import type { Clock, ListedProcess } from '#core';
import type { ProcessWatch } from './process-watch.js';
import { SharedRoom } from './shared-room.js';

/** How many requests wait at a time at most. */
const LARGEST_CROWD = 200;

/** `Prefer: wait=N` of a POST: waits a while for a process to end. */
export class WaitForEnd {
  private readonly waiting = new Set<AbortController>();
  private readonly room = new SharedRoom(LARGEST_CROWD);
  private stopped = false;

  constructor(
    private readonly watch: Pick<ProcessWatch, 'watch'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns at once when too many wait already, or after `stop`; early, when its project has more that wait than another
   * that wants to.
   * @param gone aborts when nobody wants to know any more.
   * @returns whether the process has ended.
   */
  async execute(project: string, traceId: string, ms: number, gone: AbortSignal): Promise<boolean> {
    if (this.stopped || gone.aborted) return false;
    const over = new AbortController();
    const abort = () => over.abort();
    const leave = this.room.take(project, abort);
    if (!leave) return false;
    gone.addEventListener('abort', abort, { once: true });
    void this.clock.sleep(ms, over.signal).then(abort);
    this.waiting.add(over);
    try {
      return await this.untilEnded(traceId, over.signal);
    } finally {
      leave();
      this.waiting.delete(over);
      gone.removeEventListener('abort', abort);
      abort();
    }
  }

  private async untilEnded(traceId: string, over: AbortSignal): Promise<boolean> {
    let stop: () => void = () => undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        over.addEventListener('abort', () => resolve(false), { once: true });
        const changed = ({ status }: ListedProcess) => hasEnded(status) && resolve(true);
        stop = this.watch.watch(traceId, { changed, gone: () => resolve(false) });
      });
    } finally {
      stop();
    }
  }

  /** Sends everybody away who waits, and whoever comes later. */
  stop(): void {
    this.stopped = true;
    for (const over of this.waiting) over.abort();
  }
}
