import { z } from 'zod';
import { SCOPES } from '#core';
import { timeText } from '../http/time-text.js';
import { traceIdSchema } from '../spec/spec.schemas.js';

const MOST_SPECS = 100;

const name = z.string().min(1).max(200).describe('For people; several keys may have the same.');
const scopes = z
  .array(z.enum(SCOPES))
  .min(1)
  .max(SCOPES.length)
  .describe('What it may do, each apart from the others; no more than whoever makes it.');

export const createKeySchema = z
  .strictObject({
    name,
    scopes,
    specs: z
      .array(traceIdSchema)
      .min(1)
      .max(MOST_SPECS)
      .nullish()
      .describe('Trace ids of the only Specs that it sees and uses, with their processes. Unset: all of the project.'),
    expires_at: timeText.nullish().describe('From when on it lets nobody in. Unset: it does until it is revoked.'),
  })
  .meta({ id: 'NewApiKey' });
export type CreateKeyBody = z.output<typeof createKeySchema>;

const keyFields = {
  trace_id: traceIdSchema,
  name,
  prefix: z.string().describe('The beginning of the key, by which its owner knows it.'),
  scopes,
  specs: z.array(traceIdSchema).nullable().describe('The only Specs that it sees and uses; null: all of the project.'),
  project: z.string().describe('The only project that it acts in.'),
  created_by: z.string().describe('Who made it: `user:NAME`, or `key:` and the trace id of a key.'),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable().describe('A minute or so behind; null: never.'),
};

export const keySchema = z.object(keyFields).meta({ id: 'ApiKey' });
export type KeyBody = z.output<typeof keySchema>;

export const createdKeySchema = z
  .object({ ...keyFields, key: z.string().describe('The whole key. It is told here and never again.') })
  .meta({ id: 'CreatedApiKey' });

export const keyListSchema = z
  .object({ count: z.int().min(0), results: z.array(keySchema).describe('Newest first.') })
  .meta({ id: 'ApiKeyList' });
