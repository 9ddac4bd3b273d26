import type { Clock, ListedProcess, ProcessStore } from '#core';

/** Told how a process stands: at first, and whenever that may have changed. Neither may throw. */
export interface ProcessListener {
  changed(process: ListedProcess): void;
  /** There is no such process, or it has been removed. */
  gone(): void;
}

interface Watched {
  readonly listeners: Set<ProcessListener>;
  /** How many ticks from one look to the next, and until the next. */
  every: number;
  rest: number;
}

/** Where the store does not tell of all changes, processes are looked at after 25, 50, 75, 125 and then each 200 ms. */
const TICK_MS = 25;
const LONGEST_TICKS = 8;
/** How many processes one query finds. */
const PIECE = 500;
/** Until the next look after one that failed. */
const FAULT_PAUSE_MS = 250;

/**
 * Watches processes for all who wait for something of them: one query for many processes and whoever watches them, at
 * once where the store tells of changes, else every 200 ms. Nothing runs while nobody watches.
 */
export class ProcessWatch {
  private readonly watched = new Map<string, Watched>();
  private readonly toLookAt = new Set<string>();
  private readonly isTold: boolean;
  private isLooking = false;
  private isTicking = false;

  constructor(
    private readonly processes: Pick<ProcessStore, 'findMany' | 'onChanged'>,
    private readonly clock: Clock,
  ) {
    this.isTold = processes.onChanged((traceId) => this.lookAt(traceId));
  }

  /** @returns how to stop watching; safe to call twice. */
  watch(traceId: string, listener: ProcessListener): () => void {
    const watched = this.watched.get(traceId) ?? { listeners: new Set(), every: 1, rest: 1 };
    this.watched.set(traceId, watched);
    watched.listeners.add(listener);
    watched.every = watched.rest = 1;
    this.lookAt(traceId);
    if (!this.isTold && !this.isTicking) void this.tick();
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0 && this.watched.get(traceId) === watched) this.watched.delete(traceId);
    };
  }

  private lookAt(traceId: string): void {
    if (!this.watched.has(traceId)) return;
    this.toLookAt.add(traceId);
    if (this.isLooking) return;
    this.isLooking = true;
    // What changes within this turn is found by one query.
    setImmediate(() => void this.look());
  }

  private async look(): Promise<void> {
    while (this.toLookAt.size > 0) {
      const traceIds = [...this.toLookAt].slice(0, PIECE);
      for (const traceId of traceIds) this.toLookAt.delete(traceId);
      try {
        this.tell(traceIds, await this.processes.findMany(traceIds));
      } catch {
        // Whoever watches goes on waiting: the database comes back.
        for (const traceId of traceIds) if (this.watched.has(traceId)) this.toLookAt.add(traceId);
        await this.clock.sleep(FAULT_PAUSE_MS);
      }
    }
    this.isLooking = false;
  }

  private tell(traceIds: readonly string[], found: readonly ListedProcess[]): void {
    const processes = new Map(found.map((process) => [process.traceId, process]));
    for (const traceId of traceIds) {
      const process = processes.get(traceId);
      for (const listener of [...(this.watched.get(traceId)?.listeners ?? [])]) {
        if (process) listener.changed(process);
        else listener.gone();
      }
    }
  }

  private async tick(): Promise<void> {
    this.isTicking = true;
    while (this.watched.size > 0) {
      await this.clock.sleep(TICK_MS);
      for (const [traceId, watched] of this.watched) {
        watched.rest -= 1;
        if (watched.rest > 0) continue;
        watched.every = watched.rest = Math.min(Math.ceil(watched.every * 1.5), LONGEST_TICKS);
        this.lookAt(traceId);
      }
    }
    this.isTicking = false;
  }
}
