import { isJson, isText } from './serialise/media-type.js';
import type { OperationTable, Response } from '#core';
import { findOperation } from './find-operation.js';
import { buildRequest } from './request.js';
import { HttpCaller } from './http/http-caller.js';
import { mergeHeaders } from './serialise/headers.js';
import type { Abort, CallSettings, ClientOptions, CreateClient, Method } from './client-types.js';

const METHODS: readonly Method[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const DEFAULT_TIMEOUT_MS = 3_600_000;

/** What every call is given, whatever its operation: the types have seen to the rest. */
interface AnyInit extends CallSettings {
  readonly params?: {
    readonly path?: Record<string, unknown>;
    readonly query?: Record<string, unknown>;
    readonly header?: Record<string, unknown>;
    readonly cookie?: Record<string, unknown>;
  };
  readonly body?: unknown;
  readonly contentType?: string;
}

type AnyCall = (path: string, init?: AnyInit) => Promise<unknown>;

/**
 * A typed client over an operation table. `Paths` is the `paths` interface of openapi-typescript for the same document.
 * @throws (each call) Permanent when the request cannot be built; CallFailed when no whole answer comes.
 */
export const createClient: CreateClient = <Paths>(table: object, options: ClientOptions = {}) => {
  const caller = new HttpCaller();
  const call = (method: string, path: string, init?: AnyInit) =>
    callOnce(caller, table as OperationTable, options, method, path, init);
  const methods = METHODS.map((method): [string, AnyCall] => [method, (path, init) => call(method, path, init)]);
  const client = { ...Object.fromEntries(methods), request: call, close: () => caller.close() };
  return client as unknown as ReturnType<typeof createClient<Paths>>;
};

async function callOnce(
  caller: HttpCaller,
  table: OperationTable,
  options: ClientOptions,
  method: string,
  path: string,
  init: AnyInit = {},
): Promise<unknown> {
  const { params = {} } = init;
  const request = buildRequest(table, findOperation(table, method, path), {
    urlParams: params.path,
    queryParams: params.query,
    cookieParams: params.cookie,
    headers: mergeHeaders<unknown>(options.headers, params.header, init.headers),
    body: init.body,
    contentType: init.contentType,
    url: options.url,
    serverVariables: options.serverVariables,
  });
  const response = await caller.call(request, {
    timeoutMs: init.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxBytes: options.maxBytes,
    signal: signalOf(init.signal),
  });
  return resultOf(response);
}

function resultOf(response: Response): unknown {
  const { status } = response;
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) {
    const lower = name.toLowerCase();
    headers[lower] = Object.hasOwn(headers, lower) ? `${headers[lower] ?? ''}, ${value}` : value;
  }
  const data = dataOf(response, headers['content-type'] ?? '');
  return status >= 200 && status < 300
    ? { ok: true, status, headers, data }
    : { ok: false, status, headers, error: data };
}

/** JSON as its value, text as a string, all else as bytes; nothing as undefined. */
function dataOf({ body }: Response, contentType: string): unknown {
  if (!('inline' in body) || body.bytes === 0) return undefined;
  if (isJson(contentType)) {
    try {
      return JSON.parse(body.inline.toString('utf8')) as unknown;
    } catch {
      return body.inline.toString('utf8');
    }
  }
  return contentType === '' || isText(contentType) ? body.inline.toString('utf8') : new Uint8Array(body.inline);
}

function signalOf(abort: Abort | undefined): AbortSignal | undefined {
  if (abort === undefined || abort instanceof AbortSignal) return abort;
  const controller = new AbortController();
  if (abort.aborted) controller.abort(abort.reason);
  else abort.addEventListener('abort', () => controller.abort(abort.reason));
  return controller.signal;
}
