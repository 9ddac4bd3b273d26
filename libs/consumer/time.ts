/** Where pauses come from, so that a test can do without them. */
export interface Pauses {
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Real time. A pause keeps the process alive until it ends or its signal aborts. */
export const REAL_PAUSES: Pauses = {
  sleep: (ms, signal) => {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake);
    });
  },
};

/** Waits for a promise, but no longer than `ms`. False when the time is over first; a rejection counts as done. */
export async function within(pauses: Pauses, ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const done = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([done, pauses.sleep(ms, timer.signal).then(() => false)]);
  } finally {
    timer.abort();
  }
}
