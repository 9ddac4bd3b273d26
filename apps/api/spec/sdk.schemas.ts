import { z } from 'zod';
import { SDK_STATUSES } from '#core';
import { traceId, wholeNumber } from './spec.schemas.js';

export const generatorSchema = z
  .string()
  .min(1)
  .describe("OpenAPI Generator's name for a kind of SDK.")
  .meta({ example: 'go' });
export const sdkQuerySchema = z.object({
  version: wholeNumber(1, 999_999_999_999_999)
    .optional()
    .describe("Of which of the Spec's versions; of the newest that was asked for unless said."),
});
export type SdkQuery = z.output<typeof sdkQuerySchema>;

export const sdkSchema = z
  .object({
    trace_id: traceId,
    generator: z.string().describe("OpenAPI Generator's name for the kind of SDK."),
    version: z.int().min(1).describe("The Spec's version that it is made of."),
    status: z.enum(SDK_STATUSES).describe('SUCCESS is final, and ERROR until it is asked for again.'),
    message: z.string().describe('What the status means.'),
    error: z.string().optional().describe('Why it ended in ERROR.'),
    bytes: z.int().min(0).optional().describe('The length of the zip, once there is one.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Sdk' });
export type SdkBody = z.input<typeof sdkSchema>;

export const sdkListSchema = z
  .object({
    generators: z.array(z.string()).describe('What can be asked for; nothing while SDKs cannot be made here.'),
    missing: z.string().optional().describe('Why none can be made here, and what to install.'),
    results: z.array(sdkSchema).describe('What was asked for, by generator and then newest version first.'),
  })
  .meta({ id: 'SdkList' });
export type SdkListBody = z.input<typeof sdkListSchema>;
