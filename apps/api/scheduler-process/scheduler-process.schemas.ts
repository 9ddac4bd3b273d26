import { z } from 'zod';
import { PROCESS_ACCEPTED_MESSAGE, PROCESS_STATUSES } from '#core';
import { headerMap } from '../http/header-map.js';

const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000;
const MAX_TTL_SECONDS = 31_536_000;
const params = z.record(z.string(), z.unknown());

export const createProcessSchema = z.strictObject({
  service: z.string().trim().min(1).max(200).describe('The name of the Spec to call.'),
  endpoint: z.string().min(1).max(8192).describe("The operation's path as the document declares it."),
  method: z.string().min(1).max(32).describe("The operation's method."),
  headers: headerMap.nullish().describe("Headers of this call; they replace the Spec's of the same name."),
  query_params: params.nullish().describe('Query parameters by name.'),
  url_params: params.nullish().describe('Path parameters by name.'),
  req_body: z.unknown().optional().describe('Body of the request: any JSON value.'),
  timeout_ms: z
    .int()
    .min(1)
    .max(MAX_TIMEOUT_MS)
    .optional()
    .describe('Milliseconds for the whole call; one hour unless set.'),
  cache: z
    .strictObject({
      mode: z.enum(['use', 'refresh', 'off']).optional(),
      ttl_seconds: z.int().min(1).max(MAX_TTL_SECONDS).optional(),
    })
    .optional()
    .describe('How this call uses the response cache.'),
});
export type CreateProcessBody = z.output<typeof createProcessSchema>;

export const acceptedSchema = z.object({
  trace_id: z.string(),
  status: z.literal('WAITING'),
  msg: z.literal(PROCESS_ACCEPTED_MESSAGE),
});

export const processStatusSchema = z.object({
  status: z.enum(PROCESS_STATUSES),
  message: z.string(),
  error: z.string().optional(),
  step: z.array(z.string()),
});

export const processSchema = z.object({
  trace_id: z.string(),
  timestamp: z.iso.datetime(),
  status: processStatusSchema,
  service: z.string(),
  method: z.string(),
  endpoint: z.string(),
  headers: z.record(z.string(), z.string()).nullable(),
  query_params: params.nullable(),
  url_params: params.nullable(),
  req_body: z.unknown(),
  timeout_ms: z.int().optional(),
  cache: createProcessSchema.shape.cache,
});
export type ProcessBody = z.input<typeof processSchema>;
