import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { typecheck } from '#openapi';
import { startUpstream, tables } from '#testing';
import type { Upstream } from '#testing';
import { createClient } from './client.js';
import { runtimeFiles } from './folder/runtime-files.js';

const { media, operation, p, property, table } = tables;

/** In the shape that openapi-typescript prints. */
interface paths {
  '/users/{id}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: {
        query?: { verbose?: boolean; tags?: string[] };
        header?: { 'X-Trace'?: string };
        path: { id: number };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, unknown>; content: { 'application/json': { id: number; name: string } } };
        404: { headers: Record<string, unknown>; content: { 'application/json': { reason: 'gone' | 'never' } } };
        default: { headers: Record<string, unknown>; content: { 'application/json': { code: number } } };
      };
    };
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path: { id: number }; cookie: { session: string } };
      requestBody: {
        content: {
          'application/json': { name: string; age?: number };
          'multipart/form-data': { photo: string; note?: string };
        };
      };
      responses: { 201: { headers: Record<string, unknown>; content?: never } };
    };
    delete: {
      parameters: { query?: never; header?: never; path: { id: number }; cookie?: never };
      requestBody?: { content: { 'text/plain': string } };
      responses: { 204: { headers: Record<string, unknown>; content?: never } };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/status': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: Record<string, unknown>; content: { 'text/plain': string } };
        '5XX': { headers: Record<string, unknown>; content: { 'text/plain': string } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}

const sample = table([
  operation({
    path: '/users/{id}',
    parameters: [p('path', 'id'), p('query', 'tags'), p('query', 'verbose'), p('header', 'X-Trace')],
  }),
  operation({
    path: '/users/{id}',
    method: 'POST',
    parameters: [p('path', 'id'), p('cookie', 'session', { required: true })],
    requestBody: {
      required: true,
      content: [
        media('application/json'),
        media('multipart/form-data', { properties: { photo: property({ binary: true }) } }),
      ],
    },
  }),
  operation({ path: '/users/{id}', method: 'DELETE', parameters: [p('path', 'id')] }),
  operation({ path: '/status' }),
]);

describe('a client', () => {
  let upstream: Upstream;
  let tokens = 0;
  beforeAll(async () => {
    upstream = await startUpstream({
      '/users/5': (received, response) => {
        if (received.method === 'DELETE') response.writeHead(204).end();
        else if (received.method === 'POST') response.writeHead(201).end();
        else response.setHeader('Content-Type', 'application/json').end('{"id":5,"name":"ann"}');
      },
      '/users/6': (_, response) =>
        response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"reason":"gone"}'),
      '/token': (_, response) => {
        tokens += 1;
        const token = JSON.stringify({ access_token: `token-${tokens}`, token_type: 'bearer', expires_in: 3600 });
        response.setHeader('content-type', 'application/json').end(token);
      },
      '/oauth': (received, response) => {
        const isKnown = received.headers.some(([, value]) => value === 'Bearer token-2');
        response.writeHead(isKnown ? 200 : 401, { 'content-type': 'text/plain' }).end(isKnown ? 'let in' : 'no');
      },
      '/status': (_, response) =>
        response.setHeader('X-Two', ['a', 'b']).setHeader('content-type', 'text/plain').end('fine'),
    });
  });
  afterAll(() => upstream.close());

  test('gives data or error, by status', async () => {
    const client = createClient<paths>(sample, { url: upstream.url });
    const found = await client.get('/users/{id}', { params: { path: { id: 5 }, query: { tags: ['a', 'b'] } } });
    expect(found).toMatchObject({ ok: true, status: 200, data: { id: 5, name: 'ann' } });
    expect(upstream.requests.at(-1)?.url).toBe('/users/5?tags=a&tags=b');
    expect(await client.get('/users/{id}', { params: { path: { id: 6 } } })).toMatchObject({
      ok: false,
      status: 404,
      error: { reason: 'gone' },
    });
    expect(await client.delete('/users/{id}', { params: { path: { id: 5 } } })).toMatchObject({
      ok: true,
      status: 204,
      data: undefined,
    });
    expect(await client.request('get', '/status')).toMatchObject({ data: 'fine', headers: { 'x-two': 'a, b' } });
    await client.close();
  });

  test('sends headers of its own, of the call and of the parameters, cookies and files', async () => {
    const client = createClient<paths>(sample, { url: upstream.url, headers: { 'x-trace': 'client', 'x-key': 'k' } });
    const params = { path: { id: 5 }, header: { 'X-Trace': 'call' } };
    await client.get('/users/{id}', { params, headers: { 'X-More': 'm' } });
    expect(Object.fromEntries(upstream.requests.at(-1)?.headers ?? [])).toMatchObject({
      'X-Trace': 'call',
      'x-key': 'k',
      'X-More': 'm',
    });
    await client.post('/users/{id}', {
      params: { path: { id: 5 }, cookie: { session: 's' } },
      body: { photo: new Uint8Array([1, 2]), note: 'n' },
      contentType: 'multipart/form-data',
    });
    const received = upstream.requests.at(-1);
    expect(received?.body.includes(Buffer.from([13, 10, 1, 2, 13, 10]))).toBe(true);
    expect(received?.headers).toContainEqual(['Cookie', 'session=s']);
    await client.close();
  });

  test('calls operations by path first and by id, whatever these are called', async () => {
    const odd = table([
      operation({ path: '/status', operationId: '__proto__' }),
      operation({ path: '__proto__', template: '/status', operationId: 'constructor' }),
      operation({ path: '/copy', method: 'COPY' }),
    ]);
    interface Status {
      responses: { 200: { content: { 'text/plain': string } } };
    }
    interface OddPaths {
      '/status': { get: Status };
      __proto__: { get: Status };
      '/copy': { COPY: Status };
    }
    interface OddOperations {
      __proto__: Status;
      constructor: Status;
    }
    const client = createClient<OddPaths, OddOperations>(odd, { url: upstream.url });
    expect(Object.keys(client.operations)).toEqual(['__proto__', 'constructor']);
    const { __proto__: byName, constructor: byOtherName } = client.operations;
    const { '/status': status, __proto__: odder, '/copy': copy } = client.paths;
    for (const call of [status.get, odder.get, byName, byOtherName]) {
      expect(await call()).toMatchObject({ ok: true, contentType: 'text/plain', data: 'fine' });
    }
    await copy.COPY();
    await client.request('COPY', '/copy');
    expect(upstream.requests.slice(-2).map(({ method }) => method)).toEqual(['COPY', 'COPY']);
    expect('toString' in client.operations).toBe(false);
    await client.close();
  });

  test('sends JSON where several media types are declared and none is named', async () => {
    const several = table([
      operation({
        path: '/echo',
        method: 'POST',
        requestBody: {
          required: true,
          content: [media('application/x-www-form-urlencoded'), media('application/json; v=1'), media('image/png')],
        },
      }),
    ]);
    const client = createClient<Record<'/echo', { post: object }>>(several, { url: upstream.url });
    const sent = async (init: object) => {
      await client.post('/echo', init);
      const { headers, body } = upstream.requests.at(-1) ?? { headers: [], body: Buffer.alloc(0) };
      return [new Map(headers).get('Content-Type'), body.toString()];
    };
    expect(await sent({ body: { a: 1 } })).toEqual(['application/json; v=1', '{"a":1}']);
    const contentType = 'application/x-www-form-urlencoded';
    expect(await sent({ body: { a: 1 }, contentType })).toEqual([contentType, 'a=1']);
    expect(await sent({ body: new Uint8Array([65]) })).toEqual(['image/png', 'A']);
    await client.close();
  });

  test('proves itself by the credentials of the client, of the call, and by tokens that it fetches', async () => {
    const guarded = table(
      [
        operation({ path: '/key', security: [{ key: [] }] }),
        operation({ path: '/oauth', security: [{ oauth: ['read'] }] }),
      ],
      {
        securitySchemes: {
          key: { type: 'apiKey', in: 'query', name: 'k' },
          oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: [] } } },
        },
      },
    );
    const client = createClient<Record<'/key' | '/oauth', { get: object }>>(guarded, {
      url: upstream.url,
      credentials: { key: { value: 'mine' }, oauth: { clientId: 'id', clientSecret: 's' } },
    });
    await client.get('/key');
    expect(upstream.requests.at(-1)?.url).toBe('/key?k=mine');
    await client.get('/key', { credentials: { key: { value: 'other' } } });
    expect(upstream.requests.at(-1)?.url).toBe('/key?k=other');
    // The first token is refused, as one is that was revoked: another is fetched, once.
    expect(await client.get('/oauth')).toMatchObject({ ok: true, data: 'let in' });
    expect(await client.get('/oauth')).toMatchObject({ ok: true });
    expect(upstream.requests.filter(({ url }) => url === '/token')).toHaveLength(2);
    await client.close();
  });

  test('rejects what cannot be built, and a call that is ended', async () => {
    const client = createClient<paths>(sample, { url: upstream.url });
    await expect(client.get('/users/{id}', { params: { path: {} as { id: number } } })).rejects.toThrow(
      'id is required',
    );
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(client.get('/status', { signal: controller.signal })).rejects.toThrow('enough');
    await client.close();
  });
});

