import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesystemBlobStore, MemoryResponseCache, openSqliteStores } from '#adapters';
import type { SqliteStores } from '#adapters';
import { EgressGuard, HttpCaller } from '#client-runtime';
import { inlinePayload } from '#core';
import type { Credentials, ProcessOutcome, SchedulerProcess, Spec } from '#core';
import { FakeClock, startUpstream, tables } from '#testing';
import type { ReceivedRequest, Upstream } from '#testing';
import { CallOperation } from './call-operation.js';
import { ClientSource } from './client-source.js';
import { PayloadStore } from './payload-store.js';

const TRACE_ID = 'aaaaaaaaaaaaaaaa';
const CLIENT = { clientId: 'me', clientSecret: 's3cr3t' };

let folder: string;
let stores: SqliteStores;
let service: Upstream;
let clock: FakeClock;
let caller: HttpCaller;
let blobs: FilesystemBlobStore;
let call: CallOperation;
/** Tokens that the service takes. */
let valid: Set<string>;
let issued: number;
let largeRefusal: boolean;
let largeAnswer: boolean;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-'));
  clock = new FakeClock();
  stores = await openSqliteStores({ folder, clock });
  caller = new HttpCaller();
  blobs = new FilesystemBlobStore({ folder: join(folder, 'blobs') });
  valid = new Set(['hand']);
  issued = 0;
  largeRefusal = false;
  largeAnswer = false;
  service = await startUpstream({
    '/token': (_, response) => {
      const token = `token-${(issued += 1)}`;
      valid.add(token);
      response.end(JSON.stringify({ access_token: token, expires_in: 600 }));
    },
    '/no-token': (_, response) => response.writeHead(400).end('{"error":"invalid_scope"}'),
    '/made': (_, response) => response.writeHead(303, { location: '/result' }).end(),
    '/result': (_, response) => response.writeHead(401).end(),
    '*': (received, response) => {
      const ok = valid.has(bearerOf(received));
      response.writeHead(ok ? 200 : 401, { 'content-type': 'text/plain' });
      if (ok) response.end(largeAnswer ? Buffer.alloc(100_000, 'y') : bearerOf(received));
      else response.end(Buffer.alloc(largeRefusal ? 100_000 : 2, 'x'));
    },
  });
  call = operationOf(caller);
  await saveTable();
});
afterEach(async () => {
  await caller.close();
  await service.close();
  await stores.close();
  await rm(folder, { recursive: true });
});

function operationOf(by: HttpCaller): CallOperation {
  const payloads = new PayloadStore(blobs);
  const clients = new ClientSource(stores.specs, payloads);
  const cache = new MemoryResponseCache({ clock, maxBytes: 1_000_000 });
  return new CallOperation(clients, by, cache, stores.keys, payloads, blobs, clock, {
    cacheTtlSeconds: 60,
    defaultTimeoutMs: 10_000,
    responseMaxBytes: 1_000_000,
  });
}

function bearerOf({ headers }: ReceivedRequest): string {
  const value = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? '';
  return value.replace(/^Bearer /, '');
}

async function saveTable(): Promise<void> {
  const oauth = (tokenUrl: string) =>
    ({ type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes: [] } } }) as const;
  const secured = [{ oauth: [] }, { bad: [] }];
  const requestBody = { required: false, content: [tables.media('application/octet-stream'), tables.media('*/*')] };
  const table = tables.table(
    [
      tables.operation({ path: '/a', security: secured }),
      tables.operation({ path: '/a', method: 'POST', security: secured }),
      tables.operation({ path: '/made', method: 'POST', security: secured }),
      tables.operation({ path: '/upload', method: 'POST', security: [], requestBody }),
    ],
    { servers: [{ url: service.url }], securitySchemes: { oauth: oauth('/token'), bad: oauth('/no-token') } },
  );
  const empty = inlinePayload('');
  const parts = { yaml: empty, types: empty, summary: empty, schemas: empty };
  await stores.specs.saveClient({
    ...parts,
    specTraceId: TRACE_ID,
    project: 'default',
    version: 1,
    table: inlinePayload(JSON.stringify(table)),
    createdAt: clock.now(),
  });
}

function spec(credentials?: Credentials): Spec {
  return {
    traceId: TRACE_ID,
    project: 'default',
    name: 'service',
    headers: {},
    credentials,
    document: inlinePayload('{}'),
    documentHash: '0'.repeat(64),
    version: 1,
    servingVersion: 1,
    revision: 1,
    status: 'SUCCESS',
    steps: [],
    createdAt: 0,
    updatedAt: 0,
    attempt: 1,
  };
}

