import { z } from 'zod';
import { DEAD_LETTER_KINDS, MESSAGE_TYPES } from '#core';
import { PAGE_QUERY, cursorText, pageOf } from '../http/pages.js';
import { timeText } from '../http/time-text.js';
import { plainText } from '../http/plain-text.js';
import { traceIdSchema } from '../spec/spec.schemas.js';

/** How many letters one request in bulk goes through at most. */
const LARGEST_BULK = 10_000;

const filter = {
  kind: z.enum(DEAD_LETTER_KINDS).optional().describe('Only letters of processes, or only of messages.'),
  service: plainText(200).optional().describe('Only processes of this service, in any case.'),
  type: z.enum(MESSAGE_TYPES).optional().describe('Only messages of this type.'),
  reason: z.string().min(1).max(1_000).optional().describe('Only letters whose reason holds this text, in any case.'),
  from: timeText.optional().describe('Only what was given up at this time or later.'),
  to: timeText.optional().describe('Only what was given up before this time.'),
};

export const deadLetterQuerySchema = z.strictObject({
  ...filter,
  ...PAGE_QUERY,
});
export type DeadLetterListQuery = z.output<typeof deadLetterQuerySchema>;

export const deadLetterBulkSchema = z
  .strictObject({
    ...filter,
    dry_run: z.boolean().default(false).describe('Only count.'),
    limit: z.int().min(1).max(LARGEST_BULK).default(1_000).describe('How many letters to go through at most.'),
    cursor: cursorText.nullish().describe('The `next_cursor` of an earlier request with the same filter.'),
  })
  .meta({ id: 'DeadLetterBulk' });
export type DeadLetterBulkBody = z.output<typeof deadLetterBulkSchema>;

const deadLetterSchema = z
  .object({
    trace_id: traceIdSchema.describe('Of a process: its own.'),
    kind: z.enum(DEAD_LETTER_KINDS),
    timestamp: z.iso.datetime().describe('When it was given up.'),
    reason: z.string().describe('One sentence.'),
    service: z.string().optional().describe('Of a process: what it asked for.'),
    spec_trace_id: traceIdSchema.nullish().describe('Of a process: the Spec that it was bound to.'),
    attempts: z.int().min(0).optional().describe('Of a process: how many calls were made.'),
    type: z.enum(MESSAGE_TYPES).nullish().describe('Of a message: whose queue it was in; null when that is not known.'),
    payload: z.string().optional().describe('Of a message: the beginning of its text, with secrets masked.'),
    bytes: z.int().min(0).optional().describe('Of a message: how long its text is.'),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterListSchema = pageOf(deadLetterSchema).meta({ id: 'DeadLetterList' });

const bulkResult = {
  matched: z.int().min(0).describe('How many letters met the filter, of those that this request went through.'),
  next_cursor: z
    .string()
    .nullable()
    .describe('What to give as `cursor` to go on; null when all letters have been gone through.'),
};

export const deadLetterReplaySchema = z
  .object({
    ...bulkResult,
    replayed: z.int().min(0).describe('How many are scheduled or sent again, and letters no more.'),
    failed: z
      .int()
      .min(0)
      .describe('How many stay: messages that still cannot be read, and processes whose request is gone.'),
  })
  .meta({ id: 'DeadLettersReplayed' });

export const deadLetterPurgeSchema = z
  .object({ ...bulkResult, purged: z.int().min(0).describe('How many letters were taken away.') })
  .meta({ id: 'DeadLettersPurged' });
