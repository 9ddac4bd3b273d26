/**
 * Where time comes from. Nothing else in the product asks the system for the time, so that a test can hold it,
 * move it on, or turn it back.
 */
export abstract class Clock {
  /** Milliseconds since the Unix epoch, by the wall clock: it may jump either way. */
  abstract now(): number;

  /**
   * Resolves after `ms` milliseconds (at least 0), or as soon as `signal` aborts; it never rejects, so that a loop
   * checks `signal.aborted` in one place.
   */
  abstract sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

let formatted = { epochMs: NaN, text: '' };

/** A point in time as the REST contract writes it: `2006-01-02T15:04:05.000Z`. */
export function formatTimestamp(epochMs: number): string {
  // Under load most that are asked for are the one before.
  if (formatted.epochMs !== epochMs) formatted = { epochMs, text: new Date(epochMs).toISOString() };
  return formatted.text;
}
