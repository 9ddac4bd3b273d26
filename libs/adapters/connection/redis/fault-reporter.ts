import type { Clock } from '#core';
import { messageOf } from '#core';

/** Counts faults, and tells of them at most once a minute, so that a broken backend does not fill the log. */
export class FaultReporter {
  private count = 0;
  private untold = 0;
  private toldAt: number | undefined;

  /** @param tell receives the newest fault's sentence, and how many there were since it was last told. */
  constructor(
    private readonly clock: Clock,
    private readonly tell: ((fault: string, count: number) => void) | undefined,
  ) {}

  get total(): number {
    return this.count;
  }

  record(error: unknown): void {
    this.count += 1;
    this.untold += 1;
    const now = this.clock.now();
    // A clock that was set back counts as a minute gone.
    if (this.toldAt !== undefined && now >= this.toldAt && now - this.toldAt < 60_000) return;
    this.toldAt = now;
    this.tell?.(messageOf(error), this.untold);
    this.untold = 0;
  }
}
