import type { Payload, ProcessStatus, Response, SchedulerProcess, StoredResponse } from '#core';
import type { PayloadRef } from './encoding.js';
import { fromJson, joinPayload, splitPayload, toJson } from './encoding.js';
import type { SqlRow, SqlValue } from './sqlite-database.js';

/** The columns of a process in the order that `decodeProcess` reads them. */
export const PROCESS_COLUMNS =
  'id, trace_id, project, spec_trace_id, request, status, steps, error, created_at, updated_at, due_at, attempt';

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
];

/** What was asked for: written once, read whole. */
type Request = Pick<
  SchedulerProcess,
  'kind' | 'service' | 'method' | 'endpoint' | 'headers' | 'queryParams' | 'urlParams' | 'timeoutMs' | 'cache'
> & { readonly reqBody: PayloadRef | null };

/** The request column of a process, and the bytes of its body if they are kept in the database. */
export function encodeRequest(process: SchedulerProcess): { request: string; body: Buffer | null } {
  const { kind, service, method, endpoint, headers, queryParams, urlParams, timeoutMs, cache } = process;
  const body = process.reqBody && splitPayload(process.reqBody);
  const reqBody = body?.ref ?? null;
  const request: Request = {
    kind,
    service,
    method,
    endpoint,
    headers,
    queryParams,
    urlParams,
    timeoutMs,
    cache,
    reqBody,
  };
  return { request: JSON.stringify(request), body: body?.content ?? null };
}

/** A process from its row; `bodyOf` is asked for the bytes of the request's body where there are any. */
export function decodeProcess(row: SqlRow, bodyOf: (id: number) => SqlValue | undefined): SchedulerProcess {
  const [id, traceId, project, specTraceId, text, status, steps, error, createdAt, updatedAt, dueAt, attempt] =
    row as ProcessRow;
  const { reqBody: ref, ...request } = JSON.parse(text) as Request;
  let reqBody: Payload | null = null;
  if (ref) reqBody = joinPayload(ref, ref.blob === undefined ? bodyOf(id) : null);
  return {
    traceId,
    project,
    specTraceId,
    ...request,
    reqBody,
    status,
    steps: JSON.parse(steps) as string[],
    ...(error === null ? undefined : { error: fromJson(error) as string }),
    createdAt,
    updatedAt,
    dueAt,
    attempt,
  };
}

interface ResponseHead {
  readonly status: number;
  readonly headers: Response['headers'];
  readonly cache: StoredResponse['cache'];
  readonly body: PayloadRef;
}

export function encodeResponse(response: StoredResponse): { head: string; content: Buffer | null } {
  const { ref, content } = splitPayload(response.body);
  const head: ResponseHead = { status: response.status, headers: response.headers, cache: response.cache, body: ref };
  return { head: toJson(head) ?? '', content };
}

export function decodeResponse(head: SqlValue | undefined, content: SqlValue | undefined): StoredResponse {
  const { body, ...rest } = fromJson(head) as ResponseHead;
  return { ...rest, body: joinPayload(body, content) };
}
