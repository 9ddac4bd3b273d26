import { z } from 'zod';
import { processKeySchema } from '../http/process-key.js';

/** A request without a body means the whole Spec. */
export const pauseSchema = z
  .strictObject({ key: processKeySchema.describe('The key that is meant; the whole Spec unless set.') })
  .partial()
  .nullish()
  .meta({ id: 'PauseSpec' });
export type PauseBody = z.output<typeof pauseSchema>;

export const pausedSchema = z
  .object({
    paused: z.boolean().describe('Whether the whole Spec is.'),
    paused_keys: z.array(z.string()).describe('The keys that are.'),
  })
  .meta({ id: 'Paused' });
