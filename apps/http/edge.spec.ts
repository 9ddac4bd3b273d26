import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from '@jest/globals';
import { loadConfig } from '#config';
import { eventually } from '#testing';
import { edgeOf } from './edge.js';
import { ErrorFilter } from './error.filter.js';
import { startHttpServer } from './http-server.js';
import type { RunningApp } from './http-server.js';

@Module({ providers: [{ provide: APP_FILTER, useFactory: () => new ErrorFilter(fail) }] })
class Nothing {}

function fail(error: unknown): never {
  throw error;
}

const running: RunningApp[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const app of running.splice(0)) await app.close();
});

/** Starts a server with this environment and returns its port. */
async function start(env: Record<string, string>, addRoutes: (server: FastifyInstance) => void = hello) {
  const edge = edgeOf(loadConfig({ role: 'standalone', env }), (sentence) => {
    throw new Error(sentence);
  });
  const app = await startHttpServer(
    { module: Nothing },
    {
      host: '127.0.0.1',
      port: 0,
      portVariable: 'API_PORT',
      bodyLimit: 64 * 1024 * 1024,
      graceMs: 0,
      edge,
      prepare: (nest) => addRoutes(nest.getHttpAdapter().getInstance()),
    },
  );
  running.push(app);
  return Number(new URL(app.address).port);
}

