import { AppError } from '#core';
import type { Operation, OperationTable, Response } from '#core';
import type { Abort, CallSettings } from './call-types.js';
import type { CallError, ClientOptions, CreateClient, IsCallError, Method } from './client-types.js';
import { findOperation } from './find-operation.js';
import { mergeHeaders } from './serialise/headers.js';
import { essence, isJson, isRange, isText } from './serialise/media-type.js';
import { isBytes, isRecord } from './serialise/value.js';
import { ServiceCalls } from './service-calls.js';

const METHODS: readonly Method[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
const DEFAULT_TIMEOUT_MS = 3_600_000;

/** What every call is given, whatever its operation: the types have seen to the rest. */
interface AnyInit extends CallSettings {
  readonly params?: {
    readonly path?: Record<string, unknown>;
    readonly query?: Record<string, unknown>;
    /** By the parameter's name, as all others. */
    readonly querystring?: Record<string, unknown>;
    readonly header?: Record<string, unknown>;
    readonly cookie?: Record<string, unknown>;
  };
  readonly body?: unknown;
  readonly contentType?: string;
}

type AnyCall = (init?: AnyInit) => Promise<unknown>;

/**
 * A typed client over an operation table. `Paths` and `Operations` are the interfaces of those names in the types of the
 * same document.
 * @throws (each call) Permanent when the request cannot be built; CallFailed when no whole answer comes.
 */
export const createClient: CreateClient = <Paths, Operations, Credentials>(
  clientTable: object,
  options: ClientOptions<Credentials> = {},
) => {
  const table = clientTable as OperationTable;
  const calls = new ServiceCalls(table);
  const callOf = (operation: Operation) => (init?: AnyInit) =>
    callOnce(calls, options as ClientOptions, operation, init);
  const request = async (method: string, path: string, init?: AnyInit) =>
    callOf(findOperation(table, method, path))(init);
  const methods = METHODS.map((method): [Method, unknown] => [
    method,
    (path: string, init?: AnyInit) => request(method, path, init),
  ]);
  const paths = once(() => byPath(table, callOf));
  const operations = once(() => byId(table, callOf));
  const client = {
    ...(Object.fromEntries(methods) as Record<Method, unknown>),
    request,
    close: () => calls.close(),
    get paths() {
      return paths();
    },
    get operations() {
      return operations();
    },
  };
  return client as unknown as ReturnType<typeof createClient<Paths, Operations, Credentials>>;
};

export const isCallError: IsCallError = (error): error is CallError => error instanceof AppError;

/** Without a prototype: paths and ids are a stranger's, and may be called `constructor` or `__proto__`. */
type Calls<Value> = Record<string, Value>;

function byPath(table: OperationTable, callOf: (operation: Operation) => AnyCall): Calls<Calls<AnyCall>> {
  const paths = Object.create(null) as Calls<Calls<AnyCall>>;
  for (const operation of table.operations) {
    const methods = (paths[operation.path] ??= Object.create(null) as Calls<AnyCall>);
    const lower = operation.method.toLowerCase();
    methods[METHODS.some((method) => method === lower) ? lower : operation.method] = callOf(operation);
  }
  return paths;
}

function byId(table: OperationTable, callOf: (operation: Operation) => AnyCall): Calls<AnyCall> {
  const operations = Object.create(null) as Calls<AnyCall>;
  for (const operation of table.operations) {
    if (operation.operationId !== undefined) operations[operation.operationId] = callOf(operation);
  }
  return operations;
}

/** Many clients need neither map, and that of a large document has 20,000 functions. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

async function callOnce(
  calls: ServiceCalls,
  options: ClientOptions,
  operation: Operation,
  init: AnyInit = {},
): Promise<unknown> {
  const { params = {} } = init;
  const input = {
    urlParams: params.path,
    queryParams: { ...params.query, ...params.querystring },
    cookieParams: params.cookie,
    headers: mergeHeaders<unknown>(options.headers, params.header, init.headers),
    body: init.body,
    contentType: init.contentType ?? jsonTypeOf(operation, init.body),
    credentials: { ...options.credentials, ...init.credentials },
    url: options.url,
    serverVariables: options.serverVariables,
  };
  const response = await calls.call(operation, input, {
    timeoutMs: init.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxBytes: options.maxBytes,
    signal: signalOf(init.signal),
  });
  return resultOf(response);
}

/** Where a body may have several types and none is named it is JSON: the types ask for a name otherwise. */
function jsonTypeOf({ requestBody }: Operation, body: unknown): string | undefined {
  const content = requestBody?.content ?? [];
  if (content.length < 2 || isBytes(body) || (isRecord(body) && Object.hasOwn(body, '$file'))) return undefined;
  return content.find(({ contentType }) => isJson(contentType) && !isRange(contentType))?.contentType;
}

function resultOf(response: Response): unknown {
  const { status } = response;
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) {
    const lower = name.toLowerCase();
    headers[lower] = Object.hasOwn(headers, lower) ? `${headers[lower] ?? ''}, ${value}` : value;
  }
  const contentType = essence(headers['content-type'] ?? '');
  const data = dataOf(response, contentType);
  return status >= 200 && status < 300
    ? { ok: true, status, contentType, headers, data }
    : { ok: false, status, contentType, headers, error: data };
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
