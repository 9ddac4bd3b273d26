import { z } from 'zod';
import { PAGE_QUERY, pageOf } from '../http/pages.js';
import { timeText } from '../http/time-text.js';
import { traceIdSchema } from '../spec/spec.schemas.js';

const word = z.string().min(1).max(200);

export const auditQuerySchema = z.strictObject({
  who: word
    .optional()
    .describe('Only what this one did: `user:NAME`, `key:` and the trace id of an API key, `nobody`.'),
  action: word.optional().describe('Only this action, e.g. `spec.change`.'),
  target: word.optional().describe('Only what was done to what has, or was given, this trace id or name.'),
  from: timeText.optional().describe('Only what was begun at this time or later.'),
  to: timeText.optional().describe('Only what was begun before this time.'),
  ...PAGE_QUERY,
});
export type AuditListQuery = z.output<typeof auditQuerySchema>;

const facts = z.record(z.string(), z.unknown());

const auditSchema = z
  .object({
    trace_id: traceIdSchema,
    timestamp: z.iso.datetime().describe('When it was begun.'),
    who: z.string().describe('`user:NAME`, `key:` and the trace id of an API key, or `nobody`.'),
    action: z.string().describe('What was done, or asked for. `login`: to be let in.'),
    target: z.string().nullable().describe('The trace id or name of what it was done to; of a refusal the route.'),
    from: z.string().describe('The address that it came from.'),
    agent: z.string().describe('The beginning of the User-Agent.'),
    outcome: z
      .enum(['done', 'failed', 'refused', 'unknown'])
      .describe('`unknown`: it was begun, and may have been done or not.'),
    ended_at: z.iso.datetime().nullable(),
    count: z.int().min(1).describe('How many of the same there were, of refusals.'),
    reason: z.string().optional().describe('One sentence, of what failed.'),
    made: traceIdSchema.optional().describe('The trace id of what it made.'),
    asked: facts.optional().describe('What was asked for, where the target does not tell.'),
    before: facts.optional().describe('What there was before, of that which has changed. Of secrets only names.'),
    after: facts.optional().describe('What has changed. Of secrets which names were added, changed or removed.'),
  })
  .meta({ id: 'AuditRecord' });
export type AuditBody = z.output<typeof auditSchema>;

export const auditListSchema = pageOf(auditSchema).meta({ id: 'AuditRecordList' });
