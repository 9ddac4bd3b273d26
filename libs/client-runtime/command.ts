import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Permanent, messageOf } from '#core';
import type { Credential, Credentials, OperationTable, Payload, Response } from '#core';
import type { ClientTable, ReadTable, RunCommand } from './client-types.js';
import { findOperation } from './find-operation.js';
import { keepInMemory } from './http/receive.js';
import type { PlanInput } from './oauth/plan-tokens.js';
import { mergeHeaders } from './serialise/headers.js';
import { isJson, isText } from './serialise/media-type.js';
import { isGiven, isRecord } from './serialise/value.js';
import { ServiceCalls } from './service-calls.js';

const TIMEOUT_MS = 3_600_000;
const PASSED_ON: Payload = { blob: 'stdout', bytes: 0 };

/** Reads the table of a generated client. */
export const readTable: ReadTable = (meta, file) =>
  JSON.parse(readFileSync(new URL(file, (meta as ImportMeta).url), 'utf8')) as ClientTable;

/** The command-line form of a generated client. */
export const runCommand: RunCommand = async (meta, file) => {
  const calls = new ServiceCalls(readTable(meta, file) as OperationTable);
  try {
    const response = await call(calls, parseInput(await readAll(process.stdin)));
    if (response.status >= 400) fail(statusSentence(response.status), answerOf(response));
    else if ('inline' in response.body) process.stdout.write(response.body.inline);
  } catch (error) {
    fail(messageOf(error));
  } finally {
    await calls.close();
  }
};

interface CommandInput {
  readonly method: string;
  readonly endpoint: string;
  readonly request: PlanInput;
}

async function call(calls: ServiceCalls, { method, endpoint, request }: CommandInput): Promise<Response> {
  return calls.call(findOperation(calls.table, method, endpoint), request, {
    timeoutMs: TIMEOUT_MS,
    keepLarge: async (stream, { status }) => {
      if (status >= 400) return keepInMemory(stream);
      await pipeline(stream, process.stdout, { end: false });
      return PASSED_ON;
    },
  });
}

/**
 * Reads `{"spec": {headers, url, server_variables, credentials}, "scheduler_process": {method, endpoint, query_params,
 * url_params, cookie_params, headers, credentials, content_type, req_body}}`, as the REST contract has them. Null is the same as leaving out.
 */
function parseInput(text: string): CommandInput {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (cause) {
    throw new Permanent('INPUT_NOT_JSON', 'Expected JSON on standard input.', { cause });
  }
  const root = recordOf(input, 'the input') ?? {};
  const spec = recordOf(root.spec, 'spec') ?? {};
  const wanted = recordOf(root.scheduler_process, 'scheduler_process') ?? {};
  const url = spec.url === '' ? undefined : textOf(spec.url, 'spec.url');
  return {
    method: textOf(wanted.method, 'scheduler_process.method') ?? missing('scheduler_process.method'),
    endpoint: textOf(wanted.endpoint, 'scheduler_process.endpoint') ?? missing('scheduler_process.endpoint'),
    request: {
      headers: mergeHeaders(
        recordOf(spec.headers, 'spec.headers'),
        recordOf(wanted.headers, 'scheduler_process.headers'),
      ),
      queryParams: recordOf(wanted.query_params, 'scheduler_process.query_params'),
      urlParams: recordOf(wanted.url_params, 'scheduler_process.url_params'),
      cookieParams: recordOf(wanted.cookie_params, 'scheduler_process.cookie_params'),
      // The contract writes null where there is none.
      body: wanted.req_body ?? undefined,
      contentType: textOf(wanted.content_type, 'scheduler_process.content_type'),
      credentials: {
        ...credentialsOf(spec.credentials, 'spec.credentials'),
        ...credentialsOf(wanted.credentials, 'scheduler_process.credentials'),
      },
      url,
      serverVariables: recordOf(spec.server_variables, 'spec.server_variables') as Record<string, string> | undefined,
    },
  };
}

function credentialsOf(value: unknown, place: string): Credentials {
  const entries = Object.entries(recordOf(value, place) ?? {});
  return Object.fromEntries(entries.map(([name, given]) => [name, credentialOf(given, `${place}.${name}`)]));
}

/** As the contract writes it: the runtime's own words where they differ. */
function credentialOf(value: unknown, place: string): Credential {
  const given = recordOf(value, place) ?? {};
  const text = (name: string) => textOf(given[name], `${place}.${name}`) ?? missing(`${place}.${name}`);
  if (isGiven(given.client_id)) {
    return {
      clientId: text('client_id'),
      clientSecret: text('client_secret'),
      ...(Array.isArray(given.scopes) ? { scopes: given.scopes.map(String) } : {}),
      ...(isGiven(given.refresh_token) ? { refreshToken: text('refresh_token') } : {}),
    };
  }
  if (isGiven(given.token)) return { token: text('token') };
  if (isGiven(given.certificate)) {
    return {
      certificate: text('certificate'),
      privateKey: text('private_key'),
      ...(isGiven(given.passphrase) ? { passphrase: text('passphrase') } : {}),
    };
  }
  return isGiven(given.username)
    ? { username: text('username'), password: text('password') }
    : { value: text('value') };
}

function recordOf(value: unknown, place: string): Record<string, unknown> | undefined {
  if (!isGiven(value)) return undefined;
  if (isRecord(value)) return value;
  throw new Permanent('INPUT_MALFORMED', `Expected ${place} to be an object.`);
}

function textOf(value: unknown, place: string): string | undefined {
  if (!isGiven(value) || typeof value === 'string') return value ?? undefined;
  throw new Permanent('INPUT_MALFORMED', `Expected ${place} to be a text.`);
}

function missing(place: string): never {
  throw new Permanent('INPUT_MALFORMED', `Expected ${place}, got nothing.`);
}

function statusSentence(status: number): string {
  const reason = STATUS_CODES[status];
  return reason === undefined ? String(status) : `${status} ${reason}`;
}

/** The answer as JSON can hold it: JSON as JSON, text as text, else base64. */
function answerOf({ status, headers, body }: Response): unknown {
  const bytes = 'inline' in body ? body.inline : Buffer.alloc(0);
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'text/plain';
  return { status, headers: Object.fromEntries(headers), body: bodyOf(bytes, contentType) };
}

function bodyOf(bytes: Buffer, contentType: string): unknown {
  const text = bytes.toString('utf8');
  if (isJson(contentType)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  return isText(contentType) ? text : { base64: bytes.toString('base64') };
}

function fail(reason: string, response?: unknown): void {
  const message = `Error executing API call: API call failed: ${reason}`;
  process.stdout.write(`${JSON.stringify({ error: true, message, response })}\n`);
  process.exitCode = 1;
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