describe('its types', () => {
  const USAGE = `
import type { Client, CreateClient } from './runtime/runtime.js';
import type { paths } from './types.js';
declare const client: Client<paths>;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<T extends true>(): T | void {}

async function holds() {
  const user = await client.get('/users/{id}', { params: { path: { id: 5 }, query: { tags: ['a'], verbose: true }, header: { 'X-Trace': 't' } } });
  is<Equal<typeof user.ok, boolean>>();
  if (user.ok) {
    is<Equal<typeof user.data, { id: number; name: string }>>();
    is<Equal<typeof user.status, 200>>();
    is<Equal<typeof user.error, undefined>>();
  } else {
    is<Equal<typeof user.error, { reason: 'gone' | 'never' } | { code: number }>>();
    if (user.status === 404 && 'reason' in user.error) is<Equal<typeof user.error.reason, 'gone' | 'never'>>();
  }
  const created = await client.post('/users/{id}', { params: { path: { id: 5 }, cookie: { session: 's' } }, body: { name: 'n' } });
  if (created.ok) is<Equal<typeof created.data, undefined>>();
  else is<Equal<typeof created.error, unknown>>();
  await client.post('/users/{id}', {
    params: { path: { id: 5 }, cookie: { session: 's' } },
    body: { photo: { $file: { base64: 'AAAA', filename: 'a.png' } } },
    contentType: 'multipart/form-data',
  });
  await client.delete('/users/{id}', { params: { path: { id: 5 } } });
  await client.delete('/users/{id}', { params: { path: { id: 5 } }, body: 'why' });
  const status = await client.get('/status');
  if (status.ok) is<Equal<typeof status.data, string>>();
  else is<Equal<typeof status.error, string>>();
  await client.get('/status', { timeoutMs: 5 });
  const same = await client.request('get', '/users/{id}', { params: { path: { id: 5 } } });
  is<Equal<typeof same, typeof user>>();
  is<Equal<Parameters<typeof client.get>[0], '/users/{id}' | '/status'>>();
  is<Equal<Parameters<typeof client.post>[0], '/users/{id}'>>();
  is<Equal<Parameters<typeof client.put>[0], never>>();
}

async function fails() {
  // @ts-expect-error an unknown path
  await client.get('/user/{id}', { params: { path: { id: 5 } } });
  // @ts-expect-error a method that the path does not have
  await client.put('/users/{id}', { params: { path: { id: 5 } } });
  // @ts-expect-error params are needed
  await client.get('/users/{id}');
  // @ts-expect-error a path parameter is missing
  await client.get('/users/{id}', { params: { path: {} } });
  // @ts-expect-error of the wrong type
  await client.get('/users/{id}', { params: { path: { id: '5' } } });
  // @ts-expect-error an unknown query parameter
  await client.get('/users/{id}', { params: { path: { id: 5 }, query: { tag: 'a' } } });
  // @ts-expect-error no parameters of that place
  await client.get('/users/{id}', { params: { path: { id: 5 }, cookie: { session: 's' } } });
  // @ts-expect-error a required cookie is missing
  await client.post('/users/{id}', { params: { path: { id: 5 } }, body: { name: 'n' } });
  // @ts-expect-error the body is needed
  await client.post('/users/{id}', { params: { path: { id: 5 }, cookie: { session: 's' } } });
  // @ts-expect-error a body of the wrong type
  await client.post('/users/{id}', { params: { path: { id: 5 }, cookie: { session: 's' } }, body: { name: 5 } });
  // @ts-expect-error a body that is not of the named media type
  await client.post('/users/{id}', { params: { path: { id: 5 }, cookie: { session: 's' } }, body: { name: 'n' }, contentType: 'multipart/form-data' });
  // @ts-expect-error an undeclared media type
  await client.post('/users/{id}', { params: { path: { id: 5 }, cookie: { session: 's' } }, body: { name: 'n' }, contentType: 'text/csv' });
  // @ts-expect-error no body is declared
  await client.get('/status', { body: 'x' });
  // @ts-expect-error data only where ok
  (await client.get('/users/{id}', { params: { path: { id: 5 } } })).data.id;
  // @ts-expect-error an unknown option
  await client.get('/status', { timeout: 5 });
}
void [holds, fails];
`;

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../tools/runtime-bundle.mjs')]);
  }, 60_000);

  test('infer parameters, bodies and results, and refuse what the document does not have', async () => {
    const source = await readFile(import.meta.filename, 'utf8');
    const types = /^interface paths \{[^]*?^\}/m.exec(source)?.[0] ?? '';
    const files = { ...(await runtimeFiles()), 'types.ts': `export ${types}`, 'usage.ts': USAGE };
    expect(await typecheck(files)).toBeNull();
  });

  test('need nothing installed and know no any', async () => {
    const types = (await runtimeFiles())['runtime/runtime.d.ts'] ?? '';
    expect(types.replace(/\/\*[^]*?\*\//g, '')).not.toMatch(/^import|\bany\b|Buffer|NodeJS/m);
  });
});
