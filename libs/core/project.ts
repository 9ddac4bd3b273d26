/** The tenant that a document belongs to. Every document, key and index carries it from the first day. */
export const DEFAULT_PROJECT = 'default';

/** How many projects there may be. */
export const MOST_PROJECTS = 1_000;

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A tenant of this installation: nothing of one exists for another. */
export interface Project {
  /** Primary key. It never changes, and no project has it after this one. */
  readonly name: string;
  /** For people. */
  readonly title: string | null;
  /** All times in epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Since when it is gone; null while it is there. What is left of it then goes by its age. */
  readonly removedAt: number | null;
}

/** Whether a project could have this name: 1 to 63 of `a-z`, `0-9` and `-`, the first of them no `-`. */
export function isProjectName(name: string): boolean {
  return NAME.test(name);
}
