import { Conflict, MOST_KEYS } from '#core';
import type { ApiKey } from '#core';

/** What is never searched, as JSON text. */
export function encodeApiKey({ name, scopes, specs, hash, createdBy, expiresAt }: ApiKey): string {
  return JSON.stringify({ name, scopes, specs, hash, createdBy, expiresAt });
}

export function decodeApiKey(
  text: string,
  fields: Pick<ApiKey, 'traceId' | 'project' | 'createdAt' | 'lastUsedAt'>,
): ApiKey {
  const { name, scopes, specs, hash, createdBy, expiresAt } = JSON.parse(text) as ApiKey;
  return { ...fields, name, scopes, specs, hash, createdBy, expiresAt };
}

export function tooManyKeys(): Conflict {
  return new Conflict(
    'TOO_MANY_KEYS',
    `Expected a project with fewer than ${MOST_KEYS} API keys, got one with as many.`,
  );
}
