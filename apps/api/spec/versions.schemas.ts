import { z } from 'zod';
import { SPEC_STATUSES } from '#core';
import { clientSchema, specViewSchema, traceId, wholeNumber } from './spec.schemas.js';

const version = z.int().min(1).describe('Counts the different documents of the Spec.');
const versionNumber = wholeNumber(1, 999_999_999_999_999);

export const versionSchema = versionNumber.describe('The version.').meta({ example: 1 });
export const reportQuerySchema = z.object({
  version: versionNumber.optional().describe('Which version; the newest unless said.'),
});
export type ReportQuery = z.output<typeof reportQuerySchema>;
export const versionsQuerySchema = z.object({
  before: versionNumber.optional().describe('Only versions before this one.'),
  limit: wholeNumber(1, 1000).default('100').describe('How many results at most.'),
});
export type VersionsQuery = z.output<typeof versionsQuerySchema>;
export const versionViewQuerySchema = specViewSchema;

const versionFields = {
  version,
  status: z
    .enum([...SPEC_STATUSES, 'SUPERSEDED'])
    .describe('How far its generation is, or how it ended; SUPERSEDED when a newer document came before that.'),
  error: z.string().optional().describe('Why it ended in ERROR, and where in the document.'),
  serving: z.boolean().describe('Whether calls run on it.'),
  created_at: z.iso.datetime(),
  bytes: z.int().min(0).describe('The length of the document.'),
  sha256: z.string().describe("The SHA-256 of the document's bytes.").meta({ pattern: '^[0-9a-f]{64}$' }),
};
export const versionListSchema = z
  .object({
    count: z.int().min(0).describe('How many results this page holds.'),
    results: z.array(z.object(versionFields).meta({ id: 'SpecVersion' })).describe('Newest first.'),
  })
  .meta({ id: 'SpecVersionList' });
export type VersionBody = z.input<typeof versionListSchema>['results'][number];

export const versionDetailSchema = z
  .object({
    ...versionFields,
    client: clientSchema.nullable().optional().describe('Only when asked for; null when there is none.'),
    spec: z.string().optional().describe('The document in base64; only when asked for.').meta({ format: 'byte' }),
  })
  .meta({ id: 'SpecVersionDetail' });
export type VersionDetailBody = z.input<typeof versionDetailSchema>;

const warningSchema = z
  .object({
    code: z.string().describe('A word for programs; docs/warnings.md lists them.'),
    pointer: z.string().describe('JSON pointer into the document as it was sent; empty for the whole of it.'),
    line: z.int().min(1).optional(),
    column: z.int().min(1).optional(),
    message: z.string().describe('What was found and what was done.'),
  })
  .meta({ id: 'DocumentWarning' });
const findings = {
  title: z.string().nullable().describe('`info.title`; null when the document could not be read.'),
  document_version: z.string().nullable().describe('`info.version`; null when the document could not be read.'),
  operations: z.int().min(0).describe('How many operations can be called.'),
  warnings: z.array(warningSchema).describe('What was repaired or left out, a thousand at most.'),
};
export const reportSchema = z.object({ trace_id: traceId, ...versionFields, ...findings }).meta({ id: 'SpecReport' });
export type ReportBody = z.input<typeof reportSchema>;

export const verdictSchema = z
  .object({
    valid: z.boolean().describe('Whether a Spec of this document would end in SUCCESS.'),
    error: z.string().optional().describe('Why it would end in ERROR, and where in the document.'),
    ...findings,
  })
  .meta({ id: 'DocumentVerdict' });
export type VerdictBody = z.input<typeof verdictSchema>;

export const diffQuerySchema = z.object({
  from: versionNumber
    .optional()
    .describe('The earlier version: unless said the one that serves, or the one before `to`.'),
  to: versionNumber.optional().describe('The later version; the newest unless said.'),
});
export type DiffQuery = z.output<typeof diffQuerySchema>;
export const diffSchema = z
  .object({
    from: version,
    to: version,
    breaking: z.int().min(0).describe('How many of the changes break something.'),
    waiting_processes: z.int().min(0).describe('How many processes of the Spec have not ended.'),
    changes: z.array(
      z
        .object({
          kind: z.string().describe('A word for programs, e.g. `operation_removed`.'),
          breaking: z
            .boolean()
            .describe('Whether a right call may fail now, or a reader of answers may miss what was there.'),
          method: z.string().optional().describe('Of the operation; absent when it is about the whole document.'),
          path: z.string().optional(),
          pointer: z.string().optional().describe('JSON pointer from the operation to the place.'),
          message: z.string(),
          waiting_processes: z.int().min(0).describe('How many processes that have not ended ask for the operation.'),
        })
        .meta({ id: 'DocumentChange' }),
    ),
  })
  .meta({ id: 'SpecDiff' });
export type DiffBody = z.input<typeof diffSchema>;
