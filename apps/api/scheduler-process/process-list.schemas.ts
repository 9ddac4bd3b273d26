import { z } from 'zod';
import { PROCESS_STATUSES } from '#core';
import { plainText } from '../http/plain-text.js';
import { processKeySchema } from '../http/process-key.js';
import { wholeNumber } from '../spec/spec.schemas.js';
import { processSchema } from './scheduler-process.schemas.js';

const time = z.iso.datetime({ offset: true, error: 'a date and time (RFC 3339), e.g. 2030-01-31T09:00:00Z' });

export const processListQuerySchema = z
  .strictObject({
    status: z.enum(PROCESS_STATUSES).optional().describe('Only processes of this status.'),
    service: plainText(200).optional().describe('Only processes of this service, in any case.'),
    key: processKeySchema.optional().describe('Only processes of this key.'),
    created_from: time.optional().describe('Only processes that were accepted at this time or later.'),
    created_to: time.optional().describe('Only processes that were accepted before this time.'),
    error: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe('Only processes in ERROR whose sentence holds this text, in any case.'),
    limit: wholeNumber(1, 1_000).default('100').describe('How many results a page holds at most.'),
    cursor: z
      .string()
      .max(1_000)
      .optional()
      .describe('The `next_cursor` of the page before, with the same conditions as there.'),
  })
  .refine(({ error, status = 'ERROR' }) => error === undefined || status === 'ERROR', {
    error: 'a query for an error with the status ERROR or none',
  });
export type ProcessListQuery = z.output<typeof processListQuerySchema>;

export const processListSchema = z
  .object({
    count: z.int().min(0).describe('How many results this page holds.'),
    results: z
      .array(processSchema.omit({ req_body: true }).meta({ id: 'ListedSchedulerProcess' }))
      .describe('Newest first.'),
    next_cursor: z
      .string()
      .nullable()
      .describe('What to give as `cursor` for the next page; null on the last. A page may be short and yet have one.'),
  })
  .meta({ id: 'SchedulerProcessList' });
