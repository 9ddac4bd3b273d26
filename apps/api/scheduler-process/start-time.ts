import { end, parse } from 'iso8601-duration';
import { formatTimestamp, InvalidInput } from '#core';

/** A leap year. */
const MAX_DELAY_SECONDS = 366 * 24 * 60 * 60;

/** Whether a value is a delay: seconds, or a duration as ISO 8601 writes it. */
export function isDelay(delay: number | string): boolean {
  if (typeof delay === 'number') return delay >= 0 && delay <= MAX_DELAY_SECONDS;
  try {
    parse(delay);
    // A sign in front would be read past.
    return delay.startsWith('P') && delay.length <= 100;
  } catch {
    return false;
  }
}

/**
 * When a call is to start, in epoch milliseconds; undefined for at once. Months and years are counted on the calendar,
 * in UTC, from `now`.
 * @param runAt RFC 3339.
 * @param delay seconds, or an ISO 8601 duration.
 * @throws InvalidInput when that is more than 366 days ahead.
 */
export function startTime(
  runAt: string | null | undefined,
  delay: number | string | null | undefined,
  now: number,
): number | undefined {
  const [field, time] =
    runAt == null ? (['delay', afterDelay(delay, now)] as const) : (['run_at', Date.parse(runAt)] as const);
  if (time === undefined) return undefined;
  if (!(time - now <= MAX_DELAY_SECONDS * 1_000)) {
    throw new InvalidInput('START_TOO_LATE', `Expected ${field} to be at most 366 days ahead, got more.`);
  }
  return time;
}

/**
 * By when a call must have started, in epoch milliseconds; undefined for whenever it can.
 * @param expiresAt RFC 3339.
 * @param start what `startTime` gave.
 * @throws InvalidInput when that is not after the start.
 */
export function expiryTime(
  expiresAt: string | null | undefined,
  start: number | undefined,
  now: number,
): number | undefined {
  if (expiresAt == null) return undefined;
  const time = Date.parse(expiresAt);
  const earliest = Math.max(start ?? now, now);
  if (time > earliest) return time;
  throw new InvalidInput(
    'EXPIRY_TOO_EARLY',
    `Expected expires_at to be after the start (${formatTimestamp(earliest)}), got an earlier time.`,
  );
}

function afterDelay(delay: number | string | null | undefined, now: number): number | undefined {
  if (delay == null) return undefined;
  return typeof delay === 'number' ? Math.ceil(now + delay * 1_000) : end(parse(delay), new Date(now)).getTime();
}
