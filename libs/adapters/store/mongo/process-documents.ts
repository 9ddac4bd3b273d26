import { DEFAULT_PRIORITY, PROCESS_OVERHEAD_BYTES, rankOf } from '#core';
import type { HandBack, ListedProcess, ProcessState, SchedulerProcess } from '#core';
import type { Encryption, Place } from '#encryption';
import { fromJson, toJson } from '../payload-encoding.js';
import {
  decodeCalls,
  decodeDrift,
  decodeRequest,
  decodeRequestHead,
  encodeKey,
  encodeRequest,
  processPlace,
} from '../process-encoding.js';
import type { ProcessDocument } from './documents.js';

/** Before every clock: what was due when it was written may be claimed whatever the claimer's clock says. */
export const ALWAYS = new Date(0);

/** What a status poll has no use for. */
export const WITHOUT_RESPONSE = { responseHead: 0, responseBody: 0 } as const;

/** The same without the body of its request. */
export const WITHOUT_BODIES = { body: 0, ...WITHOUT_RESPONSE } as const;

/**
 * The document of a process that nobody holds: parked when its `dueAt` is null, else waiting for that time.
 * @throws InvalidInput as `encodeRequest` does; Error for a parked process without a Spec.
 */
export function encodeProcess(process: SchedulerProcess, encryption: Encryption): ProcessDocument {
  const { request, body, bytes } = encodeRequest(process, encryption);
  const { traceId, project, kind, service, specTraceId, status, steps, error, attempt } = process;
  const { priority = DEFAULT_PRIORITY } = process;
  const createdAt = new Date(process.createdAt);
  return {
    _id: traceId,
    project,
    kind,
    service,
    specTraceId,
    request,
    body,
    status,
    steps: [...steps],
    ...(error === undefined ? undefined : { error: toJson(error) }),
    createdAt,
    updatedAt: new Date(process.updatedAt),
    attempt,
    band: priority,
    ...(process.key !== undefined && { key: encodeKey(process.key) ?? '' }),
    requestBytes: bytes + PROCESS_OVERHEAD_BYTES,
    ...(process.reqBody && 'blob' in process.reqBody && { bodyBlob: process.reqBody.blob }),
    ...(process.dueAt === null
      ? { dueAt: null, ...parkedFields(specTraceId, createdAt, priority, process.expiresAt) }
      : { dueAt: new Date(process.dueAt), ...waitingFields(process.dueAt, process.updatedAt, priority) }),
  };
}

/** The fields by which `release` and, once it expires, `dueTimed` find a parked process. @throws Error when there is no Spec to wait for. */
function parkedFields(specTraceId: string | null, createdAt: Date, band: number, expiresAt: number | undefined) {
  if (specTraceId === null) throw new Error('Expected a Spec that a parked process waits for, got none.');
  return { parkedFor: specTraceId, parkedAt: createdAt, ...timedFields(expiresAt, band) };
}

/** The fields of a process that is handed back to wait: for its Spec, or at its gate. */
export function lineFields(
  { specTraceId, createdAt, band = DEFAULT_PRIORITY }: ProcessDocument,
  { held, expiresAt }: Pick<HandBack, 'held' | 'expiresAt'>,
): Partial<ProcessDocument> {
  if (!held) return parkedFields(specTraceId, createdAt, band, expiresAt);
  if (specTraceId === null) throw new Error('Expected a Spec at whose gate a process is held, got none.');
  const line = { heldFor: specTraceId, heldKey: held.key, heldRank: rankOf(held), heldWhy: held.why };
  return { ...line, ...timedFields(expiresAt, band) };
}

/** The fields by which `claim` and `due` find a process that waits for its time. */
export function waitingFields(dueAt: number, now: number, band: number): Partial<ProcessDocument> {
  const lookAt = new Date(dueAt);
  // What is due already is told of at once by whoever wrote it.
  return dueAt <= now ? { readyAt: ALWAYS, lookAt } : { readyAt: lookAt, lookAt, ...timedFields(dueAt, band) };
}

/** The fields by which `dueTimed` finds a process. */
export function timedFields(
  at: number | undefined,
  band: number,
): Pick<ProcessDocument, 'isTimed' | 'timedAt' | 'timedBand'> {
  return at === undefined ? {} : { isTimed: true, timedAt: new Date(at), timedBand: band };
}

/** Whose the values of a document are. */
function placeOf({ project, _id: traceId }: Pick<ProcessDocument, 'project' | '_id'>): Place {
  return processPlace({ project, traceId });
}

/** The process of a document, its response left out; what was never set is absent. */
export function decodeProcess(document: ProcessDocument, encryption: Encryption): SchedulerProcess {
  const request = decodeRequest(document.request, placeOf(document), encryption, () => document.body);
  return { ...request, ...decodeState(document, encryption) };
}

/** The process of a document without the body of its request, which may be left out of it. */
export function decodeListedProcess(document: Omit<ProcessDocument, 'body'>, encryption: Encryption): ListedProcess {
  const request = decodeRequestHead(document.request, placeOf(document), encryption);
  return { ...request, ...decodeState(document, encryption) };
}

/** What a document tells beside what was asked for. */
function decodeState(
  document: Omit<ProcessDocument, 'body'>,
  encryption: Encryption,
): Omit<SchedulerProcess, keyof ReturnType<typeof decodeRequest>> {
  const error = fromJson(document.error) as string | undefined;
  const { attempt, sending, leaseOwner, leaseUntil } = document;
  const isBetweenCalls = document.status === 'IN_PROGRESS' && leaseOwner === undefined && leaseUntil !== undefined;
  return {
    traceId: document._id,
    project: document.project,
    specTraceId: document.specTraceId,
    status: document.status,
    steps: document.steps,
    ...(error === undefined ? undefined : { error }),
    createdAt: document.createdAt.getTime(),
    updatedAt: document.updatedAt.getTime(),
    dueAt: document.dueAt?.getTime() ?? null,
    ...(document.heldWhy === undefined ? undefined : { held: document.heldWhy }),
    attempt,
    ...(document.calls === undefined
      ? undefined
      : { calls: decodeCalls(document.calls, placeOf(document), encryption) }),
    ...(isBetweenCalls ? { nextCallAt: leaseUntil.getTime() } : undefined),
    ...(sending !== undefined && sending < attempt ? { isUncertain: true } : undefined),
    ...(document.specVersion === undefined ? undefined : { specVersion: document.specVersion }),
    ...(document.drift === undefined
      ? undefined
      : { drift: decodeDrift(document.drift, placeOf(document), encryption) }),
  };
}

/** How far a process is, from its document. */
export function decodeProcessState(document: Omit<ProcessDocument, 'body'>, encryption: Encryption): ProcessState {
  const { traceId, project, specTraceId, status, steps, error, nextCallAt, held, calls } = decodeState(
    document,
    encryption,
  );
  return {
    ...{ traceId, project, specTraceId, status, steps },
    ...(error === undefined ? undefined : { error }),
    ...(nextCallAt === undefined ? undefined : { nextCallAt, calls: calls ?? [] }),
    ...(held === undefined ? undefined : { held }),
  };
}
