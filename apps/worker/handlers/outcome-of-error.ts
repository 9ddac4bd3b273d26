import { AppError, InvalidInput, Unavailable } from '#core';
import type { Outcome } from '#core';

/**
 * The one exit of errors over the bus: what becomes of the message by the consequence of the error.
 * @param pauseMs asked for how long a message waits before it is tried again, in milliseconds
 */
export function outcomeOfError(error: unknown, pauseMs: () => number): Outcome {
  if (error instanceof InvalidInput) return { kind: 'dead', reason: error.message };
  if (error instanceof Unavailable || !(error instanceof AppError)) return { kind: 'retry', afterMs: pauseMs() };
  return { kind: 'drop' };
}
