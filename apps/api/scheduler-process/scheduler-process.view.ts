import { formatTimestamp, PROCESS_MESSAGES } from '#core';
import type { ListedProcess, Principal, ProcessState } from '#core';
import type { z } from 'zod';
import type { HeaderView } from '../http/header-view.js';
import { retryView } from '../http/retry.js';
import type { ProcessBody, processStatusSchema } from './scheduler-process.schemas.js';

/** A process's status as the REST contract writes it. */
export function processStatusView(process: ProcessState): z.input<typeof processStatusSchema> {
  return {
    status: process.status,
    message: PROCESS_MESSAGES[process.status],
    ...(process.error === undefined ? {} : { error: process.error }),
    step: [...process.steps],
    ...(process.nextCallAt === undefined
      ? {}
      : { attempt: process.calls?.length ?? 0, next_attempt_at: formatTimestamp(process.nextCallAt) }),
    ...(process.held === undefined ? {} : { held: process.held }),
  };
}

/** A process as the REST contract writes it but for its `req_body`; optional fields appear only when they were set. */
export function processView(
  process: ListedProcess,
  caller: Principal,
  view: HeaderView,
): Omit<ProcessBody, 'req_body'> {
  const { cache, retry, replayOf, runAt, expiresAt, priority, key, timeoutMs } = process;
  const { cookieParams, contentType, specVersion, drift } = process;
  return {
    trace_id: process.traceId,
    timestamp: formatTimestamp(process.createdAt),
    status: processStatusView(process),
    service: process.service,
    method: process.method,
    endpoint: process.endpoint,
    headers: process.headers && view.values(caller, process.headers),
    query_params: process.queryParams && { ...process.queryParams },
    url_params: process.urlParams && { ...process.urlParams },
    ...(cookieParams ? { cookie_params: view.values(caller, cookieParams) } : {}),
    ...(contentType === undefined ? {} : { content_type: contentType }),
    ...(runAt === undefined ? {} : { run_at: formatTimestamp(runAt) }),
    ...(expiresAt === undefined ? {} : { expires_at: formatTimestamp(expiresAt) }),
    ...(priority === undefined ? {} : { priority }),
    ...(key === undefined ? {} : { key }),
    ...(retry ? { retry: retryView(retry) } : {}),
    ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
    ...(cache === undefined ? {} : { cache: { mode: cache.mode, ttl_seconds: cache.ttlSeconds } }),
    ...(replayOf === undefined ? {} : { replay_of: replayOf }),
    ...(specVersion === undefined || specVersion === 1 ? {} : { spec_version: specVersion }),
    ...(drift ? { drift: [...drift] } : {}),
  };
}
