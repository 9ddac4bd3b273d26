import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Permanent, messageOf } from '#core';
import type { OperationTable, Payload, Response } from '#core';
import type { ClientTable, ReadTable, RunCommand } from './client-types.js';
import { findOperation } from './find-operation.js';
import { HttpCaller } from './http/http-caller.js';
import { keepInMemory } from './http/receive.js';
import type { RequestInput } from './input.js';
import { buildRequest } from './request.js';
import { mergeHeaders } from './serialise/headers.js';
import { isJson, isText } from './serialise/media-type.js';
import { isGiven, isRecord } from './serialise/value.js';

const TIMEOUT_MS = 3_600_000;
const PASSED_ON: Payload = { blob: 'stdout', bytes: 0 };

/** Reads the table that lies beside a module of a generated client. */
export const readTable: ReadTable = (meta, file) => {
  const { url } = meta as ImportMeta;
  return JSON.parse(readFileSync(fileURLToPath(new URL(file, url)), 'utf8')) as ClientTable;
};

/** The command-line form of a generated client. */
export const runCommand: RunCommand = async (meta, file) => {
  const caller = new HttpCaller();
  try {
    const input = parseInput(await readAll(process.stdin));
    const response = await call(caller, readTable(meta, file) as OperationTable, input);
    if (response.status >= 400) fail(statusSentence(response.status), answerOf(response));
    else if ('inline' in response.body) process.stdout.write(response.body.inline);
  } catch (error) {
    fail(messageOf(error));
  } finally {
    await caller.close();
  }
};

interface CommandInput {
  readonly method: string;
  readonly endpoint: string;
  readonly request: RequestInput;
}

async function call(caller: HttpCaller, table: OperationTable, input: CommandInput): Promise<Response> {
  const request = buildRequest(table, findOperation(table, input.method, input.endpoint), input.request);
  return caller.call(request, {
    timeoutMs: TIMEOUT_MS,
    keepLarge: async (stream, { status }) => {
      if (status >= 400) return keepInMemory(stream);
      await pipeline(stream, process.stdout, { end: false });
      return PASSED_ON;
    },
  });
}

/**
 * Reads `{"spec": {headers, url}, "scheduler_process": {method, endpoint, query_params, url_params, headers, req_body}}`.
 * Null is the same as leaving out.
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
      url,
      serverVariables: recordOf(spec.server_variables, 'spec.server_variables') as Record<string, string> | undefined,
    },
  };
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
