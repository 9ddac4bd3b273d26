import type { FastifyRequest } from 'fastify';
import { DEFAULT_PROJECT, isProjectName } from '#core';

/** The header by which a user says which project it means. */
const HEADER = 'x-project';

/** The project that a request names; the default one where it names none, and null where it cannot be a project's name. */
export function askedProject({ headers }: Pick<FastifyRequest, 'headers'>): string | null {
  const name = headers[HEADER] ?? DEFAULT_PROJECT;
  return typeof name === 'string' && isProjectName(name) ? name : null;
}

/** Whether a request names a project at all. */
export function isProjectAsked({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers[HEADER] !== undefined;
}

/** The sentence for a project that is not there. Names are short and no secret. */
export function unknownProject(): string {
  return 'Expected the header X-Project to name a project, got a name that none has.';
}
