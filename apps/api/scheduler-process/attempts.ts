import { z } from 'zod';
import { formatTimestamp } from '#core';
import type { CallRecord, SchedulerProcess } from '#core';

export const attemptListSchema = z
  .object({
    count: z.int().min(0),
    results: z
      .array(
        z
          .object({
            attempt: z.int().min(1),
            started_at: z.iso.datetime(),
            ended_at: z.iso.datetime(),
            worker: z.string().describe('Who made the call.'),
            error: z.string().optional().describe('Why it failed; absent when it did not.'),
            status: z.int().optional().describe("The status code of the service's answer; absent when there was none."),
            headers: z
              .array(z.tuple([z.string(), z.string()]))
              .optional()
              .describe("The answer's headers, in order; none where those of the calls before it take 1 MiB."),
            bytes: z.int().min(0).optional().describe("The length of the answer's body."),
          })
          .meta({ id: 'Attempt' }),
      )
      .describe('Oldest first; one that is under way is not among them.'),
  })
  .meta({ id: 'AttemptList' });
type AttemptListBody = z.input<typeof attemptListSchema>;

/** The calls that were made of a process. */
export function attemptsView({ calls = [] }: SchedulerProcess): AttemptListBody {
  return { count: calls.length, results: calls.map(attemptView) };
}

function attemptView({ number, startedAt, endedAt, worker, error, response }: CallRecord) {
  return {
    attempt: number,
    started_at: formatTimestamp(startedAt),
    ended_at: formatTimestamp(endedAt),
    worker,
    ...(error === undefined ? {} : { error }),
    ...(response && {
      status: response.status,
      headers: response.headers.map(([name, value]): [string, string] => [name, value]),
      bytes: response.bytes,
    }),
  };
}
