import { request } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { allowOrigins, refuseOtherPages } from './cors.js';

let server: FastifyInstance | undefined;
afterEach(() => server?.close());

async function start(origins: string[]): Promise<string> {
  server = fastify({ forceCloseConnections: true });
  allowOrigins(server, origins);
  refuseOtherPages(server, origins);
  // In place of authentication, which a browser's question has none for.
  server.addHook('onRequest', (request, reply, done) => {
    if (request.headers.authorization === undefined) void reply.status(401).send({ error: true });
    else done();
  });
  server.get('/', () => 'ok');
  server.post('/', () => 'done');
  return server.listen({ host: '127.0.0.1', port: 0 });
}

const ASKED = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
const told = ({ headers }: Response) => [...headers.keys()].filter((name) => name.startsWith('access-control-'));

test('no page of another origin is allowed anything unless it is named', async () => {
  const address = await start([]);
  const response = await fetch(address, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example.com', ...ASKED },
  });
  expect([response.status, told(response)]).toEqual([401, []]);
});

test.each([
  'https://app.example.com.evil.example',
  'https://evil.example',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://APP.example.com',
  'null',
  '*',
  '',
])('the origin %j is none of those that are named', async (origin) => {
  const address = await start(['https://app.example.com']);
  const response = await fetch(address, { method: 'OPTIONS', headers: { origin, ...ASKED } });
  expect([response.status, told(response), response.headers.get('vary')]).toEqual([401, [], 'Origin']);
});

test('a page of a named origin may call, with credentials in a header and never with cookies', async () => {
  const origin = 'https://app.example.com';
  const address = await start(['https://other.example', origin]);
  const asked = await fetch(address, { method: 'OPTIONS', headers: { origin, ...ASKED } });
  expect(asked.status).toBe(204);
  expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
  expect(asked.headers.get('access-control-allow-headers')).toContain('Authorization');
  expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
  const called = await fetch(address, { headers: { origin, authorization: 'a' } });
  expect([called.status, called.headers.get('access-control-allow-origin'), called.headers.get('vary')]).toEqual([
    200,
    origin,
    'Origin',
  ]);
});

test.each([
  ['cross-site', 'https://evil.example', 403],
  ['same-site', 'https://evil.example.com', 403],
  ['cross-site', undefined, 403],
  ['cross-site', 'https://app.example.com', 200],
  ['same-site', 'https://app.example.com', 200],
  ['same-origin', 'https://evil.example', 200],
  ['none', undefined, 200],
  [undefined, 'https://evil.example', 200],
])('a change that a %s page of %s asks for is answered %s', async (site, origin, status) => {
  const headers = { authorization: 'a', ...(site && { 'sec-fetch-site': site }), ...(origin && { origin }) };
  const address = new URL(await start(['https://app.example.com']));
  const ask = (method: string) =>
    new Promise((resolve, reject) => {
      const asked = request(address, { method, headers }, (answer) => resolve(answer.resume().statusCode));
      asked.on('error', reject).end();
    });
  expect(await ask('POST')).toBe(status);
  expect(await ask('GET')).toBe(200);
});
