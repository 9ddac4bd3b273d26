import type { Client, Credentials, Limits, Payload, RetryPolicy, Spec, SpecVersion } from '#core';
import type { PayloadRef } from '../payload-encoding.js';
import { checkPlainTexts } from '../plain-text.js';
import { fromJson, joinPayload, splitPayload, toJson } from '../payload-encoding.js';
import type { ClientDocument, SpecDocument, VersionFields } from './documents.js';

/**
 * The document of a Spec that waits for a worker: not held, last touched at its `updatedAt`. What was never set is
 * absent; what users choose is JSON text, but for its name and project.
 * @throws InvalidInput for a name or project that no database keeps (`checkPlainTexts`).
 */
export function encodeSpec(spec: Spec): SpecDocument {
  const { traceId, project, name, headers, url, serverVariables, documentHash, version, revision, status } = spec;
  checkPlainTexts({ name, project });
  const { ref, content } = splitPayload(spec.document);
  const updatedAt = new Date(spec.updatedAt);
  return {
    _id: traceId,
    project,
    name,
    headers: JSON.stringify(headers),
    ...(url === undefined ? undefined : { url: toJson(url) }),
    ...(serverVariables && { serverVariables: toJson(serverVariables) }),
    ...(spec.retry && { retry: toJson(spec.retry) }),
    ...(spec.limits && { limits: toJson(spec.limits) }),
    ...(spec.paused && { paused: true }),
    ...(spec.pausedKeys && { pausedKeys: [...spec.pausedKeys] }),
    ...(spec.credentials && { credentials: toJson(spec.credentials) }),
    documentRef: JSON.stringify(ref),
    document: content,
    documentHash,
    version,
    servingVersion: spec.servingVersion,
    versions: { [version]: encodeVersion(spec.document, documentHash, updatedAt) },
    revision,
    status,
    steps: [...spec.steps],
    ...(spec.error === undefined ? undefined : { error: toJson(spec.error) }),
    createdAt: new Date(spec.createdAt),
    updatedAt,
    touchedAt: updatedAt,
    attempt: spec.attempt,
  };
}

/** The Spec of a document; what was never set is absent. @throws Error for bytes that are missing. */
export function decodeSpec(document: SpecDocument): Spec {
  const url = fromJson(document.url) as string | undefined;
  const serverVariables = fromJson(document.serverVariables) as Record<string, string> | undefined;
  const retry = fromJson(document.retry) as Partial<RetryPolicy> | undefined;
  const limits = fromJson(document.limits) as Limits | undefined;
  const { paused, pausedKeys = [] } = document;
  const credentials = fromJson(document.credentials) as Credentials | undefined;
  const error = fromJson(document.error) as string | undefined;
  return {
    traceId: document._id,
    project: document.project,
    name: document.name,
    headers: fromJson(document.headers) as Spec['headers'],
    ...(url === undefined ? undefined : { url }),
    ...(serverVariables && { serverVariables }),
    ...(credentials && { credentials }),
    ...(retry && { retry }),
    ...(limits && { limits }),
    ...(paused && { paused }),
    ...(pausedKeys.length > 0 && { pausedKeys }),
    document: joinPayload(fromJson(document.documentRef) as PayloadRef, document.document),
    documentHash: document.documentHash,
    version: document.version,
    servingVersion: document.servingVersion,
    revision: document.revision,
    status: document.status,
    steps: document.steps,
    ...(error === undefined ? undefined : { error }),
    createdAt: document.createdAt.getTime(),
    updatedAt: document.updatedAt.getTime(),
    attempt: document.attempt,
  };
}

/** What a version is when its document has just come. */
export function encodeVersion(document: Payload, documentHash: string, createdAt: Date): VersionFields {
  const { ref, content } = splitPayload(document);
  return { documentRef: JSON.stringify(ref), document: content, documentHash, createdAt };
}

/** The version of its fields; what was never set is absent. @throws Error for bytes that are missing. */
export function decodeVersion(version: number, fields: VersionFields): SpecVersion {
  const { documentRef, document, documentHash, outcome, error, reportRef, report, createdAt } = fields;
  return {
    version,
    document: joinPayload(JSON.parse(documentRef) as PayloadRef, document),
    documentHash,
    outcome: outcome ?? null,
    ...(error === undefined ? undefined : { error: fromJson(error) as string }),
    ...(reportRef === undefined
      ? undefined
      : { report: joinPayload(JSON.parse(reportRef) as PayloadRef, report ?? null) }),
    createdAt: createdAt.getTime(),
  };
}

const PARTS = ['yaml', 'table', 'types', 'summary', 'schemas'] as const;
type Part = (typeof PARTS)[number];

/** The document of a Client; the bytes of a part are null where it is a blob. */
export function encodeClient(client: Client): ClientDocument {
  const { specTraceId, version, project } = client;
  const split = PARTS.map((part) => ({ part, ...splitPayload(client[part]) }));
  return {
    _id: `${specTraceId}:${version}`,
    specTraceId,
    version,
    project,
    createdAt: new Date(client.createdAt),
    refs: JSON.stringify(Object.fromEntries(split.map(({ part, ref }) => [part, ref]))),
    ...(Object.fromEntries(split.map(({ part, content }) => [part, content])) as Record<Part, Buffer | null>),
  };
}

/** The Client of a document. @throws Error for bytes that are missing. */
export function decodeClient(document: ClientDocument): Client {
  const { specTraceId, project, version } = document;
  const refs = JSON.parse(document.refs) as Record<Part, PayloadRef>;
  const parts = PARTS.map((part) => [part, joinPayload(refs[part], document[part])]);
  return {
    specTraceId,
    project,
    version,
    ...(Object.fromEntries(parts) as Record<Part, Payload>),
    createdAt: document.createdAt.getTime(),
  };
}
