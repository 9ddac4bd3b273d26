import { InvalidInput } from '#core';
import type { CallRecord, DriftFault, Response, SchedulerProcess, StoredResponse } from '#core';
import type { Encryption, Place } from '#encryption';
import type { PayloadRef } from './payload-encoding.js';
import { joinPayload, openPayload, sealPayload, splitPayload } from './payload-encoding.js';
import { checkPlainTexts } from './plain-text.js';

/** What of a request may hold secrets. */
type Secrets = Pick<SchedulerProcess, 'headers' | 'queryParams' | 'urlParams' | 'cookieParams' | 'credentials'>;

/** What was asked for beside that: written once, read whole, searched only by method and endpoint. */
type Open = Pick<
  SchedulerProcess,
  | 'kind'
  | 'service'
  | 'method'
  | 'endpoint'
  | 'contentType'
  | 'runAt'
  | 'expiresAt'
  | 'priority'
  | 'key'
  | 'retry'
  | 'timeoutMs'
  | 'cache'
  | 'replayOf'
  | 'traceContext'
>;
type Request = Open & Secrets;

/** As it is stored. An older release has stored the secrets among the rest. */
type StoredRequest = Open &
  Partial<Secrets> & { readonly reqBody: PayloadRef | null; /** Encrypted. */ readonly secrets?: string };

/** What of a process `encodeRequest` takes. */
export type RequestOf = Request & Pick<SchedulerProcess, 'reqBody' | 'project' | 'traceId' | 'specTraceId'>;

/** Leaves room for the rest in the 16 MiB that MongoDB gives a document. */
const REQUEST_LIMIT_BYTES = 8 * 1024 * 1024;

/** Whose the values of a process are. */
export function processPlace({ project, traceId }: Pick<SchedulerProcess, 'project' | 'traceId'>): Place {
  return { project, kind: 'process', id: traceId };
}

/**
 * The request of a process as JSON text, and the bytes of its body if they are kept in the database; `bytes` is what
 * both take, wherever the body lies. Parameters, headers, credentials and body are encrypted.
 * @throws InvalidInput when its headers and parameters are longer than 8 MiB, or when its service, project or Spec has
 *   a name that no database keeps (`checkPlainTexts`).
 */
