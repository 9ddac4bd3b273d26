import type { Clock, Worker } from '#core';
import type { HeldClaims, LeaseKeeper } from './lease-keeper.js';

export interface LeaseWatchOptions {
  /** Between two looks, in milliseconds; a lost claim is noticed within two. */
  readonly everyMs: number;
  /** Until the next look after one that failed, in milliseconds. */
  readonly faultPauseMs: number;
  /** Told when a look fails; the next one comes all the same. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Looks, while work is under way, whether it is still this worker's: what was cancelled elsewhere is to end at once, and
 * not when its lease is next renewed.
 */
export class LeaseWatch implements Worker {
  readonly name = 'lease watch';
  readonly stopsLast = true;

  constructor(
    private readonly leases: LeaseKeeper,
    private readonly heldOf: HeldClaims,
    private readonly clock: Clock,
    private readonly options: LeaseWatchOptions,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    let pauseMs = this.options.everyMs;
    for (;;) {
      await this.clock.sleep(pauseMs, signal);
      if (signal.aborted) return;
      pauseMs = await this.look();
    }
  }

  private async look(): Promise<number> {
    try {
      await this.leases.look(this.heldOf);
      return this.options.everyMs;
    } catch (error) {
      this.options.onFault(error);
      return this.options.faultPauseMs;
    }
  }
}
