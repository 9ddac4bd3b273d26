import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { FakeClock } from '#testing';
import { Logger, noteOnRequest, registerRequestLog, traceIdOf } from './index.js';

type Logged = Record<string, unknown> & { req_headers: object; resp_headers: Record<string, string[]> };

let server: FastifyInstance;
let clock: FakeClock;
let records: Logged[];
let recorded: (() => void) | undefined;
let address: string;

beforeEach(async () => {
  server = fastify({ forceCloseConnections: true });
  clock = new FakeClock();
  records = [];
  const logger = Logger.create({
    clock,
    service: 'api.callboard',
    layout: 'json',
    level: 'info',
    writeStdout: true,
    bodyMaxBytes: 4096,
    output: {
      write: (line) => {
        records.push(JSON.parse(line) as Logged);
        recorded?.();
      },
      drain: () => Promise.resolve(),
    },
  });
  registerRequestLog(server, {
    logger,
    service: 'api.callboard',
    clock,
    trustedProxies: ['127.0.0.0/8'],
    forwardedFor: 'x-real-ip',
  });
  server.get('/hello', () => ({ hello: 'world' }));
  server.post('/echo', (request) => request.body);
  server.get('/refused', (_, reply) => reply.status(409).send({ error: true, message: 'The name is taken.' }));
  server.get('/broken', (request) => {
    noteOnRequest(request, { handler: 'Broken.get', otherData: { error: 'deep down' } });
    throw new Error('boom');
  });
  server.get('/id', (request) => ({ id: traceIdOf(request) }));
  await server.listen({ host: '127.0.0.1', port: 0 });
  address = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
});
afterEach(() => server.close());

async function nextRecord(index: number): Promise<Logged> {
  while (records.length <= index) await new Promise<void>((resolve) => (recorded = resolve));
  return records[index]!;
}

describe('the request log', () => {
  test('gives each answer a trace id of its own and logs the exchange', async () => {
    const response = await fetch(`${address}/hello`, {
      headers: { 'x-trace-id': 'mine', authorization: 'Basic YTpi' },
    });
    await response.text();
    const traceId = response.headers.get('x-trace-id');
    expect(traceId).toMatch(/^[A-Za-z0-9]{16}$/);
    expect(await nextRecord(0)).toMatchObject({
      level: 'info',
      'X-TRACE-ID': traceId,
      handler: 'GET /hello',
      status: 200,
      url: '/hello',
      remote_ip: '127.0.0.1',
      req_headers: { Authorization: ['Basic xxxx'] },
      resp_headers: { 'Content-Type': ['application/json; charset=utf-8'], 'X-Trace-Id': [traceId] },
      message: 'OK',
    });
  });

  test('a handler knows the trace id', async () => {
    const response = await fetch(`${address}/id`);
    expect(await response.json()).toEqual({ id: response.headers.get('x-trace-id') });
  });

  test('logs bodies as they were parsed, secrets masked', async () => {
    const body = JSON.stringify({ name: 'a', headers: { 'x-api-key': 's3cret' } });
    await fetch(`${address}/echo`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(await nextRecord(0)).toMatchObject({
      content_length: body.length,
      req_body: { name: 'a', headers: { 'x-api-key': 'xxxx' } },
    });
  });

  test.each([
    ['/refused', 409, 'GET /refused', 'The name is taken.'],
    ['/nowhere', 404, 'none', 'Route GET:/nowhere not found'],
    ['/%zz', 400, 'none', 'Bad Request'],
  ])('%s is logged as an error with what was answered', async (path, status, handler, message) => {
    const response = await fetch(`${address}${path}`);
    await response.text();
    expect(await nextRecord(0)).toMatchObject({ level: 'error', status, handler, message });
    expect(records[0]!['X-TRACE-ID']).toBe(response.headers.get('x-trace-id'));
  });

  test('takes notes of handlers into the record', async () => {
    await fetch(`${address}/broken`);
    expect(await nextRecord(0)).toMatchObject({
      status: 500,
      handler: 'Broken.get',
      message: 'boom',
      other_data: { error: 'deep down' },
    });
  });

  test('believes X-Real-IP from a trusted proxy', async () => {
    await fetch(`${address}/hello`, { headers: { 'x-real-ip': '203.0.113.9' } });
    expect(await nextRecord(0)).toMatchObject({ remote_ip: '203.0.113.9' });
  });

  test('logs a caller that left before its answer', async () => {
    const call = httpRequest(`${address}/echo`, {
      method: 'POST',
      headers: { 'content-length': '10', 'content-type': 'application/json' },
    });
    call.on('error', () => undefined);
    call.write('{');
    await once(server.server, 'request');
    call.destroy();
    expect(await nextRecord(0)).toMatchObject({ status: 499, level: 'error', method: 'POST', handler: 'POST /echo' });
  });

  test('logs every request of a connection that is kept', async () => {
    const { port } = server.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /refused HTTP/1.1\r\nHost: a\r\n\r\n');
    await nextRecord(1);
    socket.destroy();
    expect(records.map((record) => record.status)).toEqual([200, 409]);
    expect(records[0]!['X-TRACE-ID']).not.toBe(records[1]!['X-TRACE-ID']);
  });
});
