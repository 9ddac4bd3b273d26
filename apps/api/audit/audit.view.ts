import { formatTimestamp } from '#core';
import type { AuditFacts, AuditRecord } from '#core';
import type { AuditBody } from './audit.schemas.js';

export function auditView(record: AuditRecord): AuditBody {
  const { traceId, at, who, action, target, from, agent, asked, outcome } = record;
  const { after } = outcome ?? {};
  const before = after && record.before ? only(record.before, after) : record.before;
  return {
    ...{ trace_id: traceId, timestamp: formatTimestamp(at), who, action, target, from, agent },
    ...{ outcome: outcome?.kind ?? 'unknown', ended_at: outcome && formatTimestamp(outcome.at) },
    count: outcome?.count ?? 1,
    ...(outcome?.reason !== undefined && { reason: outcome.reason }),
    ...(outcome?.made !== undefined && { made: outcome.made }),
    ...(asked && { asked }),
    ...(before && { before }),
    ...(after && { after }),
  };
}

/** Of what there was only what has changed. */
function only(before: AuditFacts, after: AuditFacts): AuditFacts {
  return Object.fromEntries(Object.entries(before).filter(([field]) => field in after));
}
