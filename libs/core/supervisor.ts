import type { Clock } from './clock.js';
import { messageOf } from './errors.js';
import type { Worker } from './worker.js';

/** `stopping`: told to stop, and finishing what it has begun. */
export type WorkerState = 'running' | 'restarting' | 'stopping' | 'stopped';

/** How one supervised worker is doing, for health. */
export interface WorkerHealth {
  readonly name: string;
  readonly state: WorkerState;
  readonly restarts: number;
  /** Why it last failed. */
  readonly lastError?: string | undefined;
}

export interface SupervisorOptions {
  readonly clock: Clock;
  /** First pause before a failed worker is started again, in milliseconds; doubles up to the longest. */
  readonly firstRestartMs?: number | undefined;
  readonly longestRestartMs?: number | undefined;
  /** Told of each failure. */
  readonly onFailure?: ((worker: string, error: unknown) => void) | undefined;
}

/**
 * Runs workers side by side. One that fails is started again after a growing pause while the others go on. Stopping
 * twice is safe; a stopped supervisor does not start again.
 */
export class Supervisor {
  private readonly abort = new AbortController();
  private readonly abortLast = new AbortController();
  private readonly running = new Map<string, { promise: Promise<void>; health: WorkerHealth; isLast: boolean }>();

  constructor(private readonly options: SupervisorOptions) {}

  /**
   * Starts a worker.
   * @param isLast whether it goes on until all others have ended, because they need it to the end.
   * @throws Error when one of that name runs already, or after `stop`.
   */
  start(worker: Worker, { isLast = false } = {}): void {
    if (this.abort.signal.aborted) throw new Error(`Expected a running supervisor to start ${worker.name}.`);
    if (this.running.has(worker.name)) throw new Error(`Expected one worker named ${worker.name}, got a second.`);
    const entry = {
      promise: Promise.resolve(),
      health: { name: worker.name, state: 'running', restarts: 0 } as WorkerHealth,
      isLast,
    };
    this.running.set(worker.name, entry);
    const { signal } = isLast ? this.abortLast : this.abort;
    entry.promise = this.keepRunning(worker, signal, (change) => (entry.health = { ...entry.health, ...change }));
  }

  health(): WorkerHealth[] {
    const all = [...this.running.values()].map(({ health }) => health);
    if (!this.abort.signal.aborted) return all;
    return all.map((health) => (health.state === 'stopped' ? health : { ...health, state: 'stopping' }));
  }

  /** Tells every worker to stop, those that are to go last when the others have, and resolves when each has. */
  async stop(): Promise<void> {
    this.abort.abort();
    const all = [...this.running.values()];
    await Promise.all(all.filter(({ isLast }) => !isLast).map((entry) => entry.promise));
    this.abortLast.abort();
    await Promise.all(all.map((entry) => entry.promise));
  }

  private async keepRunning(
    worker: Worker,
    signal: AbortSignal,
    report: (change: Partial<WorkerHealth>) => void,
  ): Promise<void> {
    const { clock, firstRestartMs = 1_000, longestRestartMs = 30_000, onFailure } = this.options;
    let restarts = 0;
    while (!signal.aborted) {
      try {
        await worker.run(signal);
        break;
      } catch (error) {
        onFailure?.(worker.name, error);
        const pauseMs = Math.min(firstRestartMs * 2 ** restarts, longestRestartMs);
        restarts += 1;
        report({ state: 'restarting', restarts, lastError: messageOf(error) });
        await clock.sleep(pauseMs, signal);
        report({ state: 'running' });
      }
    }
    report({ state: 'stopped' });
  }
}
