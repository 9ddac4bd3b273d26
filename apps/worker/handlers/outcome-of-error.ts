import { AppError, InvalidInput, Unavailable } from '#core';
import type { Outcome } from '#core';

/** How soon a message comes back when a backend of ours did not answer, in milliseconds. */
const RETRY_AFTER_MS = 2_000;

/** The one exit of errors over the bus: what becomes of the message by the consequence of the error. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof InvalidInput) return { kind: 'dead', reason: error.message };
  if (error instanceof Unavailable || !(error instanceof AppError)) return { kind: 'retry', afterMs: RETRY_AFTER_MS };
  return { kind: 'drop' };
}
