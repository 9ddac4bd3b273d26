import type { Client, Credentials, Limits, RetryPolicy, Spec, SpecStatus, SpecVersion } from '#core';
import type { Encryption, Place } from '#encryption';
import type { PayloadRef } from '../payload-encoding.js';
import { fromJson, openPayload, sealPayload, toJson } from '../payload-encoding.js';
import { checkPlainTexts } from '../plain-text.js';
import { clientPlace, documentField, specPlace } from '../spec-places.js';
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
export function encodeSpec(spec: Spec, encryption: Encryption): Record<string, SqlValue> {
  checkPlainTexts({ name: spec.name, project: spec.project });
  const place = specPlace(spec);
  const { ref, content } = sealPayload(encryption, place, documentField(spec.documentHash), spec.document);
  return {
    traceId: spec.traceId,
    project: spec.project,
    name: spec.name,
    headers: encryption.encryptJson(place, 'headers', spec.headers),
    url: encryption.encryptJson(place, 'url', spec.url),
    serverVariables: encryption.encryptJson(place, 'serverVariables', spec.serverVariables),
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
    credentials: encryption.encryptJson(place, 'credentials', spec.credentials),
    servingVersion: spec.servingVersion,
    retry: toJson(spec.retry),
    limits: toJson(spec.limits),
    paused: spec.paused ? 1 : null,
    pausedKeys: toJson(spec.pausedKeys),
  };
}

/** The Spec of a row of `SPEC_COLUMNS`; what was never set is absent. @throws Error for bytes that are missing. */
export function decodeSpec(row: SqlRow, encryption: Encryption): Spec {
  const [traceId, project, name, headers, url, serverVariables, documentRef, document, documentHash, ...rest] =
    row as SpecRow;
  const [version, revision, status, steps, error, createdAt, updatedAt, attempt, ...later] = rest;
  const [credentials, servingVersion, retry, limits, paused, pausedKeys] = later;
  const place = specPlace({ project, traceId });
  const open = (field: string, stored: string | null): unknown => encryption.decryptJson(place, field, stored);
  const ref = fromJson(documentRef) as PayloadRef;
  return {
    traceId,
    project,
    name,
    headers: open('headers', headers) as Spec['headers'],
    ...(url === null ? undefined : { url: open('url', url) as string }),
    ...(serverVariables === null
      ? undefined
      : { serverVariables: open('serverVariables', serverVariables) as Record<string, string> }),
    ...(credentials === null ? undefined : { credentials: open('credentials', credentials) as Credentials }),
    ...(retry === null ? undefined : { retry: fromJson(retry) as Partial<RetryPolicy> }),
    ...(limits === null ? undefined : { limits: fromJson(limits) as Limits }),
    ...(paused === null ? undefined : { paused: true }),
    ...(pausedKeys === null ? undefined : { pausedKeys: fromJson(pausedKeys) as string[] }),
    document: openPayload(encryption, place, documentField(documentHash), ref, document),
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
export function encodeClient(client: Client, encryption: Encryption): SqlRow {
  const place = clientPlace(client);
  const parts = CLIENT_PARTS.map((part) => ({ part, ...sealPayload(encryption, place, part, client[part]) }));
  const refs = Object.fromEntries(parts.map(({ part, ref }) => [part, ref]));
  const contents = parts.map(({ content }) => content);
  return [client.specTraceId, client.project, client.version, client.createdAt, toJson(refs), ...contents];
}

/** The Client of a row of `CLIENT_COLUMNS`. @throws Error for bytes that are missing. */
export function decodeClient(row: SqlRow, encryption: Encryption): Client {
  const [specTraceId, project, version, createdAt, text, yaml, operations, types, summary, schemas] = row as ClientRow;
  const refs = fromJson(text) as Record<ClientPart, PayloadRef>;
  const place = clientPlace({ project, specTraceId, version });
  const open = (part: ClientPart, content: Buffer | null) => openPayload(encryption, place, part, refs[part], content);
  return {
    specTraceId,
    project,
    version,
    yaml: open('yaml', yaml),
    table: open('table', operations),
    types: open('types', types),
    summary: open('summary', summary),
    schemas: open('schemas', schemas),
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
export function decodeVersion(row: SqlRow, place: Place, encryption: Encryption): SpecVersion {
  const [version, documentRef, document, documentHash, outcome, error, reportRef, report, createdAt] =
    row as VersionRow;
  const open = (field: string, ref: string, content: Buffer | null) =>
    openPayload(encryption, place, field, fromJson(ref) as PayloadRef, content);
  return {
    version,
    document: open(documentField(documentHash), documentRef, document),
    documentHash,
    outcome,
    ...(error === null ? undefined : { error: fromJson(error) as string }),
    ...(reportRef === null ? undefined : { report: open('report', reportRef, report) }),
    createdAt,
  };
}
