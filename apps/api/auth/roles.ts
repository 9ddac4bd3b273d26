import { SCOPES } from '#core';
import type { Scope } from '#core';

/** What a user may be called, and what that means. Scopes are apart from each other, roles build on one another. */
export const ROLES: Readonly<Record<string, readonly Scope[]>> = {
  reader: ['read'],
  scheduler: ['read', 'schedule'],
  manager: ['read', 'schedule', 'manage'],
  admin: SCOPES,
};

/** The scopes of a role, or of scopes joined by commas; undefined for anything else. */
export function scopesOf(text: string): ReadonlySet<Scope> | undefined {
  const role = Object.hasOwn(ROLES, text) ? ROLES[text] : undefined;
  if (role) return new Set(role);
  const named = text.split(',');
  const known = SCOPES.filter((scope) => named.includes(scope));
  return known.length === named.length ? new Set(known) : undefined;
}
