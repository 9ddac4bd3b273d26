import { z } from 'zod';
import { SPEC_STATUSES } from '#core';
import { credentialsSchema } from '../http/credentials.js';
import { headerMap } from '../http/header-map.js';
import { limitsSchema } from '../http/limits.js';
import { plainText } from '../http/plain-text.js';
import { retrySchema } from '../http/retry.js';

const HTTP_URL = /^https?:$/;

const fields = {
  name: plainText(200)
    .refine((name) => name.trim() === name, { error: 'a name without spaces around it' })
    .describe('A name to identify the Spec: what a Scheduler Process gives as its service. Kept in lower case.'),
  headers: headerMap.describe(
    'Headers to be sent with each call of the service. Names are tokens (RFC 9110), each once whatever its case.',
  ),
  spec: z
    .string()
    .min(1)
    .refine(isBase64, { error: 'an OpenAPI document in base64' })
    .describe('The OpenAPI document (2.0 to 3.2, JSON or YAML) in base64.')
    .meta({ format: 'byte' }),
  url: z
    .string()
    .refine(isHttpUrl, { error: 'an absolute http or https URL without credentials, query, fragment and variables' })
    .describe("Base URL of the service, http or https; overrides the document's servers.")
    .meta({ format: 'uri' }),
  server_variables: z.record(z.string(), z.string()).describe('Values for the variables of templated servers.'),
  retry: retrySchema.describe('When calls of the service are made again if they fail, unless their process says.'),
  limits: limitsSchema.describe(
    'How much may be asked of the service by all its calls together; keys share it fairly. What may not start waits.',
  ),
  credentials: credentialsSchema.describe(
    'What each call proves itself with, by the name of the security scheme. Never shown again.',
  ),
};

export const createSpecSchema = z
  .strictObject({
    ...fields,
    url: fields.url.optional(),
    server_variables: fields.server_variables.optional(),
    credentials: fields.credentials.optional(),
    retry: fields.retry.optional(),
    limits: fields.limits.optional(),
  })
  .meta({ id: 'CreateSpec' });
export type CreateSpecBody = z.output<typeof createSpecSchema>;

/** The other fields of a Spec are let pass, so that the body of its POST will do. */
export const validateSpecSchema = z
  .strictObject(fields)
  .partial()
  .extend({ spec: fields.spec })
  .meta({ id: 'ValidateSpec' });
export type ValidateSpecBody = z.output<typeof validateSpecSchema>;

/** A null takes back what is optional. */
export const changeSpecSchema = z
  .strictObject({
    ...fields,
    url: fields.url.nullable(),
    server_variables: fields.server_variables.nullable(),
    credentials: fields.credentials.nullable(),
    retry: fields.retry.nullable(),
    limits: fields.limits.nullable(),
  })
  .partial()
  .meta({ id: 'ChangeSpec' });
export type ChangeSpecBody = z.output<typeof changeSpecSchema>;

const flag = z.enum(['true', 'false']).default('false');
export const specViewSchema = z.object({
  spec: flag.describe('Whether to return the document in base64.'),
  client: flag.describe('Whether to return the URL, endpoints and servers of the client.'),
});
export type SpecViewQuery = z.output<typeof specViewSchema>;

export const traceId = z
  .string()
  .describe('Trace ID: 16 characters of [A-Za-z0-9].')
  .meta({ pattern: '^[A-Za-z0-9]{16}$' });
export const traceIdSchema = traceId.meta({ example: '0iNULRtUjwi8DJoz' });
export const offsetSchema = wholeNumber(0, 999_999_999_999_999)
  .describe('Starting point of the results.')
  .meta({ example: 0 });
export const limitSchema = wholeNumber(1, 1000).describe('How many results at most.').meta({ example: 100 });

export const createdSchema = z.object({ trace_id: traceId }).meta({ id: 'SpecAccepted' });
export const specStatusSchema = z
  .object({
    status: z.enum(SPEC_STATUSES).describe('SUCCESS and ERROR are final until the Spec is changed.'),
    message: z.string().describe('What the status means.'),
    error: z.string().optional().describe('Why it ended in ERROR, and where in the document.'),
    step: z.array(z.string()).describe('The steps so far, oldest first.'),
    version: z
      .int()
      .min(2)
      .optional()
      .describe('Counts the different documents: the status is that of this one. Absent while there has been one.'),
    serving_version: z
      .int()
      .min(1)
      .optional()
      .describe(
        'The version that calls run on: the newest that was reviewed. Absent where `version` is, and while there is none.',
      ),
  })
  .meta({ id: 'SpecStatus' });
const endpointParameterSchema = z
  .object({
    default: z.unknown().describe('The default of its schema, or null.'),
    enum: z.array(z.unknown()).nullable().describe('The values that its schema allows, or null for any.'),
    name: z.string(),
    in: z.enum(['path', 'query', 'cookie']).describe('Header parameters are listed under `headers`.'),
    type: z.string().nullable().describe('The type of its schema, or null for any.'),
    required: z.boolean(),
  })
  .meta({ id: 'EndpointParameter' });
export const clientSchema = z
  .object({
    endpoints: z
      .record(z.string(), z.array(endpointParameterSchema))
      .describe('The parameters of each operation, by method and path, e.g. `GET /getsearchchannels`.'),
    headers: z.array(z.string()).describe('The headers that operations take, those of security schemes included.'),
    servers: z.array(z.string()).describe("The document's servers."),
    url: z.string().nullable().describe('The base URL that calls go to; null when there is none.'),
  })
  .meta({ id: 'Client' });
export const specSchema = z
  .object({
    trace_id: traceId,
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    name: z.string().describe('In lower case.'),
    status: specStatusSchema,
    client: clientSchema.nullable().optional().describe('Only when asked for; null while there is none.'),
    spec: z.string().optional().describe('The document in base64; only when asked for.').meta({ format: 'byte' }),
    headers: z.record(z.string(), z.string()).describe('Headers sent with each call.'),
    url: z.string().optional().describe('Only when it was set.'),
    server_variables: z.record(z.string(), z.string()).optional().describe('Only when they were set.'),
    retry: retrySchema.optional().describe('Only when it was set.'),
    limits: limitsSchema.optional().describe('Only when they were set.'),
    paused: z.literal(true).optional().describe('Only while it is.'),
    paused_keys: z.array(z.string()).optional().describe('Only while some are.'),
  })
  .meta({ id: 'Spec' });
export type SpecBody = z.input<typeof specSchema>;
export const specListSchema = z
  .object({
    count: z.int().min(0).describe('How many results this page holds.'),
    results: z.array(specSchema).describe('Newest first.'),
  })
  .meta({ id: 'SpecList' });

/** In linear time and without recursion, as documents may be large: line breaks and missing padding are fine. */
function isBase64(text: string): boolean {
  if (/[^A-Za-z0-9+/=\s]/.test(text) || /=\s*[^=\s]/.test(text)) return false;
  const { length } = text.replace(/[=\s]+/g, '');
  return length > 0 && length % 4 !== 1;
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return HTTP_URL.test(url.protocol) && url.username === '' && url.password === '' && !/[?#{}]/.test(text);
}

export function wholeNumber(minimum: number, maximum: number) {
  return z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum, {
      error: `a whole number from ${minimum} to ${maximum}`,
    })
    .meta({ type: 'integer', minimum, maximum });
}
