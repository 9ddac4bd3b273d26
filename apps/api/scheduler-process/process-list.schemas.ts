import { z } from 'zod';
import { PROCESS_STATUSES } from '#core';
import { PAGE_QUERY, pageOf } from '../http/pages.js';
import { timeText } from '../http/time-text.js';
import { plainText } from '../http/plain-text.js';
import { processKeySchema } from '../http/process-key.js';
import { processSchema } from './scheduler-process.schemas.js';

export const processListQuerySchema = z
  .strictObject({
    status: z.enum(PROCESS_STATUSES).optional().describe('Only processes of this status.'),
    service: plainText(200).optional().describe('Only processes of this service, in any case.'),
    key: processKeySchema.optional().describe('Only processes of this key.'),
    created_from: timeText.optional().describe('Only processes that were accepted at this time or later.'),
    created_to: timeText.optional().describe('Only processes that were accepted before this time.'),
    error: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe('Only processes in ERROR whose sentence holds this text, in any case.'),
    ...PAGE_QUERY,
  })
  .refine(({ error, status = 'ERROR' }) => error === undefined || status === 'ERROR', {
    error: 'a query for an error with the status ERROR or none',
  });
export type ProcessListQuery = z.output<typeof processListQuerySchema>;

export const processListSchema = pageOf(
  processSchema.omit({ req_body: true }).meta({ id: 'ListedSchedulerProcess' }),
).meta({ id: 'SchedulerProcessList' });
