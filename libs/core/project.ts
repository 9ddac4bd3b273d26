/** The tenant that a document belongs to. Every document, key and index carries it from the first day. */
export const DEFAULT_PROJECT = 'default';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Whether a project could have this name: 1 to 63 of `a-z`, `0-9` and `-`, the first of them no `-`. */
export function isProjectName(name: string): boolean {
  return NAME.test(name);
}
