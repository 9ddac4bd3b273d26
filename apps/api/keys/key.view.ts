import { formatTimestamp } from '#core';
import type { ApiKey } from '#core';
import { apiKeyPrefix } from '../auth/api-key-text.js';
import type { KeyBody } from './key.schemas.js';

/** A key as people are shown it: neither its text nor its hash. */
export function keyView(key: ApiKey): KeyBody {
  const { traceId, name, scopes, specs, project, createdBy, createdAt, expiresAt, lastUsedAt } = key;
  return {
    trace_id: traceId,
    name,
    prefix: apiKeyPrefix(traceId),
    scopes: [...scopes],
    specs: specs && [...specs],
    project,
    created_by: createdBy,
    created_at: formatTimestamp(createdAt),
    expires_at: expiresAt === null ? null : formatTimestamp(expiresAt),
    last_used_at: lastUsedAt === null ? null : formatTimestamp(lastUsedAt),
  };
}
