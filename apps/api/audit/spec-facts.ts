import { isDeepStrictEqual } from 'node:util';
import type { AuditFacts, Spec } from '#core';
import { redactUrl } from '#observability';

/** What the audit log tells of a Spec. Of what may be a secret only names. */
export function specFacts(spec: Spec): AuditFacts {
  const { name, url, headers, serverVariables, credentials, retry, limits } = spec;
  return {
    ...{ name, version: spec.version, document: spec.documentHash, headers: namesOf(headers) },
    ...(url !== undefined && { url: redactUrl(url) }),
    ...(serverVariables && { server_variables: namesOf(serverVariables) }),
    ...(credentials && { credentials: namesOf(credentials) }),
    ...(retry && { retry }),
    ...(limits && { limits }),
    ...(spec.paused && { paused: true }),
    ...(spec.pausedKeys && spec.pausedKeys.length > 0 && { paused_keys: spec.pausedKeys }),
  };
}

/** What of a Spec is different now; of what may be a secret, which names were added, changed or removed. */
export function changedFacts(before: Spec, after: Spec): AuditFacts {
  const [old, now] = [specFacts(before), specFacts(after)];
  const secret = {
    headers: changedNames(before.headers, after.headers),
    server_variables: changedNames(before.serverVariables, after.serverVariables),
    credentials: changedNames(before.credentials, after.credentials),
    url: before.url === after.url ? undefined : (now.url ?? null),
  };
  const plain = [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((field) => !(field in secret) && !isDeepStrictEqual(old[field], now[field]))
    .map((field): [string, unknown] => [field, now[field] ?? null]);
  return Object.fromEntries([...plain, ...Object.entries(secret).filter(([, value]) => value !== undefined)]);
}

type Values = Readonly<Record<string, unknown>>;

function changedNames(before: Values = {}, after: Values = {}): AuditFacts | undefined {
  const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): [string, string][] => {
    if (!Object.hasOwn(before, name)) return [[name, 'added']];
    if (!Object.hasOwn(after, name)) return [[name, 'removed']];
    return isDeepStrictEqual(before[name], after[name]) ? [] : [[name, 'changed']];
  });
  return changes.length > 0 ? Object.fromEntries(changes) : undefined;
}

function namesOf(values: Values): string[] {
  return Object.keys(values).sort();
}
