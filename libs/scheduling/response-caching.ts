import { createHmac } from 'node:crypto';
import type { Response, SchedulerProcess, Spec } from '#core';
import type { HttpRequest } from '#client-runtime';

const CACHEABLE_METHODS = new Set(['GET', 'HEAD']);
const MAX_TTL_SECONDS = 31_536_000;

/**
 * The key under which the answer to a finished request is kept: a keyed hash of everything that could change the
 * answer, so that a different caller's credentials never share one, and nobody who sees a key can guess its request.
 */
export function cacheKey(
  secret: Buffer,
  spec: Pick<Spec, 'project' | 'traceId' | 'version'>,
  request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'certificate'>,
): string {
  const headers = request.headers.map(([name, value]) => [name.toLowerCase(), value]).sort(compareHeaders);
  // The service may answer each certificate otherwise. Its key proves it, so nobody shares a key by a copy of it.
  const shown = request.certificate ? [request.certificate.certificate, request.certificate.privateKey] : [];
  return createHmac('sha256', secret)
    .update(JSON.stringify([spec.project, spec.traceId, spec.version, request.method, request.url, headers, ...shown]))
    .update(request.body ?? '')
    .digest('base64url');
}

/** Whether this call may be answered from the cache, or its answer kept there. */
export function cacheUse(process: Pick<SchedulerProcess, 'method' | 'cache'>): { read: boolean; write: boolean } {
  const mode = process.cache?.mode ?? 'use';
  const cacheable = CACHEABLE_METHODS.has(process.method) && mode !== 'off';
  return { read: cacheable && mode === 'use', write: cacheable };
}

/**
 * For how many seconds an answer may be reused; 0 for not at all. Only 2xx answers are. The service's `no-store`,
 * `no-cache` and `Vary: *` forbid it and its `max-age` (less `Age`) shortens it, unless the process itself says how
 * long. RFC 9111 sections 4.2 and 5.2.2.
 */
export function timeToLiveSeconds(
  response: Pick<Response, 'status' | 'headers'>,
  asked: number | undefined,
  defaultSeconds: number,
): number {
  if (response.status < 200 || response.status > 299) return 0;
  const control = directives(valuesOf(response, 'cache-control'));
  if (control.has('no-store') || control.has('no-cache') || valuesOf(response, 'vary').trim() === '*') return 0;
  const maxAge = control.get('max-age');
  const fresh = maxAge === undefined ? Infinity : wholeNumber(maxAge) - wholeNumber(valuesOf(response, 'age') || '0');
  return Math.max(0, Math.min(asked ?? Math.min(defaultSeconds, fresh), MAX_TTL_SECONDS));
}

function compareHeaders(a: readonly string[], b: readonly string[]): number {
  return a.join('\n') < b.join('\n') ? -1 : 1;
}

function valuesOf(response: Pick<Response, 'headers'>, name: string): string {
  return response.headers
    .filter(([header]) => header.toLowerCase() === name)
    .map(([, value]) => value)
    .join(', ');
}

function directives(value: string): Map<string, string> {
  const parts = value.split(',').map((part) => part.trim().toLowerCase().split('='));
  return new Map(parts.map(([name = '', argument = '']) => [name.trim(), argument.trim().replace(/^"|"$/g, '')]));
}

/** A malformed number counts as already stale (RFC 9111 section 4.2.1). */
function wholeNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : 0;
}
