import { z } from 'zod';
import { HOLD_REASONS, PRIORITIES, PROCESS_ACCEPTED_MESSAGE, PROCESS_STATUSES } from '#core';
import { credentialsSchema } from '../http/credentials.js';
import { headerParameters } from '../http/header-map.js';
import { plainText } from '../http/plain-text.js';
import { processKeySchema } from '../http/process-key.js';
import { retrySchema } from '../http/retry.js';
import { timeText } from '../http/time-text.js';
import { isDelay } from './start-time.js';

const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000;
const MAX_PRIORITY = PRIORITIES.length - 1;
const MAX_TTL_SECONDS = 31_536_000;
const params = z.record(z.string(), z.unknown());

const cacheSchema = z
  .strictObject({
    mode: z
      .enum(['use', 'refresh', 'off'])
      .optional()
      .describe('`use` reads and writes, `refresh` only writes, `off` does neither.'),
    ttl_seconds: z.int().min(1).max(MAX_TTL_SECONDS).optional().describe('How long the answer may be reused.'),
  })
  .meta({ id: 'CacheOptions' });

export const createProcessSchema = z
  .strictObject({
    service: plainText(200).describe('The name of the Spec to call.'),
    endpoint: plainText(8192).describe("The operation's path as the document declares it."),
    method: plainText(32).describe("The operation's method."),
    headers: headerParameters
      .nullish()
      .describe("Headers of this call; they replace the Spec's of the same name. A null takes one back."),
    query_params: params.nullish().describe('Query parameters by name.'),
    url_params: params.nullish().describe('Path parameters by name.'),
    cookie_params: params.nullish().describe('Cookie parameters by name.'),
    req_body: z
      .unknown()
      .optional()
      .describe(
        'Body of the request: any JSON value; null is none, but where the document allows a body that is null.',
      ),
    content_type: plainText(256)
      .nullish()
      .describe("The body's media type, where the document declares several; a range takes the first it covers."),
    credentials: credentialsSchema
      .nullish()
      .describe(
        "What this call proves itself with, by the name of the security scheme; it replaces the Spec's. Never shown again.",
      ),
    run_at: timeText
      .nullish()
      .describe('When to start, at most 366 days ahead; at once unless it is given and lies ahead.'),
    delay: z
      .union([z.number(), z.string()])
      .refine(isDelay, { error: 'seconds from 0 to 31622400, or an ISO 8601 duration of that length such as PT1H30M' })
      .nullish()
      .describe('How long to wait before starting, in place of `run_at`: seconds, or an ISO 8601 duration.'),
    expires_at: timeText.nullish().describe('By when it must have started; past that it ends in ERROR without a call.'),
    priority: z
      .int()
      .min(0)
      .max(MAX_PRIORITY)
      .nullish()
      .describe(
        'How soon it goes among all that is due: 9 first, 5 unless set. Each step is worth 30 seconds, so nothing starves.',
      ),
    key: processKeySchema
      .nullish()
      .describe("Whose call it is, such as a tenant's: keys share the limits of a Spec fairly, and can be paused."),
    retry: retrySchema
      .nullish()
      .describe("When the call is made again if it fails; what is left out is the Spec's, or the installation's."),
    timeout_ms: z
      .int()
      .min(1)
      .max(MAX_TIMEOUT_MS)
      .nullish()
      .describe('Milliseconds for the whole call; one hour unless set.'),
    cache: cacheSchema.nullish().describe('How this call uses the response cache; only GET and HEAD do.'),
  })
  .refine((body) => body.run_at == null || body.delay == null, { error: 'a body with run_at or delay, not both' })
  .meta({ id: 'CreateSchedulerProcess' });
export type CreateProcessBody = z.output<typeof createProcessSchema>;

export const acceptedSchema = z
  .object({
    trace_id: z.string().describe('Trace ID: 16 characters of [A-Za-z0-9].').meta({ pattern: '^[A-Za-z0-9]{16}$' }),
    status: z.literal('WAITING'),
    msg: z.literal(PROCESS_ACCEPTED_MESSAGE),
  })
  .meta({ id: 'SchedulerProcessAccepted' });

export const processStatusSchema = z
  .object({
    status: z.enum(PROCESS_STATUSES).describe('SUCCESS, ERROR and CANCELLED are final.'),
    message: z.string().describe('What the status means.'),
    error: z.string().optional().describe('Why it ended in ERROR.'),
    step: z.array(z.string()).describe('The steps so far, oldest first.'),
    attempt: z.int().min(1).optional().describe('How many calls have failed so far; only between two calls.'),
    next_attempt_at: z.iso.datetime().optional().describe('When the next call is made; only between two calls.'),
    held: z
      .enum(HOLD_REASONS)
      .optional()
      .describe(
        'Why it was held though it is due: a limit of its Spec is used up, its Spec or key is paused, or the service keeps failing (`breaker`).',
      ),
  })
  .meta({ id: 'SchedulerProcessStatus' });

export const processSchema = z
  .object({
    trace_id: z.string().describe('Trace ID: 16 characters of [A-Za-z0-9].').meta({ pattern: '^[A-Za-z0-9]{16}$' }),
    timestamp: z.iso.datetime().describe('When it was accepted.'),
    status: processStatusSchema,
    service: z.string().describe('In lower case.'),
    method: z.string().describe('In upper case.'),
    endpoint: z.string(),
    headers: z.record(z.string(), z.unknown()).nullable(),
    query_params: params.nullable(),
    url_params: params.nullable(),
    cookie_params: params.optional().describe('Only when they were given.'),
    content_type: z.string().optional().describe('Only when it was given.'),
    req_body: z.unknown().describe('As it was given, or null.'),
    run_at: z.iso.datetime().optional().describe('When it is to start; only when that was said.'),
    expires_at: z.iso.datetime().optional().describe('By when it must have started; only when that was said.'),
    priority: z.int().optional().describe('Only when it was set.'),
    key: z.string().optional().describe('Only when it was set.'),
    retry: retrySchema.optional().describe('Only when it was set.'),
    timeout_ms: z.int().optional().describe('Only when it was set.'),
    cache: cacheSchema.optional().describe('Only when it was set.'),
    replay_of: z.string().optional().describe('The trace id of the process that it makes again, if it does.'),
    spec_version: z.int().min(2).optional().describe("The Spec's version that it ran on; absent for the first."),
    drift: z
      .array(
        z
          .object({
            place: z.enum(['status', 'media_type', 'header', 'body']),
            pointer: z.string().optional().describe("JSON pointer into the body, or the header's name."),
            expected: z.string(),
            got: z.string(),
          })
          .meta({ id: 'DriftFault' }),
      )
      .optional()
      .describe('Where the answer differs from the document, 20 places at most; absent when it does not.'),
  })
  .meta({ id: 'SchedulerProcess' });

/** What `…/response` answers in place of a response: the status so far, or why there is none. */
export const responseSchema = z.union([
  processStatusSchema,
  z
    .object({
      error: z.literal(true),
      message: z.string().describe('Why the call failed.'),
      response: z
        .object({
          status: z.int().min(400).max(599),
          headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
          body: z.unknown().describe('JSON as JSON, text as text, anything else as `{"base64": "…"}`.'),
        })
        .optional()
        .describe('What the service answered, if it was 400 or more.'),
    })
    .meta({ id: 'FailedCall' }),
  z.unknown().describe("The service's own answer, byte by byte."),
]);
/** What a POST answers: with `Prefer: wait` perhaps what became of it. */
export const acceptedOrEndedSchema = z.union([acceptedSchema, ...responseSchema.options]);
export type ProcessBody = z.input<typeof processSchema>;
