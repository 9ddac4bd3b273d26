import { isObject, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { object } from './reading.js';

/**
 * Media types of an operation's answers, most wanted first: those of successes before those of errors, and among these
 * JSON before other types before ranges. Only what can stand in an `Accept` header.
 * https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */
export function acceptedTypes(operation: Json, references: References): string[] {
  const ranked = new Map<string, number>();
  for (const [status, given] of Object.entries(object(operation, 'responses'))) {
    const response = references.resolve(given);
    if (!isObject(response)) continue;
    for (const type of Object.keys(object(response, 'content'))) {
      const contentType = type.trim();
      if (!/^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+(\s*;[\x20-\x7e]*)?$/.test(contentType)) continue;
      const rank = statusRank(status) * 10 + typeRank(contentType);
      ranked.set(contentType, Math.min(rank, ranked.get(contentType) ?? Infinity));
    }
  }
  return [...ranked].sort(([, a], [, b]) => a - b).map(([type]) => type);
}

function statusRank(status: string): number {
  if (status.startsWith('2')) return 0;
  return status === 'default' ? 1 : 2;
}

function typeRank(contentType: string): number {
  if (/^application\/json\b/i.test(contentType)) return 0;
  if (/[+/]json\b/i.test(contentType)) return 1;
  return contentType.includes('*') ? 3 : 2;
}
