import { z } from 'zod';
import { SPEC_STATUSES } from '#core';
import { headerMap } from '../http/header-map.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4}|\s)*(?:[A-Za-z0-9+/]{2,4}={0,2})?\s*$/;
const HTTP_URL = /^https?:$/;

const fields = {
  name: z.string().trim().min(1).max(200).describe('A name to identify the Spec; kept in lower case.'),
  headers: headerMap.describe('Headers to be sent with each call of the service.'),
  spec: z
    .string()
    .min(1)
    .refine((text) => BASE64.test(text), { error: 'an OpenAPI document in base64' })
    .describe('The OpenAPI document (JSON or YAML) in base64.'),
  url: z
    .string()
    .refine(isHttpUrl, { error: 'an absolute http or https URL without credentials' })
    .describe("Base URL of the service; overrides the document's servers."),
  server_variables: z.record(z.string(), z.string()).describe('Values for the variables of templated servers.'),
};

export const createSpecSchema = z.strictObject({
  ...fields,
  url: fields.url.optional(),
  server_variables: fields.server_variables.optional(),
});
export type CreateSpecBody = z.output<typeof createSpecSchema>;

export const changeSpecSchema = z.strictObject(fields).partial();
export type ChangeSpecBody = z.output<typeof changeSpecSchema>;

const flag = z.enum(['true', 'false']).default('false');
export const specViewSchema = z.object({
  spec: flag.describe('Whether to return the document in base64.'),
  client: flag.describe('Whether to return the URL, endpoints and servers of the client.'),
});
export type SpecViewQuery = z.output<typeof specViewSchema>;

export const traceIdSchema = z.string().describe('Trace ID: 16 characters of [A-Za-z0-9].');
export const offsetSchema = wholeNumber(0, Number.MAX_SAFE_INTEGER).describe('Starting point of the results.');
export const limitSchema = wholeNumber(1, 1000).describe('How many results at most.');

export const createdSchema = z.object({ trace_id: z.string() });
export const specStatusSchema = z.object({
  status: z.enum(SPEC_STATUSES),
  message: z.string(),
  error: z.string().optional(),
  step: z.array(z.string()),
});
const endpointParameterSchema = z.object({
  default: z.unknown(),
  enum: z.array(z.unknown()).nullable(),
  name: z.string(),
  in: z.enum(['path', 'query', 'cookie']),
  type: z.string().nullable(),
  required: z.boolean(),
});
const clientSchema = z.object({
  endpoints: z.record(z.string(), z.array(endpointParameterSchema)),
  headers: z.array(z.string()),
  servers: z.array(z.string()),
  url: z.string().nullable(),
});
export const specSchema = z.object({
  trace_id: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  name: z.string(),
  status: specStatusSchema,
  client: clientSchema.nullable().optional(),
  spec: z.string().optional(),
  headers: z.record(z.string(), z.string()),
  url: z.string().optional(),
  server_variables: z.record(z.string(), z.string()).optional(),
});
export type SpecBody = z.input<typeof specSchema>;
export const specListSchema = z.object({ count: z.int(), results: z.array(specSchema) });

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return HTTP_URL.test(url.protocol) && url.username === '' && url.password === '';
}

function wholeNumber(min: number, max: number) {
  return z.string().refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
    error: `a whole number from ${min} to ${max}`,
  });
}
