import { z } from 'zod';
import type { Limits } from '#core';

const DAY_SECONDS = 86_400;

/** Limits as a request gives them and a Spec shows them. */
export const limitsSchema = z
  .strictObject({
    requests: z.int().min(1).max(1_000_000).optional().describe('How many calls may start in `seconds`.'),
    seconds: z.number().min(0.1).max(DAY_SECONDS).optional().describe('The while that `requests` is about.'),
    burst: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('How many of them may start together; unless set they start one by one, evenly spaced.'),
    concurrency: z.int().min(1).max(100_000).optional().describe('How many calls may be under way at once.'),
  })
  .refine(({ requests, seconds }) => (requests === undefined) === (seconds === undefined), {
    error: 'limits with both requests and seconds, or neither',
  })
  .refine(({ requests, burst }) => burst === undefined || requests !== undefined, {
    error: 'limits with requests where there is a burst',
  })
  .refine(({ requests, concurrency }) => requests !== undefined || concurrency !== undefined, {
    error: 'limits with requests and seconds, or concurrency',
  })
  .meta({ id: 'Limits' });
export type LimitsBody = z.output<typeof limitsSchema>;

/** The same in our own words, which differ in nothing. */
export function limitsOf({ requests, seconds, burst, concurrency }: LimitsBody): Limits {
  return {
    ...(requests !== undefined && { requests }),
    ...(seconds !== undefined && { seconds }),
    ...(burst !== undefined && { burst }),
    ...(concurrency !== undefined && { concurrency }),
  };
}
