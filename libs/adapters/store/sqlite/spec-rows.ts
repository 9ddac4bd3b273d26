import type { Client, Credentials, Limits, RetryPolicy, Spec, SpecStatus, SpecVersion } from '#core';
import type { PayloadRef } from '../payload-encoding.js';
import { checkPlainTexts } from '../plain-text.js';
import { fromJson, joinPayload, splitPayload, toJson } from '../payload-encoding.js';
import type { SqlRow, SqlValue } from './sqlite-database.js';

/** The columns of a Spec in the order that `decodeSpec` reads them. */
export const SPEC_COLUMNS =
  'trace_id, project, name, headers, url, server_variables, document_ref, document, document_hash, version, revision, ' +
  'status, steps, error, created_at, updated_at, attempt, credentials, serving_version, retry, limits, ' +
  'paused, paused_keys';

type SpecRow = readonly [
  traceId: string,
  project: string,
  name: string,
  headers: string,
  url: string | null,
  serverVariables: string | null,
  documentRef: string,
  document: Buffer | null,
  documentHash: string,
  version: number,
  revision: number,
  status: SpecStatus,
  steps: string,
  error: string | null,
  createdAt: number,
  updatedAt: number,
  attempt: number,
  credentials: string | null,
  servingVersion: number | null,
  retry: string | null,
  limits: string | null,
  paused: number | null,
  pausedKeys: string | null,
];

/**
 * The named parameters of a Spec's row. What users choose goes in as JSON, but for its name and project.
 * @throws InvalidInput for a name or project that no database keeps (`checkPlainTexts`).
 */
export function encodeSpec(spec: Spec): Record<string, SqlValue> {
  checkPlainTexts({ name: spec.name, project: spec.project });
  const { ref, content } = splitPayload(spec.document);
  return {
    traceId: spec.traceId,
    project: spec.project,
    name: spec.name,
    headers: toJson(spec.headers),
    url: toJson(spec.url),
    serverVariables: toJson(spec.serverVariables),
    documentRef: toJson(ref),
    document: content,
    documentHash: spec.documentHash,
    version: spec.version,
    revision: spec.revision,
    status: spec.status,
    steps: toJson(spec.steps),
    error: toJson(spec.error),
    createdAt: spec.createdAt,
    updatedAt: spec.updatedAt,
    attempt: spec.attempt,
    credentials: toJson(spec.credentials),
    servingVersion: spec.servingVersion,
    retry: toJson(spec.retry),
    limits: toJson(spec.limits),
    paused: spec.paused ? 1 : null,
    pausedKeys: toJson(spec.pausedKeys),
  };
}

/** The Spec of a row of `SPEC_COLUMNS`; what was never set is absent. @throws Error for bytes that are missing. */
export function decodeSpec(row: SqlRow): Spec {
  const [traceId, project, name, headers, url, serverVariables, documentRef, document, documentHash, ...rest] =
    row as SpecRow;
  const [version, revision, status, steps, error, createdAt, updatedAt, attempt, ...later] = rest;
  const [credentials, servingVersion, retry, limits, paused, pausedKeys] = later;
  return {
    traceId,
    project,
    name,
    headers: fromJson(headers) as Spec['headers'],
    ...(url === null ? undefined : { url: fromJson(url) as string }),
    ...(serverVariables === null
      ? undefined
      : { serverVariables: fromJson(serverVariables) as Record<string, string> }),
    ...(credentials === null ? undefined : { credentials: fromJson(credentials) as Credentials }),
    ...(retry === null ? undefined : { retry: fromJson(retry) as Partial<RetryPolicy> }),
    ...(limits === null ? undefined : { limits: fromJson(limits) as Limits }),
    ...(paused === null ? undefined : { paused: true }),
    ...(pausedKeys === null ? undefined : { pausedKeys: fromJson(pausedKeys) as string[] }),
    document: joinPayload(fromJson(documentRef) as PayloadRef, document),
    documentHash,
    version,
    servingVersion,
    revision,
    status,
    steps: fromJson(steps) as string[],
    ...(error === null ? undefined : { error: fromJson(error) as string }),
    createdAt,
    updatedAt,
    attempt,
  };
}

/** The columns of a Client in the order that `decodeClient` reads them. */
export const CLIENT_COLUMNS =
  'spec_trace_id, project, version, created_at, refs, yaml, operations, types, summary, schemas';

type ClientPart = 'yaml' | 'table' | 'types' | 'summary' | 'schemas';
type ClientRow = readonly [
  specTraceId: string,
  project: string,
  version: number,
  createdAt: number,
  refs: string,
  yaml: Buffer | null,
  operations: Buffer | null,
  types: Buffer | null,
  summary: Buffer | null,
  schemas: Buffer | null,
];

/** The parts of a Client in the order of their columns. */
const CLIENT_PARTS = ['yaml', 'table', 'types', 'summary', 'schemas'] as const;

/** The row of a Client, in the order of `CLIENT_COLUMNS`; the bytes of a part are null where it is a blob. */
export function encodeClient(client: Client): SqlRow {
  const parts = CLIENT_PARTS.map((part) => ({ part, ...splitPayload(client[part]) }));
  const refs = Object.fromEntries(parts.map(({ part, ref }) => [part, ref]));
  const contents = parts.map(({ content }) => content);
  return [client.specTraceId, client.project, client.version, client.createdAt, toJson(refs), ...contents];
}

/** The Client of a row of `CLIENT_COLUMNS`. @throws Error for bytes that are missing. */
export function decodeClient(row: SqlRow): Client {
  const [specTraceId, project, version, createdAt, text, yaml, operations, types, summary, schemas] = row as ClientRow;
  const refs = fromJson(text) as Record<ClientPart, PayloadRef>;
  return {
    specTraceId,
    project,
    version,
    yaml: joinPayload(refs.yaml, yaml),
    table: joinPayload(refs.table, operations),
    types: joinPayload(refs.types, types),
    summary: joinPayload(refs.summary, summary),
    schemas: joinPayload(refs.schemas, schemas),
    createdAt,
  };
}

/** The columns of a version in the order that `decodeVersion` reads them. */
export const VERSION_COLUMNS =
  'version, document_ref, document, document_hash, outcome, error, report_ref, report, created_at';

type VersionRow = readonly [
  version: number,
  documentRef: string,
  document: Buffer | null,
  documentHash: string,
  outcome: SpecVersion['outcome'],
  error: string | null,
  reportRef: string | null,
  report: Buffer | null,
  createdAt: number,
];

/** The version of a row of `VERSION_COLUMNS`. @throws Error for bytes that are missing. */
export function decodeVersion(row: SqlRow): SpecVersion {
  const [version, documentRef, document, documentHash, outcome, error, reportRef, report, createdAt] =
    row as VersionRow;
  return {
    version,
    document: joinPayload(fromJson(documentRef) as PayloadRef, document),
    documentHash,
    outcome,
    ...(error === null ? undefined : { error: fromJson(error) as string }),
    ...(reportRef === null ? undefined : { report: joinPayload(fromJson(reportRef) as PayloadRef, report) }),
    createdAt,
  };
}
