/** How soon work is tried again when a backend of ours did not answer, at first and at the most, in milliseconds. */
const LEAST_MS = 2_000;
const MOST_MS = 30_000;

/**
 * How long messages and processes wait that failed for want of a backend: the longer it has been failing, the longer, so that one that
 * is too slow is not kept down by all that is tried on it again and again, and one that was away briefly is not waited for.
 * It doubles, and halves again once there is an answer, at most once within its own length.
 */
export class RetryPause {
  private ms = LEAST_MS;
  private changedAt = -Infinity;

  /** Told of a failure. @returns how long what failed waits, in milliseconds. */
  failed(now: number): number {
    // The first failure after a calm time begins the count.
    if (this.changedAt === -Infinity) this.changedAt = now;
    if (this.isTimeToChange(now)) this.change(Math.min(this.ms * 2, MOST_MS), now);
    return this.ms;
  }

  /** Told of something that did not fail. */
  worked(now: number): void {
    if (this.changedAt === -Infinity || !this.isTimeToChange(now)) return;
    if (this.ms === LEAST_MS) this.changedAt = -Infinity;
    else this.change(Math.max(this.ms / 2, LEAST_MS), now);
  }

  /** A clock that was set back counts as time that has passed. */
  private isTimeToChange(now: number): boolean {
    return Math.abs(now - this.changedAt) >= this.ms;
  }

  private change(ms: number, now: number): void {
    this.ms = ms;
    this.changedAt = now;
  }
}
