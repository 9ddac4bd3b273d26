import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { loadConfig } from '#config';
import { clientAddressOf, Logger, registerRequestLog } from '#observability';
import { eventually, FakeClock } from '#testing';
import type { RunningApp } from '../http/http-server.js';
import { edgeOf } from '../http/edge.js';
import { readTls } from '../http/tls-files.js';
import type { TlsFiles } from '../http/tls-files.js';
import { ONE, TWO } from '../http/tls.test-kit.js';
import { startApidoc } from './start.js';

const clock = new FakeClock();
const logged: string[] = [];
const opened: { close: () => unknown }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

test('the ping answers pong', async () => {
  const { address } = await apidoc('http://127.0.0.1:1');
  const response = await fetch(`${address}/v1/apidoc/ping`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ message: 'pong' });
});

test.each(['', '/'])('the page is there without credentials at /v1/apidoc/swagger%s', async (end) => {
  const { address } = await apidoc('http://127.0.0.1:1');
  const response = await fetch(`${address}/v1/apidoc/swagger${end}`, { redirect: 'error' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
});

test('all that the page names is served from here, and the rest of the package is not', async () => {
  const { address } = await apidoc('http://127.0.0.1:1');
  const page = await (await fetch(`${address}/v1/apidoc/swagger`)).text();
  const named = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
  expect(named).toHaveLength(4);
  for (const url of named) {
    expect(url).toMatch(/^\/v1\/apidoc\/swagger\//);
    expect((await fetch(address + url)).status).toBe(200);
  }
  for (const name of ['package.json', 'index.html', 'swagger-ui.js', '../../package.json', '%2e%2e/package.json']) {
    expect((await fetch(`${address}/v1/apidoc/swagger/${name}`)).status).toBe(404);
  }
});

test('the document is served as JSON, and again only when it has changed', async () => {
  const { address } = await apidoc('http://127.0.0.1:1');
  const first = await fetch(`${address}/v1/apidoc/swagger/openapi.json`);
  expect(first.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await first.json()).toMatchObject({ openapi: '3.0.3', info: { title: 'Callboard' } });
  const etag = first.headers.get('etag') ?? '';
  const second = await fetch(`${address}/v1/apidoc/swagger/openapi.json`, { headers: { 'if-none-match': etag } });
  expect(second.status).toBe(304);
});

test('an unknown address is a 404 in our own words', async () => {
  const { address } = await apidoc('http://127.0.0.1:1');
  const response = await fetch(`${address}/v1/elsewhere`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: true });
  expect(response.headers.get('x-trace-id')).toMatch(/^[A-Za-z0-9]{16}$/);
});

test('a call goes to the API as it came: method, address, credentials and bytes', async () => {
  const calls: { method: string; url: string; headers: IncomingMessage['headers']; body: Buffer }[] = [];
  const api = await standIn(async (request, response) => {
    const { method = '', url = '', headers } = request;
    calls.push({ method, url, headers, body: await buffer(request) });
    response.writeHead(204).end();
  });
  const { address } = await apidoc(`${api}/prefix`);
  const body = Buffer.from('{ "name" : "Ärger" }');
  const headers = { authorization: 'Basic YWRtaW46YWRtaW4xMjM=', 'content-type': 'application/json' };
  await fetch(`${address}/v1/api/spec/a%2Fb?spec=true&x=%20&x=+`, { method: 'PUT', headers, body });
  const forged = { 'x-real-ip': '9.9.9.9', 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https' };
  await fetch(`${address}/v1/api`, { method: 'DELETE', headers: forged });

  expect(calls[0]).toMatchObject({
    method: 'PUT',
    url: '/prefix/v1/api/spec/a%2Fb?spec=true&x=%20&x=+',
    headers: { ...headers, host: new URL(api).host, 'x-real-ip': '127.0.0.1', 'content-length': String(body.length) },
  });
  expect(calls[0]?.body).toEqual(body);
  const told = { 'x-real-ip': '127.0.0.1', 'x-forwarded-for': '127.0.0.1' };
  expect(calls[1]).toMatchObject({ method: 'DELETE', url: '/prefix/v1/api', headers: told });
  expect(calls[1]?.headers).not.toHaveProperty('x-forwarded-proto');
});

test('a call that was passed on is logged, and leads to the log of the API', async () => {
  const api = await standIn(async (request, response) => {
    await buffer(request);
    response.writeHead(200, { 'x-trace-id': 'AAAABBBBCCCCDDDD' }).end('{}');
  });
  const { address } = await apidoc(api);
  logged.length = 0;
  await fetch(`${address}/v1/api/spec`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  const line = await eventually('a line of log', () => logged[0]);
  expect(line).toContain('handler="POST /v1/api/*"');
  expect(line).toContain('remote_ip=127.0.0.1');
  expect(line).toContain('AAAABBBBCCCCDDDD');
});

test("the API's answer comes back as it is: status, headers, trace id and bytes", async () => {
  const bytes = Buffer.from([0, 255, 128, 10]);
  const api = await standIn((_request, response) => {
    response.writeHead(401, {
      'content-type': 'image/png',
      'content-security-policy': 'sandbox',
      'www-authenticate': 'Basic realm="Callboard"',
      'x-trace-id': 'AAAABBBBCCCCDDDD',
      'x-total-count': '7',
    });
    response.end(bytes);
  });
  const { address } = await apidoc(api);
  const response = await fetch(`${address}/v1/api/spec/0/100`);
  expect(response.status).toBe(401);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-security-policy': 'sandbox',
    'www-authenticate': 'Basic realm="Callboard"',
    'x-trace-id': 'AAAABBBBCCCCDDDD',
    'x-total-count': '7',
  });
  expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
});

test('an answer streams: its first bytes arrive before its last are sent', async () => {
  let finish = (): void => undefined;
  const api = await standIn((_request, response) => {
    response.write('first');
    finish = () => response.end(' last');
  });
  const { address } = await apidoc(api);
  const reader = (await fetch(`${address}/v1/api/x`)).body!.getReader();
  expect(Buffer.from((await reader.read()).value).toString()).toBe('first');
  finish();
  expect(Buffer.from((await reader.read()).value).toString()).toBe(' last');
});

test('a large body streams through, whatever its type', async () => {
  const api = await standIn(async (request, response) => {
    response.end(String((await buffer(request)).length));
  });
  const { address } = await apidoc(api);
  for (const type of ['application/json', 'text/plain', 'application/octet-stream']) {
    const body = Buffer.alloc(5_000_000, 0x20);
    const sent = await fetch(`${address}/v1/api/x`, { method: 'POST', body, headers: { 'content-type': type } });
    expect(await sent.text()).toBe('5000000');
  }
});

test('a body that the API refuses half-way ends in its refusal', async () => {
  const api = await standIn((_request, response) => {
    response.writeHead(413).end('{"error":true,"message":"too large"}');
  });
  const { address } = await apidoc(api);
  const response = await fetch(`${address}/v1/api/x`, { method: 'POST', body: Buffer.alloc(2_000_000) });
  expect(response.status).toBe(413);
});

test('a 503 of the API is passed on at once, not tried again', async () => {
  let calls = 0;
  const api = await standIn((_request, response) => {
    calls += 1;
    response.writeHead(503, { 'retry-after': '2' }).end('{"error":true,"message":"MongoDB does not answer."}');
  });
  const { address } = await apidoc(api);
  const response = await fetch(`${address}/v1/api/spec/0/1`);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(calls).toBe(1);
});

test('headers that end at a server are not passed on', async () => {
  let seen: IncomingMessage['headers'] = {};
  const api = await standIn((request, response) => {
    seen = request.headers;
    response.end('ok');
  });
  const { address } = await apidoc(api);
  const answer = await raw(address, [
    'POST /v1/api/x HTTP/1.1',
    'Host: here',
    'Connection: close, X-Mine',
    'X-Mine: 1',
    'Expect: 100-continue',
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'Content-Length: 2',
    '',
    '{}',
  ]);
  expect(answer).toContain('200 OK');
  expect(seen).toMatchObject({ 'content-length': '2' });
  for (const name of ['x-mine', 'expect', 'keep-alive', 'te']) expect(seen).not.toHaveProperty(name);
});

test('a GET with a body is passed on without it', async () => {
  const api = await standIn((request, response) => {
    response.end(JSON.stringify(request.headers));
  });
  const { address } = await apidoc(api);
  const answer = await raw(address, [
    'GET /v1/api/x HTTP/1.1',
    'Host: h',
    'Connection: close',
    'Content-Length: 2',
    '',
    '{}',
  ]);
  expect(answer).toContain('200 OK');
  expect(answer).not.toContain('"content-length"');
});

describe('framing', () => {
  const SMUGGLED = 'GET /v1/api/smuggled HTTP/1.1\r\nHost: h\r\n\r\n';
  const LENGTH = `Content-Length: ${SMUGGLED.length}`;
  const BODIES = {
    'a length': [LENGTH],
    'a length and a type': [LENGTH, 'Content-Type: application/json'],
    'a length and a type of anything': [LENGTH, 'Content-Type: a/b'],
    'a length that ends at the first server': [LENGTH, 'Connection: Content-Length'],
    chunks: ['Transfer-Encoding: chunked'],
    'no body': ['Content-Length: 0'],
    nothing: [],
  };
  interface Seen {
    readonly line: string;
    readonly length: string | undefined;
    readonly bytes: number;
  }

  async function passedOn(
    method: string,
    headers: readonly string[],
  ): Promise<readonly [answer: string, seen: Seen[]]> {
    const seen: Seen[] = [];
    const api = await standIn(async (request, response) => {
      const { length } = await buffer(request);
      seen.push({ line: `${request.method} ${request.url}`, length: request.headers['content-length'], bytes: length });
      response.end();
    });
    const { address } = await apidoc(api);
    const isChunked = headers.some((header) => header.includes('chunked'));
    const chunks = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
    const body = isChunked ? chunks : headers.includes(LENGTH) ? SMUGGLED : '';
    const line = `${method} /v1/api/x HTTP/1.1`;
    return [await raw(address, [line, 'Host: h', 'Connection: close', ...headers, '', body]), seen];
  }

  test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT'])(
    '%s is passed on as one call, and tells of no body that does not follow',
    async (method) => {
      for (const [name, headers] of Object.entries(BODIES)) {
        const [, seen] = await passedOn(method, headers);
        expect([name, seen.map(({ line }) => line)]).toEqual([name, [`${method} /v1/api/x`]]);
        const [{ length, bytes } = { length: undefined, bytes: 0 }] = seen;
        const isBodiless = method === 'GET' || method === 'HEAD';
        expect([name, bytes]).toEqual([name, isBodiless || name.startsWith('no') ? 0 : SMUGGLED.length]);
        if (isBodiless) expect([name, length]).toEqual([name, undefined]);
        else if (length !== undefined) expect([name, length]).toEqual([name, String(bytes)]);
      }
    },
  );

  test.each(['TRACE', 'PROPFIND', 'QUERY', 'LOCK', 'MKCOL', 'PURGE'])('%s is not passed on', async (method) => {
    for (const headers of Object.values(BODIES)) {
      const [answer, seen] = await passedOn(method, headers);
      expect(answer).toMatch(/^HTTP\/1\.1 40[045]/);
      expect(seen).toEqual([]);
    }
  });
});

test('over TLS it takes the certificate of this installation, whatever its name, and no other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-passage-'));
  opened.push({ close: () => rm(folder, { recursive: true }) });
  const tlsOf = async (name: string, pair: { readonly cert: string; readonly key: string }) => {
    const places = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`), passphrase: undefined };
    await writeFile(places.cert, pair.cert);
    await writeFile(places.key, pair.key);
    return readTls(places, fail);
  };
  const own = await tlsOf('one', ONE);
  const server = createSecureServer(own.current(), (_request, response) => response.end('secret'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ close: () => void server.close() });
  const apiUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const pinned = await fetch(`${(await apidoc(apiUrl, 0, own)).address}/v1/api/x`);
  expect(await pinned.text()).toBe('secret');
  const other = await apidoc(apiUrl, 0, await tlsOf('two', TWO));
  expect((await fetch(`${other.address}/v1/api/x`)).status).toBe(502);
  // Not ours to know: then names and authorities count, as for everybody.
  expect((await fetch(`${(await apidoc(apiUrl)).address}/v1/api/x`)).status).toBe(502);
});

test('an API that is not there is a 503 that says so', async () => {
  const { address } = await apidoc('http://127.0.0.1:1');
  for (const method of ['GET', 'POST']) {
    const response = await fetch(`${address}/v1/api/spec`, { method });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toEqual({
      error: true,
      message: 'The API cannot be reached (ECONNREFUSED); try again later.',
    });
  }
});

test('an API that breaks off is a 502, since nobody knows what it has done', async () => {
  const api = await standIn((request) => void request.socket.destroy());
  const { address } = await apidoc(api);
  const sentence = 'The API broke the connection off before it answered';
  const bare = await fetch(`${address}/v1/api/spec`);
  expect(bare.status).toBe(502);
  expect(await bare.json()).toEqual({ error: true, message: `${sentence}.` });
  const full = await fetch(`${address}/v1/api/spec`, { method: 'POST', body: '{}' });
  expect(full.status).toBe(502);
  expect(await full.json()).toEqual({ error: true, message: `${sentence}, as it does when a body is too large.` });
});

test('nobody escapes from /v1/api', async () => {
  const seen: string[] = [];
  const api = await standIn((request, response) => {
    seen.push(request.url ?? '');
    response.end();
  });
  const { address } = await apidoc(api);
  for (const path of ['/v1/api/../x', '/v1/api/%2e%2e/x', '/v1/api/..%2fx', '/v1/api/%2e%2e%2fx', '/v1/api/..%5cx']) {
    const answer = await raw(address, [`GET ${path} HTTP/1.1`, 'Host: h', 'Connection: close', '', '']);
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d/);
    expect(answer).toContain('"error":true');
  }
  expect(seen).toEqual([]);
});

test('a call stays below the address of the API, however it is spelled', async () => {
  const seen: string[] = [];
  const api = await standIn((request, response) => {
    seen.push(request.url ?? '');
    response.end();
  });
  // What looks like a parameter is none.
  const { address } = await apidoc(`${api}/:prefix`);
  const same = ['/v1/%61pi/x?a=b', '/%76%31/%61%70%69/x?a=b', '/v1/api/x?a=b'];
  const odd = [
    '/v2/api/x?a=b',
    '/v1%2f..%2f..%2fa/api/x?a=b',
    'http://h/v1/api/x',
    `${api}/v1/api/x`,
    '//v1/api/x',
    '/v1/api//h/x',
    '/v1/api/%2e/x',
    '/v1/api%2fx',
  ];
  const odder = ['/v1/api\\..\\x', '/v1/api/;x', '/v1/api/:prefix', '/v1/%61pi/%2e%2e/x', '/v1/api/x#/../..', '*'];
  for (const target of [...same, ...odd, ...odder])
    await raw(address, [`GET ${target} HTTP/1.1`, 'Host: h', 'Connection: close', '', '']);
  expect(seen.filter((url) => url === '/:prefix/v1/api/x?a=b')).toHaveLength(same.length);
  expect(seen.filter((url) => !url.startsWith('/:prefix/v1/api/'))).toEqual([]);
});

test('a port in use is told with the variable that sets it', async () => {
  const { address } = await apidoc('http://127.0.0.1:1');
  await expect(apidoc('http://127.0.0.1:1', Number(new URL(address).port))).rejects.toThrow('APIDOC_PORT');
});

async function apidoc(apiUrl: string, port = 0, apiTls?: TlsFiles): Promise<RunningApp> {
  const logger = Logger.create({
    clock,
    service: 'apidoc.callboard',
    layout: 'text',
    level: 'info',
    writeStdout: true,
    bodyMaxBytes: 0,
    output: { write: (line) => void logged.push(line), drain: () => Promise.resolve() },
  });
  const app = await startApidoc({
    host: '127.0.0.1',
    port,
    apiUrl,
    apiTls,
    graceMs: 1_000,
    callerAddress: clientAddressOf({ trustedProxies: [], forwardedFor: 'x-real-ip' }),
    edge: edgeOf(loadConfig({ role: 'apidoc', env: {} }), fail),
    log: (nest) =>
      registerRequestLog(nest.getHttpAdapter().getInstance(), {
        logger,
        service: 'apidoc.callboard',
        clock,
        trustedProxies: [],
        forwardedFor: 'x-real-ip',
      }),
    onUnforeseen: fail,
  });
  opened.push(app);
  return app;
}

function fail(error: unknown): never {
  throw error;
}

/** Something in place of the API. Returns its address. */
async function standIn(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server: Server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends a request byte by byte as given, which a well-behaved client would not send. */
async function raw(address: string, lines: string[]): Promise<string> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.write(lines.join('\r\n'));
  return (await buffer(socket)).toString();
}