function process(changes: Partial<SchedulerProcess> = {}): SchedulerProcess {
  return {
    traceId: 'bbbbbbbbbbbbbbbb',
    project: 'default',
    kind: 'call',
    specTraceId: TRACE_ID,
    service: 'service',
    method: 'GET',
    endpoint: '/a',
    headers: null,
    queryParams: null,
    urlParams: null,
    reqBody: null,
    status: 'IN_PROGRESS',
    steps: [],
    createdAt: 0,
    updatedAt: 0,
    dueAt: 0,
    attempt: 1,
    ...changes,
  };
}

const POST = { method: 'POST' };

async function run(
  changes: Partial<SchedulerProcess>,
  credentials: Credentials = { oauth: CLIENT },
): Promise<ProcessOutcome> {
  const { signal } = new AbortController();
  return (await call.execute(process(changes), spec(credentials), 1, { signal })).outcome;
}

function textOf({ response }: ProcessOutcome): string {
  return response && 'inline' in response.body ? response.body.inline.toString() : '';
}

const sentTo = (path: string) => service.requests.filter(({ url }) => url === path).length;

describe('a call with a client’s credentials', () => {
  test('fetches a token and sends it, and the next one keeps it', async () => {
    expect(textOf(await run(POST))).toBe('token-1');
    expect(textOf(await run(POST))).toBe('token-1');
    expect(sentTo('/token')).toBe(1);
  });

  test('that is refused fetches another token and is sent once more, whatever its method', async () => {
    await run(POST);
    valid.clear();
    const outcome = await run(POST);
    expect([outcome.status, textOf(outcome)]).toEqual(['SUCCESS', 'token-2']);
    expect([sentTo('/token'), sentTo('/a')]).toEqual([2, 3]);
  });

  test('that is refused beside a hundred others fetches one token for all of them', async () => {
    await run(POST);
    valid.clear();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => run(POST)));
    expect(new Set(outcomes.map(textOf))).toEqual(new Set(['token-2']));
    expect(sentTo('/token')).toBe(2);
  });

  test('that was made and then refused a look at its result is not made again', async () => {
    expect(await run({ ...POST, endpoint: '/made' })).toMatchObject({ status: 'ERROR', response: { status: 401 } });
    expect(sentTo('/made')).toBe(1);
  });

  test('that is refused twice ends with that answer', async () => {
    largeRefusal = true;
    valid = Object.assign(new Set<string>(), { add: () => valid });
    const outcome = await run(POST);
    expect(outcome).toMatchObject({ status: 'ERROR', error: expect.stringContaining('401 Unauthorized') });
    expect(outcome.response?.body.bytes).toBe(100_000);
    expect([sentTo('/token'), sentTo('/a')]).toEqual([2, 2]);
  });

  test('that is refused at length and then answered leaves no blob behind', async () => {
    await run(POST);
    valid.clear();
    largeRefusal = true;
    expect((await run(POST)).status).toBe('SUCCESS');
    expect(await blobs.open('responses/bbbbbbbbbbbbbbbb/1')).toBeNull();
  });

  test('whose token cannot be had ends in one sentence', async () => {
    expect(await run(POST, { bad: CLIENT })).toMatchObject({
      status: 'ERROR',
      error: `Error executing API call: API call failed: No token: POST ${service.url}/no-token answered 400 (invalid_scope)`,
    });
  });
});

test('a token given by hand that is refused is just refused', async () => {
  const outcome = await run(POST, { oauth: { token: 'gone' } });
  expect(outcome.status).toBe('ERROR');
  expect([sentTo('/token'), sentTo('/a')]).toEqual([0, 1]);
  expect(textOf(await run({ ...POST, headers: { Authorization: 'Bearer hand' } }))).toBe('hand');
  expect(sentTo('/token')).toBe(0);
});

test('a call on a version that was let go since it began ends in one sentence', async () => {
  const { signal } = new AbortController();
  const later = { ...spec(), version: 3, servingVersion: 3 };
  const { outcome } = await call.execute(process(), later, 2, { signal });
  expect(outcome).toMatchObject({ status: 'ERROR', error: expect.stringContaining('version 2 of the document') });
  await expect(call.execute(process(), later, 3, { signal })).rejects.toThrow('Expected a client of version 3');
});

test('the process’s credentials go before those of its Spec', async () => {
  expect(textOf(await run({ ...POST, credentials: { oauth: { token: 'hand' } } }))).toBe('hand');
});

