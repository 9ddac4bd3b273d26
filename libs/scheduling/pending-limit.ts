import { Unavailable } from '#core';
import type { Clock, ProcessStore } from '#core';

/** How long a count is good for. */
const FRESH_MS = 5_000;

/**
 * Refuses calls while too many wait to be made: a queue that only grows helps nobody. What waits is counted in the
 * background, every few seconds while calls come, and what this API has accepted since is added: asking costs nothing.
 * Several APIs together may accept a few seconds' worth beyond the limit.
 */
export class PendingLimit {
  private counted = 0;
  private acceptedSince = 0;
  private countedAt = -Infinity;
  private isCounting = false;

  constructor(
    private readonly processes: Pick<ProcessStore, 'countUnended'>,
    private readonly clock: Clock,
    /** How many processes may not have ended; null: any number. */
    private readonly most: number | null,
  ) {}

  /** Counts one more. @throws Unavailable when there are as many as may be. */
  admit(): void {
    if (this.most === null) return;
    if (Math.abs(this.clock.now() - this.countedAt) >= FRESH_MS && !this.isCounting) void this.count(this.most);
    if (this.counted + this.acceptedSince >= this.most) throw tooMany(this.most);
    this.acceptedSince += 1;
  }

  private async count(most: number): Promise<void> {
    this.isCounting = true;
    const before = this.acceptedSince;
    try {
      this.counted = await this.processes.countUnended(most);
      this.acceptedSince -= before;
    } catch {
      // The last count is good enough until the database is back.
    }
    this.countedAt = this.clock.now();
    this.isCounting = false;
  }
}

function tooMany(most: number): Unavailable {
  return new Unavailable(
    'PENDING_FULL',
    `Expected fewer than ${most} processes that have not ended, and there are as many: try again when some have.`,
  );
}
