import { DEFAULT_PROJECT, SCOPES } from '#core';
import type { Principal } from '#core';

/** Somebody who may do anything in a project. */
export function callerOf(project: string): Principal {
  return { id: 'user:somebody', project, scopes: new Set(SCOPES), everyProject: true };
}

/** The same in the default project. */
export const CALLER = callerOf(DEFAULT_PROJECT);
