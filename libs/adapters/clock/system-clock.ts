import { Clock } from '#core';

/** The longest pause a Node timer can hold (about 24.8 days); beyond it the timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The machine's own time. A sleep keeps the process alive until it ends or its signal aborts: whoever starts one
 * also stops it.
 */
export class SystemClock extends Clock {
  now(): number {
    // eslint-disable-next-line no-restricted-syntax -- this is the one place that asks the system
    return Date.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      // Counted down rather than compared with the wall clock, which may jump while we sleep.
      let leftMs = Math.max(0, ms);
      let timer = setTimeout(step, nextStep());
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake);

      function nextStep(): number {
        const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
        leftMs -= stepMs;
        return stepMs;
      }
      function step(): void {
        if (leftMs > 0) timer = setTimeout(step, nextStep());
        else wake();
      }
    });
  }
}
