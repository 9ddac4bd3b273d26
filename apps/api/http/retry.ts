import { z } from 'zod';
import { RETRY_REASONS } from '#core';
import type { RetryPolicy } from '#core';

const MAX_PAUSE_SECONDS = 86_400;

/** A retry policy as a request gives it: what it leaves out holds as it was. */
export const retrySchema = z
  .strictObject({
    attempts: z.int().min(1).max(100).describe('How many calls in all; 1: none is made again.'),
    backoff_seconds: z
      .number()
      .min(0)
      .max(MAX_PAUSE_SECONDS)
      .describe('The longest pause before the second call; it doubles with each further one.'),
    max_backoff_seconds: z.number().min(0).max(MAX_PAUSE_SECONDS).describe('The longest pause between two calls.'),
    on: z.array(z.enum(RETRY_REASONS)).describe('The failures after which a call is made again.'),
    unsafe: z
      .boolean()
      .describe('Make a call again even where the service may have acted on it, such as a POST that broke off.'),
  })
  .partial()
  .meta({ id: 'RetryPolicy' });
export type RetryBody = z.output<typeof retrySchema>;

/** The same in our own words. */
export function retryOf(body: RetryBody): Partial<RetryPolicy> {
  const { attempts, backoff_seconds: first, max_backoff_seconds: longest, on, unsafe } = body;
  return {
    ...(attempts !== undefined && { attempts }),
    ...(first !== undefined && { firstPauseMs: Math.round(first * 1_000) }),
    ...(longest !== undefined && { longestPauseMs: Math.round(longest * 1_000) }),
    ...(on && { on }),
    ...(unsafe !== undefined && { unsafe }),
  };
}

export function retryView(policy: Partial<RetryPolicy>): RetryBody {
  const { attempts, firstPauseMs, longestPauseMs, on, unsafe } = policy;
  return {
    ...(attempts !== undefined && { attempts }),
    ...(firstPauseMs !== undefined && { backoff_seconds: firstPauseMs / 1_000 }),
    ...(longestPauseMs !== undefined && { max_backoff_seconds: longestPauseMs / 1_000 }),
    ...(on && { on: [...on] }),
    ...(unsafe !== undefined && { unsafe }),
  };
}
