import { z } from 'zod';
import { errorSchema, faultySchema } from '../http/documented.js';
import { acceptedSchema } from './scheduler-process.schemas.js';

const LARGEST_BATCH = 1_000;

export const processBatchSchema = z
  .strictObject({
    processes: z
      // Each is checked on its own, so that one that is malformed does not refuse the others.
      .array(z.unknown().meta({ $ref: '#/components/schemas/CreateSchedulerProcess' }))
      .min(1)
      .max(LARGEST_BATCH)
      .describe('What a POST of each would have as its body.'),
  })
  .meta({ id: 'CreateSchedulerProcesses' });
export type ProcessBatchBody = z.output<typeof processBatchSchema>;

export const processBatchResultSchema = z
  .object({
    count: z.int().min(0).describe('How many were accepted.'),
    results: z
      .array(z.union([acceptedSchema, errorSchema, faultySchema]))
      .describe('What a POST of each would have been answered with, in the order of the request.'),
  })
  .meta({ id: 'SchedulerProcessesAccepted' });
