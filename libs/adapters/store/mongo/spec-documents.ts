import type { Client, Credentials, Limits, Payload, RetryPolicy, Spec, SpecVersion } from '#core';
import type { Encryption, Place } from '#encryption';
import type { PayloadRef } from '../payload-encoding.js';
import { fromJson, openPayload, sealPayload, toJson } from '../payload-encoding.js';
import { checkPlainTexts } from '../plain-text.js';
import { clientPlace, documentField, specPlace } from '../spec-places.js';
import type { ClientDocument, SpecDocument, VersionFields } from './documents.js';

/**
 * The document of a Spec that waits for a worker: not held, last touched at its `updatedAt`. What was never set is
 * absent; what users choose is JSON text, but for its name and project.
 * @throws InvalidInput for a name or project that no database keeps (`checkPlainTexts`).
 */
export function encodeSpec(spec: Spec, encryption: Encryption): SpecDocument {
  const { traceId, project, name, headers, url, serverVariables, documentHash, version, revision, status } = spec;
  checkPlainTexts({ name, project });
  const place = specPlace(spec);
  const seal = (field: string, value: unknown) => encryption.encryptJson(place, field, value);
  const { ref, content } = sealPayload(encryption, place, documentField(documentHash), spec.document);
  const updatedAt = new Date(spec.updatedAt);
  return {
    _id: traceId,
    project,
    name,
    headers: seal('headers', headers) ?? '{}',
    ...(url === undefined ? undefined : { url: seal('url', url) }),
    ...(serverVariables && { serverVariables: seal('serverVariables', serverVariables) }),
    ...(spec.retry && { retry: toJson(spec.retry) }),
    ...(spec.limits && { limits: toJson(spec.limits) }),
    ...(spec.paused && { paused: true }),
    ...(spec.pausedKeys && { pausedKeys: [...spec.pausedKeys] }),
    ...(spec.credentials && { credentials: seal('credentials', spec.credentials) }),
    documentRef: JSON.stringify(ref),
    document: content,
    documentHash,
    version,
    servingVersion: spec.servingVersion,
    versions: {
      [version]: { documentRef: JSON.stringify(ref), document: content, documentHash, createdAt: updatedAt },
    },
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
export function decodeSpec(document: SpecDocument, encryption: Encryption): Spec {
  const place = specPlace({ project: document.project, traceId: document._id });
  const open = (field: string, stored: string | null | undefined) => encryption.decryptJson(place, field, stored);
  const { documentHash } = document;
  const url = open('url', document.url) as string | undefined;
  const serverVariables = open('serverVariables', document.serverVariables) as Record<string, string> | undefined;
  const retry = fromJson(document.retry) as Partial<RetryPolicy> | undefined;
  const limits = fromJson(document.limits) as Limits | undefined;
  const { paused, pausedKeys = [] } = document;
  const credentials = open('credentials', document.credentials) as Credentials | undefined;
  const error = fromJson(document.error) as string | undefined;
  return {
    traceId: document._id,
    project: document.project,
    name: document.name,
    headers: open('headers', document.headers) as Spec['headers'],
    ...(url === undefined ? undefined : { url }),
    ...(serverVariables && { serverVariables }),
    ...(credentials && { credentials }),
    ...(retry && { retry }),
    ...(limits && { limits }),
    ...(paused && { paused }),
    ...(pausedKeys.length > 0 && { pausedKeys }),
    document: openPayload(
      encryption,
      place,
      documentField(documentHash),
      fromJson(document.documentRef) as PayloadRef,
      document.document,
    ),
    documentHash,
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
export function encodeVersion(
  document: Payload,
  documentHash: string,
  createdAt: Date,
  place: Place,
  encryption: Encryption,
): VersionFields {
  const { ref, content } = sealPayload(encryption, place, documentField(documentHash), document);
  return { documentRef: JSON.stringify(ref), document: content, documentHash, createdAt };
}

/** The version of its fields; what was never set is absent. @throws Error for bytes that are missing. */
export function decodeVersion(
  version: number,
  fields: VersionFields,
  place: Place,
  encryption: Encryption,
): SpecVersion {
  const { documentRef, document, documentHash, outcome, error, reportRef, report, createdAt } = fields;
  const open = (field: string, ref: string, content: Buffer | null) =>
    openPayload(encryption, place, field, JSON.parse(ref) as PayloadRef, content);
  return {
    version,
    document: open(documentField(documentHash), documentRef, document),
    documentHash,
    outcome: outcome ?? null,
    ...(error === undefined ? undefined : { error: fromJson(error) as string }),
    ...(reportRef === undefined ? undefined : { report: open('report', reportRef, report ?? null) }),
    createdAt: createdAt.getTime(),
  };
}

const PARTS = ['yaml', 'table', 'types', 'summary', 'schemas'] as const;
type Part = (typeof PARTS)[number];

/** The document of a Client; the bytes of a part are null where it is a blob. */
export function encodeClient(client: Client, encryption: Encryption): ClientDocument {
  const { specTraceId, version, project } = client;
  const place = clientPlace(client);
  const split = PARTS.map((part) => ({ part, ...sealPayload(encryption, place, part, client[part]) }));
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
export function decodeClient(document: ClientDocument, encryption: Encryption): Client {
  const { specTraceId, project, version } = document;
  const refs = JSON.parse(document.refs) as Record<Part, PayloadRef>;
  const place = clientPlace(document);
  const parts = PARTS.map((part) => [part, openPayload(encryption, place, part, refs[part], document[part])]);
  return {
    specTraceId,
    project,
    version,
    ...(Object.fromEntries(parts) as Record<Part, Payload>),
    createdAt: document.createdAt.getTime(),
  };
}
