import { z } from 'zod';
import { limitSchema, offsetSchema } from './spec.schemas.js';

export const operationsQuerySchema = z.object({
  search: z
    .string()
    .max(200)
    .optional()
    .describe('Words, in any case, that all stand in the method, path, operationId, summary or tags.'),
  method: z.string().max(32).optional().describe('Only operations with this method.'),
  offset: offsetSchema.default('0'),
  limit: limitSchema.default('100'),
});
export type OperationsQuery = z.output<typeof operationsQuerySchema>;

const parameterSchema = z
  .object({
    name: z.string(),
    in: z.enum(['path', 'query', 'querystring', 'header', 'cookie']),
    required: z.boolean(),
    type: z.string().nullable().describe('The type of its schema, or null for any.'),
    enum: z.array(z.unknown()).nullable().describe('The values that its schema allows, or null for any.'),
    default: z.unknown().describe('The default of its schema, or null.'),
    example: z.unknown().describe('A value that its schema allows.'),
    description: z.string().optional(),
  })
  .meta({ id: 'OperationParameter' });

const operationSchema = z
  .object({
    method: z.string().describe('What a Scheduler Process gives as its method.'),
    path: z.string().describe('What a Scheduler Process gives as its endpoint.'),
    operation_id: z.string().optional(),
    summary: z.string().optional(),
    tags: z.array(z.string()).optional(),
    deprecated: z.boolean().optional(),
    parameters: z.array(parameterSchema),
    request_body: z
      .object({
        required: z.boolean(),
        content: z.array(z.object({ content_type: z.string(), example: z.unknown() })),
      })
      .optional(),
    security: z
      .array(z.record(z.string(), z.array(z.string())))
      .describe('Alternatives: each names the schemes, with scopes, that are needed together.'),
    drift: z
      .object({ count: z.int().min(1), last_at: z.iso.datetime() })
      .optional()
      .describe('How often answers did not match the document; absent when none did.'),
  })
  .meta({ id: 'Operation' });
export type OperationBody = z.input<typeof operationSchema>;

export const operationListSchema = z
  .object({
    count: z.int().min(0).describe('How many results this page holds.'),
    results: z.array(operationSchema).describe('Best matches first, else as in the document.'),
  })
  .meta({ id: 'OperationList' });
