import type { Clock } from '#core';

/** Waits for a promise, but no longer than `ms`. False when the time is over first; a rejection counts as done. */
export async function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const done = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([done, clock.sleep(ms, timer.signal).then(() => false)]);
  } finally {
    timer.abort();
  }
}
