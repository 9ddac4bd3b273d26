import { InvalidInput } from '#core';
import type { Response, SchedulerProcess, StoredResponse } from '#core';
import type { PayloadRef } from './payload-encoding.js';
import { joinPayload, splitPayload } from './payload-encoding.js';
import { checkPlainTexts } from './plain-text.js';

/** What was asked for: written once, read whole, never searched. */
type Request = Pick<
  SchedulerProcess,
  | 'kind'
  | 'service'
  | 'method'
  | 'endpoint'
  | 'headers'
  | 'queryParams'
  | 'urlParams'
  | 'cookieParams'
  | 'contentType'
  | 'credentials'
  | 'runAt'
  | 'expiresAt'
  | 'priority'
  | 'key'
  | 'retry'
  | 'timeoutMs'
  | 'cache'
  | 'replayOf'
  | 'traceContext'
> & { readonly reqBody: PayloadRef | null };

/** Leaves room for the rest in the 16 MiB that MongoDB gives a document. */
const REQUEST_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * The request of a process as JSON text, and the bytes of its body if they are kept in the database; `bytes` is what
 * both take, wherever the body lies.
 * @throws InvalidInput when its headers and parameters are longer than 8 MiB, or when its service, project or Spec has
 *   a name that no database keeps (`checkPlainTexts`).
 */
export function encodeRequest(process: SchedulerProcess): { request: string; body: Buffer | null; bytes: number } {
  const { kind, service, method, endpoint, headers, queryParams, urlParams, cookieParams } = process;
  const { contentType, credentials, runAt, expiresAt, priority, key, retry, timeoutMs, cache, replayOf } = process;
  const { traceContext } = process;
  checkPlainTexts({ service, project: process.project, "spec's trace id": process.specTraceId });
  const body = process.reqBody && splitPayload(process.reqBody);
  const fixed = { kind, service, method, endpoint, headers, queryParams, urlParams, cookieParams };
  const request: Request = {
    ...fixed,
    contentType,
    credentials,
    runAt,
    expiresAt,
    priority,
    key,
    retry,
    timeoutMs,
    cache,
    replayOf,
    traceContext,
    reqBody: body?.ref ?? null,
  };
  const text = JSON.stringify(request);
  const bytes = Buffer.byteLength(text);
  if (bytes > REQUEST_LIMIT_BYTES) {
    throw new InvalidInput(
      'PROCESS_TOO_LARGE',
      `Expected headers and parameters of ${REQUEST_LIMIT_BYTES} bytes at most, got ${bytes} bytes.`,
    );
  }
  return { request: text, body: body?.content ?? null, bytes: bytes + (body?.ref.bytes ?? 0) };
}

/** The key of a process as it is searched by: JSON text, which every database keeps as it is. */
export function encodeKey(key: string | undefined): string | null {
  return key === undefined ? null : JSON.stringify(key);
}

/** The fields of a process that `encodeRequest` took in; `bodyOf` is asked for the body's bytes where there are any. */
export function decodeRequest(
  text: string,
  bodyOf: () => Buffer | null,
): Omit<Request, 'reqBody'> & Pick<SchedulerProcess, 'reqBody'> {
  const { reqBody: ref, ...request } = JSON.parse(text) as Request;
  return { ...request, reqBody: ref && joinPayload(ref, ref.blob === undefined ? bodyOf() : null) };
}

/** The same fields without the body. */
export function decodeRequestHead(text: string): Omit<Request, 'reqBody'> {
  const { reqBody: _, ...request } = JSON.parse(text) as Request;
  return request;
}

interface ResponseHead {
  readonly status: number;
  readonly headers: Response['headers'];
  readonly cache: StoredResponse['cache'];
  readonly body: PayloadRef;
}

/** A response as JSON text, and the bytes of its body if they are kept in the database; `bytes` as `encodeRequest`. */
export function encodeResponse(response: StoredResponse): { head: string; content: Buffer | null; bytes: number } {
  const { ref, content } = splitPayload(response.body);
  const head: ResponseHead = { status: response.status, headers: response.headers, cache: response.cache, body: ref };
  const text = JSON.stringify(head);
  return { head: text, content, bytes: Buffer.byteLength(text) + ref.bytes };
}

/** The response that `encodeResponse` took apart. @throws Error when it needs bytes and `content` is null. */
export function decodeResponse(head: string, content: Buffer | null): StoredResponse {
  const { body, ...rest } = JSON.parse(head) as ResponseHead;
  return { ...rest, body: joinPayload(body, content) };
}
