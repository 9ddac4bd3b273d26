import { z } from 'zod';
import { isProjectName } from '#core';

const NAME = '1 to 63 of a-z, 0-9 and -, the first of them no -';

/** In a path: a name that no project can have names none, as one that none has. */
export const projectNameSchema = z.string().meta({ description: "The project's name.", example: 'team-a' });

const title = z.string().max(200).nullable().optional().describe('For people.');

export const createProjectSchema = z
  .strictObject({
    name: z
      .string()
      .refine(isProjectName, { error: NAME })
      .meta({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description: `${NAME}; it never changes.` }),
    title,
  })
  .meta({ id: 'CreateProject' });
export type CreateProjectBody = z.output<typeof createProjectSchema>;

export const changeProjectSchema = z.strictObject({ title }).meta({ id: 'ChangeProject' });
export type ChangeProjectBody = z.output<typeof changeProjectSchema>;

export const projectSchema = z
  .object({
    name: z.string(),
    title: z.string().nullable(),
    created_at: z.iso.datetime().optional().describe('Absent of the default project, which has always been there.'),
    updated_at: z.iso.datetime().optional().describe('Absent of the default project until it was changed.'),
  })
  .meta({ id: 'Project' });
export type ProjectBody = z.input<typeof projectSchema>;

export const projectListSchema = z
  .object({
    count: z.int().min(0),
    results: z.array(projectSchema).describe('The default one first, then by name.'),
  })
  .meta({ id: 'ProjectList' });
