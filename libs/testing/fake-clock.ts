import { Clock } from '#core';

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it: forward to wake sleepers in their order, or backward. */
export class FakeClock extends Clock {
  private sleepers: Sleeper[] = [];

  constructor(private time = Date.parse('2026-01-01T00:00:00.000Z')) {
    super();
  }

  now(): number {
    return this.time;
  }

  /** How many callers are asleep: what a test awaits before it moves the clock. */
  get sleeping(): number {
    return this.sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const sleeper = { wakeAt: this.time + Math.max(0, ms), wake: resolve };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', () => this.wake(sleeper), { once: true });
    });
  }

  /** Moves on by `ms`, waking whoever is due, earliest first; each gets to run before the next wakes. */
  async advance(ms: number): Promise<void> {
    const target = this.time + ms;
    for (;;) {
      const next = this.sleepers.filter((s) => s.wakeAt <= target).sort((a, b) => a.wakeAt - b.wakeAt)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.wakeAt);
      this.wake(next);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.time = target;
  }

  /** Sets the wall clock without waking anybody: what a time server does to a running machine. */
  jump(toEpochMs: number): void {
    this.time = toEpochMs;
  }

  private wake(sleeper: Sleeper): void {
    this.sleepers = this.sleepers.filter((s) => s !== sleeper);
    sleeper.wake();
  }
}
