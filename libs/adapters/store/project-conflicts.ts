import { Conflict, MOST_PROJECTS } from '#core';

/** What a second project of one name is told, though the first be gone. */
export function projectNameTaken(name: string, cause?: unknown): Conflict {
  const sentence = `Expected a name that no project has or has had, got "${name}".`;
  return new Conflict('PROJECT_NAME_TAKEN', sentence, { cause });
}

export function tooManyProjects(): Conflict {
  const sentence = `Expected an installation with fewer than ${MOST_PROJECTS} projects, got one with as many.`;
  return new Conflict('TOO_MANY_PROJECTS', sentence);
}
