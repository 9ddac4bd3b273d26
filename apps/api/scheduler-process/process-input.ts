import type { ScheduleProcessInput } from '#scheduling';
import { credentialsOf } from '../http/credentials.js';
import { retryOf } from '../http/retry.js';
import { exactInput } from './exact-numbers.js';
import type { CreateProcessBody } from './scheduler-process.schemas.js';
import { expiryTime, startTime } from './start-time.js';

/**
 * A call as a body asks for it, in our own words.
 * @param text the body as JSON, where reading it may have changed a number.
 * @throws InvalidInput when it is to start too late, or to have started before that.
 */
export function processInput(body: CreateProcessBody, text: string | undefined, now: number): ScheduleProcessInput {
  const exact = exactInput(text);
  const runAt = startTime(body.run_at, body.delay, now);
  return {
    service: body.service,
    method: body.method,
    endpoint: body.endpoint,
    headers: exact.parameters('headers', body.headers),
    queryParams: exact.parameters('query_params', body.query_params),
    urlParams: exact.parameters('url_params', body.url_params),
    cookieParams: exact.parameters('cookie_params', body.cookie_params),
    reqBody: body.req_body,
    reqBodyJson: exact.reqBodyJson,
    contentType: body.content_type ?? undefined,
    credentials: body.credentials ? credentialsOf(body.credentials) : undefined,
    runAt,
    expiresAt: expiryTime(body.expires_at, runAt, now),
    priority: body.priority ?? undefined,
    key: body.key ?? undefined,
    retry: body.retry ? retryOf(body.retry) : undefined,
    timeoutMs: body.timeout_ms ?? undefined,
    cache: body.cache ? { mode: body.cache.mode, ttlSeconds: body.cache.ttl_seconds } : undefined,
  };
}