export function encodeRequest(
  process: RequestOf,
  encryption: Encryption,
): { request: string; body: Buffer | null; bytes: number } {
  const { kind, service, method, endpoint, headers, queryParams, urlParams, cookieParams } = process;
  const { contentType, credentials, runAt, expiresAt, priority, key, retry, timeoutMs, cache, replayOf } = process;
  const { traceContext } = process;
  checkPlainTexts({ service, project: process.project, "spec's trace id": process.specTraceId });
  const place = processPlace(process);
  const body = process.reqBody && sealPayload(encryption, place, 'body', process.reqBody);
  const secrets: Secrets = { headers, queryParams, urlParams, cookieParams, credentials };
  const request: StoredRequest = {
    ...{ kind, service, method, endpoint, contentType, runAt, expiresAt, priority, key, retry, timeoutMs, cache },
    ...{ replayOf, traceContext, reqBody: body?.ref ?? null },
    secrets: encryption.encryptText(place, 'request', JSON.stringify(secrets)),
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

/** What `decodeRequest` gives of what `encodeRequest` was given. */
export function requestOf(process: RequestOf): Request & Pick<SchedulerProcess, 'reqBody'> {
  const { kind, service, method, endpoint, headers, queryParams, urlParams, cookieParams, contentType } = process;
  const { credentials, runAt, expiresAt, priority, key, retry, timeoutMs, cache, replayOf, traceContext } = process;
  return {
    ...{ kind, service, method, endpoint, headers, queryParams, urlParams, cookieParams, contentType, credentials },
    ...{ runAt, expiresAt, priority, key, retry, timeoutMs, cache, replayOf, traceContext, reqBody: process.reqBody },
  };
}

/** The key of a process as it is searched by: JSON text, which every database keeps as it is. */
export function encodeKey(key: string | undefined): string | null {
  return key === undefined ? null : JSON.stringify(key);
}

/** The fields of a process that `encodeRequest` took in; `bodyOf` is asked for the body's bytes where there are any. */
export function decodeRequest(
  text: string,
  place: Place,
  encryption: Encryption,
  bodyOf: () => Buffer | null,
): Request & Pick<SchedulerProcess, 'reqBody'> {
  const { reqBody: ref, ...request } = JSON.parse(text) as StoredRequest;
  const reqBody = ref && openPayload(encryption, place, 'body', ref, ref.blob === undefined ? bodyOf() : null);
  return { ...withSecrets(request, place, encryption), reqBody };
}

/** The same fields without the body. */
export function decodeRequestHead(text: string, place: Place, encryption: Encryption): Request {
  const { reqBody: _, ...request } = JSON.parse(text) as StoredRequest;
  return withSecrets(request, place, encryption);
}

function withSecrets(stored: Omit<StoredRequest, 'reqBody'>, place: Place, encryption: Encryption): Request {
  const { secrets, ...request } = stored;
  if (secrets === undefined) {
    encryption.plain(place, 'request');
    return request as Request;
  }
  return { ...request, ...(JSON.parse(encryption.decryptText(place, 'request', secrets)) as Secrets) };
}

interface StoredHead {
  readonly status: number;
  readonly cache: StoredResponse['cache'];
  readonly body: PayloadRef;
  /** Encrypted headers, where the body lies elsewhere; else they are before its bytes. */
  readonly secrets?: string;
  /** As an older release has stored them. */
  readonly headers?: Response['headers'];
}

const LENGTH_BYTES = 4;

/** A response as JSON text, and the bytes of its body if they are kept in the database; `bytes` as `encodeRequest`. */
export function encodeResponse(
  response: StoredResponse,
  place: Place,
  encryption: Encryption,
): { head: string; content: Buffer | null; bytes: number } {
  const { status, cache, headers } = response;
  const { ref, content } = splitPayload(response.body);
  const text = Buffer.from(JSON.stringify(headers));
  // One ciphertext for both where it can be: each costs as much as a kilobyte.
  const sealed = content && encryption.encrypt(place, 'response', Buffer.concat([lengthOf(text), text, content]));
  const head: StoredHead = {
    ...{ status, cache },
    ...(sealed
      ? { body: { ...ref, sealed: true } }
      : { body: ref, secrets: encryption.encrypt(place, 'response', text).toString('base64') }),
  };
  const stored = JSON.stringify(head);
  // With the headers, which are among what is sealed.
  return { head: stored, content: sealed, bytes: Buffer.byteLength(stored) + (sealed?.length ?? ref.bytes) };
}

/** The response that `encodeResponse` took apart. @throws Error when it needs bytes and `content` is null. */
export function decodeResponse(
  head: string,
  content: Buffer | null,
  place: Place,
  encryption: Encryption,
): StoredResponse {
  const { status, cache, body, secrets, headers } = JSON.parse(head) as StoredHead;
  if (headers) {
    encryption.plain(place, 'response');
    return { status, headers, cache, body: joinPayload(body, content) };
  }
  if (secrets !== undefined) {
    const text = encryption.decryptText(place, 'response', secrets);
    return { status, headers: JSON.parse(text) as Response['headers'], cache, body: joinPayload(body, null) };
  }
  if (content === null) throw new Error(`Expected ${body.bytes} bytes beside their reference, got none.`);
  const plain = encryption.decrypt(place, 'response', content);
  const bodyAt = LENGTH_BYTES + plain.readUInt32BE(0);
  const text = plain.toString('utf8', LENGTH_BYTES, bodyAt);
  const inline = plain.subarray(bodyAt);
  return { status, headers: JSON.parse(text) as Response['headers'], cache, body: { inline, bytes: body.bytes } };
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32BE(bytes.length);
  return length;
}

type StoredCall = Omit<CallRecord, 'response'> & {
  readonly response?: { readonly status: number; readonly headers?: Response['headers']; readonly bytes: number };
};
/** The headers of all calls stand encrypted in the first. */
type FirstCall = StoredCall & { readonly secrets?: string };

/** The calls of a process as JSON text: a list as long as they are many, what was answered to them encrypted. */
export function encodeCalls(calls: readonly CallRecord[], place: Place, encryption: Encryption): string {
  const headers = calls.map(({ response }) => response?.headers ?? null);
  if (headers.every((each) => each === null)) return JSON.stringify(calls);
  const secrets = encryption.encryptText(place, 'calls', JSON.stringify(headers));
  return JSON.stringify(
    calls.map(({ response, ...call }, index): FirstCall => {
      const stored = response && { response: { status: response.status, bytes: response.bytes } };
      return { ...call, ...stored, ...(index === 0 && { secrets }) };
    }),
  );
}

/** How an answer differs from the document: names that the answer's body has stand in it. */
export function encodeDrift(faults: readonly DriftFault[], place: Place, encryption: Encryption): string {
  return encryption.encryptText(place, 'drift', JSON.stringify(faults));
}

/** What `encodeDrift` was given, or an older release has stored plain. */
export function decodeDrift(text: string, place: Place, encryption: Encryption): DriftFault[] {
  return encryption.decryptJson(place, 'drift', text) as DriftFault[];
}

/** The calls that `encodeCalls` was given. */
export function decodeCalls(text: string, place: Place, encryption: Encryption): CallRecord[] {
  const [first, ...others] = JSON.parse(text) as FirstCall[];
  if (!first) return [];
  const { secrets, ...call } = first;
  const calls: StoredCall[] = [call, ...others];
  if (secrets === undefined) {
    if (calls.some(({ response }) => response)) encryption.plain(place, 'calls');
    return calls as CallRecord[];
  }
  const headers = JSON.parse(encryption.decryptText(place, 'calls', secrets)) as (Response['headers'] | null)[];
  return calls.map(({ response, ...rest }, index) => ({
    ...rest,
    ...(response && { response: { status: response.status, headers: headers[index] ?? [], bytes: response.bytes } }),
  }));
}
