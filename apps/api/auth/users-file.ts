import { readFileSync } from 'node:fs';
import { InvalidInput, isProjectName } from '#core';
import type { Scope } from '#core';
import { parsePasswordHash } from './password.js';
import type { PasswordHash } from './password.js';
import { ROLES, scopesOf } from './roles.js';

/** A user of the users file. */
export interface FileUser {
  readonly name: string;
  readonly password: PasswordHash;
  readonly scopes: ReadonlySet<Scope>;
  /** Which it may pick; null for any. */
  readonly projects: ReadonlySet<string> | null;
}

const NAME = /^[^:\p{Cc}]{1,200}$/u;
const MOST_USERS = 1_000;

/**
 * Reads API_USERS_FILE.
 * @throws InvalidInput in one sentence when the file or a line of it cannot be used; it holds no hash.
 */
export function readUsersFile(path: string): FileUser[] {
  try {
    return parseUsers(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new InvalidInput('USERS_FILE_UNREADABLE', `Expected API_USERS_FILE to name a readable file, got ${code}.`);
  }
}

/**
 * The users of a text with one a line: `name:password hash:role or scopes:projects`. Projects are joined by commas, `*`
 * stands for any, and without them it is the default one. Empty lines, and those that begin with #, are left out.
 * @throws InvalidInput as `readUsersFile` does.
 */
export function parseUsers(text: string): FileUser[] {
  const users = new Map<string, FileUser>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const user = parseUser(line, index + 1);
    if (users.has(user.name)) throw fault(index + 1, 'name', 'one that no line above has', 'the same');
    users.set(user.name, user);
    if (users.size > MOST_USERS) throw fault(index + 1, 'name', `one of at most ${MOST_USERS}`, 'one more');
  }
  return [...users.values()];
}

function parseUser(line: string, number: number): FileUser {
  const [name = '', hash = '', role = '', projects = 'default', ...more] = line.split(':').map((part) => part.trim());
  if (!NAME.test(name)) throw fault(number, 'name', '1 to 200 characters without control characters', 'other text');
  const password = parsePasswordHash(hash);
  // Whatever stands there may be a password.
  if (!password) throw fault(number, 'password hash', 'one that `npm run user` makes', 'other text');
  const scopes = scopesOf(role);
  if (!scopes) {
    const known = `one of ${Object.keys(ROLES).join(', ')}, or scopes joined by commas`;
    throw fault(number, 'role', known, 'other text');
  }
  const named = projects.split(',').map((project) => project.trim());
  const isAny = projects === '*';
  if (!isAny && !named.every(isProjectName)) {
    throw fault(number, 'projects', 'names of projects joined by commas, or *', 'other text');
  }
  if (more.length > 0) throw fault(number, 'projects', 'the last part of the line', 'a further colon');
  return { name, password, scopes, projects: isAny ? null : new Set(named) };
}

function fault(line: number, field: string, expected: string, got: string): InvalidInput {
  const sentence = `Expected the ${field} in line ${line} of API_USERS_FILE to be ${expected}, got ${got}.`;
  return new InvalidInput('USERS_FILE_INVALID', sentence);
}
