import type { Clock, ProcessStore, Worker } from '#core';
import type { Herald } from './herald.js';

export interface DueTimerOptions {
  /** The longest between two looks, in milliseconds: how late a process may start that came in meanwhile. */
  readonly everyMs: number;
  /** Until the next look after one that failed, in milliseconds. */
  readonly faultPauseMs: number;
  /** What was told of is left to its message for so long, in milliseconds. */
  readonly repeatMs: number;
  /** Told when a look fails; the next one comes all the same. */
  readonly onFault: (error: unknown) => void;
}

const BATCH = 500;

/** Tells the workers of processes whose time has come: those that are to start later, and those tried again later. */
export class DueTimer implements Worker {
  readonly name = 'due timer';
  private lookedAt = Infinity;

  constructor(
    private readonly processes: ProcessStore,
    private readonly herald: Herald,
    private readonly clock: Clock,
    private readonly options: DueTimerOptions,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.clock.sleep(await this.look(), signal);
  }

  /**
   * One look: tells of all that is due, by rank, as far as the bus has room; what is left waits in the database.
   * @returns how long until the next one, in milliseconds.
   */
  async runOnce(): Promise<number> {
    // What is given out now nobody would hear of.
    if (!this.herald.heard) return this.options.everyMs;
    await this.followClock();
    // First whether there is anything: most looks come to one query.
    let next = await this.processes.nextTimed();
    while (next !== null && next <= this.clock.now()) {
      const limit = Math.min(BATCH, this.herald.room);
      if (limit <= 0) return this.options.everyMs;
      const now = this.clock.now();
      const due = await this.processes.dueTimed({ limit, now, repeatAfter: now + this.options.repeatMs });
      for (const turn of due) this.herald.call(turn);
      next = await this.processes.nextTimed();
      // What others were quicker to take is given out already.
      if (due.length === 0) break;
    }
    return next === null ? this.options.everyMs : Math.min(Math.max(0, next - this.clock.now()), this.options.everyMs);
  }

  /** The first look cannot know what the clock was before. */
  private async followClock(): Promise<void> {
    const now = this.clock.now();
    if (now < this.lookedAt) await this.processes.followClock(now);
    this.lookedAt = now;
  }

  private async look(): Promise<number> {
    try {
      return await this.runOnce();
    } catch (error) {
      this.options.onFault(error);
      return this.options.faultPauseMs;
    }
  }
}
