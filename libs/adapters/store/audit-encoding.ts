import type { AuditFilter, AuditOutcome, AuditRecord } from '#core';
import type { ListPlace } from './list-cursor.js';

/** An action at its place in the list. */
export interface AuditEntry extends ListPlace<string> {
  readonly record: AuditRecord;
}

/** What an action is found by, and its outcome, stand apart. */
export function encodeAudit({ who, action, target, from, agent, asked, before }: AuditRecord): string {
  return JSON.stringify({ who, action, target, from, agent, asked, before });
}

export function decodeAudit(
  text: string,
  fields: Pick<AuditRecord, 'traceId' | 'project' | 'at'>,
  outcome: string | null | undefined,
): AuditEntry {
  const { who, action, target, from, agent, asked, before } = JSON.parse(text) as AuditRecord;
  const record = {
    ...{ ...fields, who, action, target, from, agent },
    ...(asked && { asked }),
    ...(before && { before }),
    outcome: typeof outcome === 'string' ? (JSON.parse(outcome) as AuditOutcome) : null,
  };
  return { createdAt: fields.at, key: fields.traceId, record };
}

/** What remains to be looked at once project and time are narrowed down; null: everything there matches. */
export function planAudit({ who, action, target }: AuditFilter): ((entry: AuditEntry) => boolean) | null {
  if (who === undefined && action === undefined && target === undefined) return null;
  return ({ record }) =>
    (who === undefined || record.who === who) &&
    (action === undefined || record.action === action) &&
    (target === undefined || record.target === target || record.outcome?.made === target);
}
