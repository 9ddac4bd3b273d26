/** When a call that failed is made again, and when not. Of a process, of its Spec, or of the installation. */
export interface RetryPolicy {
  /** How many calls in all; 1: none is made again. */
  readonly attempts: number;
  /** The longest pause before the second call, in milliseconds; it doubles with each further one. */
  readonly firstPauseMs: number;
  /** The longest pause, in milliseconds. */
  readonly longestPauseMs: number;
  /** The failures after which a call is made again. */
  readonly on: readonly RetryReason[];
  /** Make a call again even where the service may have acted on it already. */
  readonly unsafe: boolean;
}

export const RETRY_REASONS = ['network', 'timeout', '408', '425', '429', '5xx'] as const;
export type RetryReason = (typeof RETRY_REASONS)[number];

/** How a call failed, as far as it matters to another one. */
export interface CallFailure {
  /** Null for what would fail in the same way again. */
  readonly reason: RetryReason | null;
  /** Whether the service may have acted on the call; false is certain. */
  readonly mayHaveActed: boolean;
  /** When the service asked to be left alone until, in epoch milliseconds. */
  readonly notBefore?: number | undefined;
}

export interface RetryChoice {
  /** How many calls have been made. */
  readonly calls: number;
  readonly failure: CallFailure;
  /** Whether making the call twice is as good as making it once: RFC 9110, section 9.2.2, or an idempotency key. */
  readonly isRepeatable: boolean;
  readonly now: number;
  /** From 0 up to 1. */
  readonly random: number;
}

/**
 * When to make a call again, or null for not at all. The pause is anything up to the longest of its turn ("full jitter"),
 * so that many calls that failed together do not come back together; but not before the service's own time, unless
 * that is further off than the policy's longest pause allows.
 * @returns epoch milliseconds.
 */
export function nextCallAt(policy: RetryPolicy, choice: RetryChoice, longestWaitMs: number): number | null {
  const { calls, failure, isRepeatable, now, random } = choice;
  if (calls >= policy.attempts) return null;
  if (failure.reason === null || !policy.on.includes(failure.reason)) return null;
  if (failure.mayHaveActed && !isRepeatable && !policy.unsafe) return null;
  const longest = Math.min(policy.firstPauseMs * 2 ** (calls - 1), policy.longestPauseMs);
  const pause = now + Math.round(random * longest);
  if (failure.notBefore === undefined) return pause;
  if (failure.notBefore - now > longestWaitMs) return null;
  return Math.max(failure.notBefore, pause);
}

/** Whether a call failed for a reason that may pass, and has been made as often as it may be. */
export function isUsedUp(policy: RetryPolicy, { calls, failure }: Pick<RetryChoice, 'calls' | 'failure'>): boolean {
  return failure.reason !== null && policy.on.includes(failure.reason) && calls >= policy.attempts;
}