function hello(server: FastifyInstance): void {
  server.get('/', () => ({ hello: 'world' }));
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** Sends this, and returns all that comes until the server closes the connection. */
async function exchange(port: number, ...parts: string[]): Promise<string> {
  const socket = open(port);
  for (const part of parts) socket.write(part);
  return text(socket);
}

const head = (line: string, ...more: string[]) => [`${line} HTTP/1.1`, 'Host: here', ...more, '', ''].join('\r\n');
const status = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const body = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as unknown;

describe('heads', () => {
  test.each([
    ['an address that is too long', head(`GET /?${'a'.repeat(2_000)}`), 414],
    ['an address that fills the whole head', `GET /${'a'.repeat(6_000)}`, 414],
    ['too many headers', head('GET /', ...Array.from({ length: 20 }, (_, index) => `X-${index}: a`)), 431],
    ['a header that is too long', head('GET /', `X-A: ${'a'.repeat(6_000)}`), 431],
    ['a null byte in an address', head('GET /a%00?b=c'), 400],
    ['an address that cannot be decoded', head('GET /a%zz?b=c', 'Connection: close'), 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['two hosts', head('GET /', 'Host: there'), 400],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a/b@c d\r\n\r\n', 400],
    ['both lengths', head('POST /', 'Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
    ['two lengths', head('POST /', 'Content-Length: 5', 'Content-Length: 6'), 400],
    ['an unknown transfer coding', head('POST /', 'Transfer-Encoding: wonders'), 400],
    ['a folded header', head('GET /', 'X-A: a', ' b'), 400],
    ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['an expectation', head('GET /', 'Expect: wonders', 'Connection: close'), 417],
  ])('%s is refused in our words', async (_, bytes, want) => {
    const port = await start({ HEADERS_MAX_BYTES: '4096', HEADERS_MAX_COUNT: '20', URL_MAX_BYTES: '1024' });
    const answer = await exchange(port, bytes);
    expect(status(answer)).toBe(want);
    expect(body(answer)).toEqual({ error: true, message: expect.stringMatching(/^Expected .*\.$/) });
    expect(answer).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/i);
  });

  test('what stays within the limits is answered, with what a browser must know', async () => {
    const port = await start({ HEADERS_MAX_COUNT: '10', URL_MAX_BYTES: '1024' });
    const answer = await exchange(port, head(`GET /?${'a'.repeat(1_000)}`, 'Connection: close'));
    expect(status(answer)).toBe(200);
    const said = answer
      .split('\r\n')
      .filter((line) => /^(cache|content-sec|cross|referrer|x-content|strict)/i.test(line));
    expect(said.sort()).toEqual([
      'Cache-Control: no-store',
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
      'Cross-Origin-Resource-Policy: same-origin',
      'Referrer-Policy: no-referrer',
      'X-Content-Type-Options: nosniff',
    ]);
  });
});

describe('methods', () => {
  test('a known address with another method is told which it takes, an unknown one is not found', async () => {
    const port = await start({}, (server) => {
      server.get('/thing/:id', () => 'a');
      server.put('/thing/:id', () => 'b');
    });
    const ask = async (line: string) => {
      const answer = await exchange(port, head(line, 'Connection: close'));
      return [status(answer), /\r\nallow: (.*)\r\n/i.exec(answer)?.[1]];
    };
    expect(await ask('DELETE /thing/1?a=b')).toEqual([405, 'GET, HEAD, PUT']);
    expect(await ask('TRACE /thing/a.b')).toEqual([405, 'GET, HEAD, PUT']);
    for (const target of [
      '/%74hing/1',
      '/thing/a%2Fb',
      '/thing/1#a',
      'http://here/thing/1',
      `/thing/${'a'.repeat(500)}`,
    ])
      expect([target, ...(await ask(`DELETE ${target}`))]).toEqual([target, 405, 'GET, HEAD, PUT']);
    for (const target of ['/thing/', '/thing/#a', '/Thing/1', '//thing/1', '/thing/1/'])
      expect([target, ...(await ask(`DELETE ${target}`))]).toEqual([target, 404, undefined]);
    expect(await ask('DELETE /thing/1/2')).toEqual([404, undefined]);
    expect(await ask('GET /thing')).toEqual([404, undefined]);
  });
});

describe('slow callers', () => {
  const QUICK = { CLIENT_HEADERS_TIMEOUT_MS: '40', CLIENT_REQUEST_TIMEOUT_MS: '80' };

  test('a connection that sends nothing is closed', async () => {
    const port = await start(QUICK);
    await once(open(port).resume(), 'close');
  });

  test('a head that never ends is answered 408 and cut off', async () => {
    const port = await start(QUICK);
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: here\r\nX-A: ');
    expect(status(answer)).toBe(408);
  });

  test('a body that never ends is answered 408 and cut off, though some of it keeps coming', async () => {
    const port = await start(QUICK, (server) => server.post('/', () => 'ok'));
    const socket = open(port);
    socket.write(head('POST /', 'Content-Type: application/json', 'Content-Length: 1000'));
    const drip = setInterval(() => socket.write(' '), 5);
    const answer = await text(socket);
    clearInterval(drip);
    expect(status(answer)).toBe(408);
  });

  test('a body that stops coming is cut off', async () => {
    const port = await start({ CLIENT_STALL_TIMEOUT_MS: '40' }, (server) => server.post('/', () => 'ok'));
    const socket = open(port);
    socket.write(head('POST /', 'Content-Type: application/json', 'Content-Length: 1000'));
    await once(socket.resume(), 'close');
  });

  test('an answer that is not taken is cut off', async () => {
    const gone: string[] = [];
    const port = await start({ CLIENT_STALL_TIMEOUT_MS: '40' }, (server) => {
      server.get('/large', (_request, reply) => {
        reply.raw.once('close', () => gone.push('large'));
        return Buffer.alloc(32 * 1024 * 1024);
      });
    });
    const socket = open(port);
    socket.pause();
    socket.write(head('GET /large'));
    await eventually('the end of it', () => gone[0]);
  });

  test('a caller that waits for us is left alone, however long we take', async () => {
    let stalls = 0;
    let answer = (_: string): void => undefined;
    const port = await start({ CLIENT_STALL_TIMEOUT_MS: '10' }, (server) => {
      server.server.on('timeout', () => (stalls += 1));
      server.get('/', () => new Promise<string>((resolve) => (answer = resolve)));
    });
    const answered = exchange(port, head('GET /', 'Connection: close'));
    await eventually('a time-out of the connection', () => stalls || undefined);
    answer('at last');
    expect(await answered).toContain('at last');
  });

  test('an event stream that is silent is left alone', async () => {
    let stalls = 0;
    const stream = new PassThrough();
    const port = await start({ CLIENT_STALL_TIMEOUT_MS: '10' }, (server) => {
      server.server.on('timeout', () => (stalls += 1));
      server.get('/', (_request, reply) => reply.type('text/event-stream').send(stream));
    });
    stream.write(':\n\n');
    const answered = exchange(port, head('GET /', 'Connection: close'));
    await eventually('a time-out of the connection', () => stalls || undefined);
    stream.end('data: last\n\n');
    expect(await answered).toContain('data: last');
  });

  test('a connection that is not used again is closed', async () => {
    const port = await start({ CLIENT_IDLE_TIMEOUT_MS: '20' });
    const answer = await exchange(port, head('GET /'));
    expect(status(answer)).toBe(200);
  });

  test('connections beyond the limit are closed', async () => {
    const port = await start({ MAX_CONNECTIONS: '10' });
    const kept = Array.from({ length: 10 }, () => open(port));
    await Promise.all(kept.map((socket) => once(socket, 'connect')));
    await once(open(port).resume(), 'close');
    kept[0]?.destroy();
    await eventually('room for another', async () => {
      const socket = open(port);
      socket.write(head('GET /', 'Connection: close'));
      return status(await text(socket).catch(() => '')) === 200 || undefined;
    });
  });

  test('bytes behind a last request get no answer of their own', async () => {
    const port = await start(QUICK);
    const answer = await exchange(port, head('GET /', 'Connection: close') + head('GET /another'));
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(status(answer)).toBe(200);
  });

  test('bytes behind a refused request do not stand in the answer to another', async () => {
    const stream = new PassThrough();
    const port = await start(QUICK, (server) => {
      server.post('/', (_request, reply) => reply.send(stream));
      server.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null));
    });
    stream.write('begun');
    const answer = await exchange(
      port,
      head('POST /', 'Content-Type: application/octet-stream', 'Content-Length: 1000'),
    );
    expect(answer).toContain('begun');
    expect(answer).not.toContain('408');
  });
});
