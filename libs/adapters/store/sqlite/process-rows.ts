import type { HoldReason, ListedProcess, ProcessState, ProcessStatus, SchedulerProcess } from '#core';
import type { Encryption } from '#encryption';
import { fromJson } from '../payload-encoding.js';
import { decodeCalls, decodeDrift, decodeRequest, decodeRequestHead, processPlace } from '../process-encoding.js';
import type { RecentRequest } from './recent-requests.js';
import type { SqlRow } from './sqlite-database.js';

/** The columns of a process in the order that `decodeProcess` reads them. */
export const PROCESS_COLUMNS =
  'id, trace_id, project, spec_trace_id, request, status, steps, error, created_at, updated_at, due_at, attempt, ' +
  'spec_version, drift, calls, sending, lease_owner, lease_until, held_why';

type ProcessRow = readonly [
  id: number,
  traceId: string,
  project: string,
  specTraceId: string | null,
  request: string,
  status: ProcessStatus,
  steps: string,
  error: string | null,
  createdAt: number,
  updatedAt: number,
  dueAt: number | null,
  attempt: number,
  specVersion: number | null,
  drift: string | null,
  calls: string | null,
  sending: number | null,
  leaseOwner: string | null,
  leaseUntil: number | null,
  heldWhy: HoldReason | null,
];

/**
 * A process from its row; `bodyOf` is asked for the bytes of the request's body where there are any.
 * @param recent what may be in the row as it was written
 */
export function decodeProcess(
  row: SqlRow,
  encryption: Encryption,
  bodyOf: (id: number) => Buffer | null,
  recent?: RecentRequest,
): SchedulerProcess {
  const [id, traceId, project, , request] = row as ProcessRow;
  const place = processPlace({ project, traceId });
  const asked = recent?.text === request ? recent.request : decodeRequest(request, place, encryption, () => bodyOf(id));
  return { ...asked, ...decodeState(row as ProcessRow, encryption) };
}

/** A process from its row, without the body of its request. */
export function decodeListedProcess(row: SqlRow, encryption: Encryption): ListedProcess {
  const [, traceId, project, , request] = row as ProcessRow;
  const place = processPlace({ project, traceId });
  return { ...decodeRequestHead(request, place, encryption), ...decodeState(row as ProcessRow, encryption) };
}

/** What a row tells beside what was asked for. */
function decodeState(
  row: ProcessRow,
  encryption: Encryption,
): Omit<SchedulerProcess, keyof ReturnType<typeof decodeRequest>> {
  const [, traceId, project, specTraceId, , status, steps, error, ...rest] = row;
  const [createdAt, updatedAt, dueAt, attempt, specVersion, drift, calls, sending, leaseOwner, leaseUntil, held] = rest;
  const isBetweenCalls = status === 'IN_PROGRESS' && leaseOwner === null && leaseUntil !== null;
  return {
    traceId,
    project,
    specTraceId,
    status,
    steps: JSON.parse(steps) as string[],
    ...(error === null ? undefined : { error: fromJson(error) as string }),
    createdAt,
    updatedAt,
    dueAt,
    ...(held === null ? undefined : { held }),
    attempt,
    ...(calls === null ? undefined : { calls: decodeCalls(calls, processPlace({ project, traceId }), encryption) }),
    ...(isBetweenCalls ? { nextCallAt: leaseUntil } : undefined),
    ...(sending !== null && sending < attempt ? { isUncertain: true } : undefined),
    ...(specVersion === null ? undefined : { specVersion }),
    ...(drift === null ? undefined : { drift: decodeDrift(drift, processPlace({ project, traceId }), encryption) }),
  };
}

/** The columns of a state in the order that `decodeProcessState` reads them. */
export const STATE_COLUMNS = 'spec_trace_id, status, steps, error, calls, lease_owner, lease_until, held_why';

type StateRow = readonly [
  specTraceId: string | null,
  status: ProcessStatus,
  steps: string,
  error: string | null,
  calls: string | null,
  leaseOwner: string | null,
  leaseUntil: number | null,
  heldWhy: HoldReason | null,
];

/** How far a process is, from its row. */
export function decodeProcessState(
  row: SqlRow,
  place: { readonly project: string; readonly traceId: string },
  encryption: Encryption,
): ProcessState {
  const [specTraceId, status, steps, error, calls, leaseOwner, nextCallAt, held] = row as StateRow;
  const isBetweenCalls = status === 'IN_PROGRESS' && leaseOwner === null && nextCallAt !== null;
  return {
    ...{ traceId: place.traceId, project: place.project, specTraceId, status },
    steps: JSON.parse(steps) as string[],
    ...(error === null ? undefined : { error: fromJson(error) as string }),
    ...(isBetweenCalls
      ? { nextCallAt, calls: calls === null ? [] : decodeCalls(calls, processPlace(place), encryption) }
      : undefined),
    ...(held === null ? undefined : { held }),
  };
}
