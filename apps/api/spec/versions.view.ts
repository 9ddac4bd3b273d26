import { formatTimestamp } from '#core';
import type { DocumentReport } from '#core';
import type { DocumentVerdict, VersionDiff, VersionReport, VersionView } from '#scheduling';
import type { DiffBody, ReportBody, VerdictBody, VersionBody } from './versions.schemas.js';

export function versionView(version: VersionView): VersionBody {
  return {
    version: version.version,
    status: version.status,
    ...(version.error === undefined ? {} : { error: version.error }),
    serving: version.serving,
    created_at: formatTimestamp(version.createdAt),
    bytes: version.document.bytes,
    sha256: version.documentHash,
  };
}

export function reportView(traceId: string, report: VersionReport): ReportBody {
  return { trace_id: traceId, ...versionView(report), ...findings(report) };
}

export function verdictView(verdict: DocumentVerdict): VerdictBody {
  const { error } = verdict;
  return { valid: error === undefined, ...(error === undefined ? {} : { error }), ...findings(verdict) };
}

export function diffView({ from, to, changes, waiting }: VersionDiff): DiffBody {
  return {
    from,
    to,
    breaking: changes.filter((change) => change.breaking).length,
    waiting_processes: waiting,
    changes: changes.map(({ waiting: touched, ...change }) => ({ ...change, waiting_processes: touched })),
  };
}

function findings(report: DocumentReport) {
  const { title, documentVersion, operations, warnings } = report;
  return { title, document_version: documentVersion, operations, warnings: [...warnings] };
}