describe('the cache', () => {
  test('is shared by equal calls of one client, whatever its token', async () => {
    const first = await run({});
    await clock.advance(1_000);
    expect(first.response?.cache).toBe('MISS');
    const second = await run({ traceId: 'cccccccccccccccc' });
    expect([second.response?.cache, textOf(second)]).toEqual(['HIT', 'token-1']);
    expect(sentTo('/a')).toBe(1);
  });

  test('gives a large answer to each process as its own, and forgets it with the blob', async () => {
    largeAnswer = true;
    await run({ traceId: 'aaaaaaaaaaaaaaaa' });
    const [first, second, third] = ['aaaaaaaaaaaaaaaa', 'cccccccccccccccc', 'dddddddddddddddd'].map(
      (traceId) => `responses/${traceId}/1`,
    );
    const hit = await run({ traceId: 'cccccccccccccccc' });
    expect(hit.response).toMatchObject({ cache: 'HIT', body: { blob: second, bytes: 100_000 } });
    await blobs.remove(first!);
    expect((await blobs.open(second!))?.bytes).toBe(100_000);
    const miss = await run({ traceId: 'dddddddddddddddd' });
    expect(miss.response).toMatchObject({ cache: 'MISS', body: { blob: third } });
  });

  test('is not shared with another client', async () => {
    await run({});
    const other = await run({}, { oauth: { ...CLIENT, clientSecret: 'other' } });
    expect(other.response?.cache).toBe('MISS');
    expect((await run({}, { oauth: { token: 'hand' } })).response?.cache).toBe('MISS');
  });
});

describe('a trace', () => {
  const traced = (digit: string) => ({
    traceContext: { traceparent: `00-${digit.repeat(32)}-${digit.repeat(16)}-01`, tracestate: `t=${digit}` },
  });
  const sent = (name: string) =>
    service.requests
      .filter(({ url }) => url === '/a')
      .map(({ headers }) => headers.find(([header]) => header.toLowerCase() === name)?.[1]);

  test('goes out with the call', async () => {
    await run({ ...POST, ...traced('1') });
    await run(POST);
    expect(sent('traceparent')).toEqual([`00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`, undefined]);
    expect(sent('tracestate')).toEqual(['t=1', undefined]);
  });

  test('gives way to headers by hand', async () => {
    await run({ ...POST, ...traced('1'), headers: { TraceParent: 'mine' } });
    await run({ ...POST, ...traced('1'), headers: { tracestate: 'own=1' } });
    expect(sent('traceparent')).toEqual(['mine', traced('1').traceContext.traceparent]);
    expect(sent('tracestate')).toEqual([undefined, 'own=1']);
  });

  test('is nothing to the cache', async () => {
    expect((await run(traced('1'))).response?.cache).toBe('MISS');
    expect((await run(traced('2'))).response?.cache).toBe('HIT');
    expect((await run({})).response?.cache).toBe('HIT');
    expect(sent('traceparent')).toHaveLength(1);
  });

  test('is nothing to equal calls under way', async () => {
    const outcomes = await Promise.all(['1', '2', '3'].map((digit) => run(traced(digit))));
    expect(outcomes.map(({ response }) => response?.cache).sort()).toEqual(['HIT', 'HIT', 'MISS']);
    expect(sent('traceparent')).toHaveLength(1);
  });
});

describe('an uploaded blob', () => {
  const upload = (blob: string) =>
    run({ ...POST, endpoint: '/upload', reqBody: inlinePayload(JSON.stringify({ $file: { blob } })) }, {});

  test('is sent as the body that names it', async () => {
    const name = `uploads/${'a'.repeat(32)}`;
    await blobs.put(name, Buffer.from([0, 255, 1]));
    await upload(name);
    expect(service.requests.at(-1)?.body).toEqual(Buffer.from([0, 255, 1]));
  });

  test.each([`uploads/${'b'.repeat(32)}`, 'responses/x/1', '../x', 'uploads/../responses/x/1'])(
    'that is not there, or is no upload, is told: %s',
    async (name) => {
      await blobs.put('responses/x/1', Buffer.from('secret'));
      const { status, ...rest } = await upload(name);
      expect(status).toBe('ERROR');
      expect('error' in rest && rest.error).toContain('uploaded blob');
      expect(service.requests).toHaveLength(0);
    },
  );
});

test('a call to where nobody may call ends in ERROR at once, and nothing of it has left', async () => {
  const guarded = new HttpCaller({ guard: new EgressGuard({ clock, allowPrivate: false }) });
  const { signal } = new AbortController();
  const called = await operationOf(guarded).execute(process({ ...POST, endpoint: '/upload' }), spec(), 1, { signal });
  expect(called).toMatchObject({
    outcome: {
      status: 'ERROR',
      error: `Error executing API call: API call failed: POST ${service.url}/upload: 127.0.0.1 is not called: it is a loopback address, and EGRESS_PRIVATE and EGRESS_ALLOW allow none such`,
    },
    failure: { reason: null, mayHaveActed: false },
  });
  expect(service.connections).toBe(0);
  await guarded.close();
});
