import { once } from 'node:events';
import { constants } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { createServer as createTlsServer } from 'node:https';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Payload, Response } from '#core';
import { Gate, eventually, startUpstream } from '#testing';
import type { HttpRequest } from '../request.js';
import { CallFailed } from './call-failed.js';
import type { CallOptions } from './http-caller.js';
import { HttpCaller } from './http-caller.js';
import { CERTIFICATE, Http2Service, KEY, RawHttp2Service, TYPES, say } from './http2.test-kit.js';

const MEBIBYTE = 1024 * 1024;

let caller: HttpCaller;
let toClose: { close(): unknown }[];

beforeEach(() => {
  caller = new HttpCaller({ ca: CERTIFICATE });
  toClose = [];
});
afterEach(async () => {
  await caller.close();
  for (const service of toClose) await service.close();
});

async function serve(...options: Parameters<typeof Http2Service.start>): Promise<Http2Service> {
  const service = await Http2Service.start(...options);
  toClose.push(service);
  return service;
}

async function serveRaw(...options: Parameters<typeof RawHttp2Service.start>): Promise<RawHttp2Service> {
  const service = await RawHttp2Service.start(...options);
  toClose.push(service);
  return service;
}

function call(url: string, changes: Partial<HttpRequest> = {}, options: Partial<CallOptions> = {}): Promise<Response> {
  return caller.call(
    { method: 'GET', url, headers: [], openHeaders: [], ...changes },
    { timeoutMs: 20_000, ...options },
  );
}

async function failure(promise: Promise<unknown>): Promise<CallFailed> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CallFailed);
  return error as CallFailed;
}

function textOf({ body }: Response): string {
  return 'inline' in body ? body.inline.toString('utf8') : `a blob of ${body.bytes} bytes`;
}

function echo(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] });
    stream.end(JSON.stringify({ ...headers, body: Buffer.concat(chunks).toString() }));
  });
}

/** Sends so many bytes no faster than they are taken. */
function sendLarge(stream: ServerHttp2Stream, bytes: number): void {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  stream.respond({ ':status': 200, 'content-length': bytes });
  let left = bytes;
  const more = () => {
    while (left > 0) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (!stream.write(part)) {
        stream.once('drain', more);
        return;
      }
    }
    stream.end();
  };
  more();
}

describe('a service that offers HTTP/2', () => {
  test('gets the request over it, as over HTTP/1.1 but for what belongs to connections', async () => {
    const service = await serve(echo);
    const response = await call(`${service.url}/a%2Fb?q=%20`, {
      method: 'POST',
      body: Buffer.from('grüße'),
      headers: [
        ['X-Text', 'grüße'],
        ['Cookie', 'a=1'],
        ['Connection', 'close'],
        ['TE', 'gzip'],
        ['__proto__', 'x'],
      ],
    });
    const echoed = JSON.parse(textOf(response)) as Record<string, string>;
    expect(echoed).toMatchObject({
      ':method': 'POST',
      ':path': '/a%2Fb?q=%20',
      ':authority': service.url.slice('https://'.length),
      cookie: 'a=1',
      'content-length': '7',
      'user-agent': 'Callboard',
      'accept-encoding': 'gzip, deflate, br, zstd',
      body: 'grüße',
    });
    expect(Buffer.from(echoed['x-text'] ?? '', 'latin1').toString()).toBe('grüße');
    expect(Object.keys(echoed)).not.toEqual(expect.arrayContaining(['connection', 'te']));
    expect(response.headers.filter(([name]) => name === 'set-cookie')).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(response.headers.some(([name]) => name.startsWith(':'))).toBe(false);
  });

  test('is told that a POST without a body has none', async () => {
    const service = await serve(echo);
    expect(JSON.parse(textOf(await call(service.url + '/', { method: 'POST' })))).toMatchObject({
      'content-length': '0',
    });
    expect(JSON.parse(textOf(await call(service.url + '/')))).not.toHaveProperty('content-length');
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
    ['DELETE', 500],
  ])('may answer %s with %d and without a body', async (method, status) => {
    const service = await serve((stream) => {
      stream.respond(
        { ':status': status, ...(/200|304/.test(String(status)) && { 'content-length': 5 }) },
        { endStream: true },
      );
    });
    expect(await call(`${service.url}/`, { method })).toMatchObject({ status, body: { bytes: 0 } });
  });

  test('gets a thousand requests at once over one connection', async () => {
    let most = 0;
    let open = 0;
    const gate = new Gate();
    const service = await serve((stream) => {
      most = Math.max(most, (open += 1));
      if (open === 1_000) gate.open();
      void gate.opened.then(() => {
        stream.respond({ ':status': 200 });
        stream.end('ok');
      });
    });
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, index) => call(`${service.url}/${index}`)));
    expect(answers.every((answer) => textOf(answer) === 'ok')).toBe(true);
    expect([most, service.connections]).toEqual([1_000, 1]);
  });

  test('gets no more streams at a time than it says', async () => {
    let open = 0;
    let most = 0;
    const service = await serve(
      (stream) => {
        most = Math.max(most, (open += 1));
        setImmediate(() => {
          stream.respond({ ':status': 200 });
          stream.end('ok', () => (open -= 1));
        });
      },
      { maxConcurrentStreams: 1 },
    );
    caller = new HttpCaller({ ca: CERTIFICATE, connectionsPerOrigin: 4 });
    const answers = await Promise.all(Array.from({ length: 200 }, () => call(service.url + '/')));
    expect(answers.every((answer) => textOf(answer) === 'ok')).toBe(true);
    expect(most).toBeLessThanOrEqual(4);
    expect(service.connections).toBeLessThanOrEqual(4);
  });

  test('and takes no further connection serves all calls over the one', async () => {
    const service = await serve(echo, { maxConcurrentStreams: 1, maxConnections: 1 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(`${service.url}/`)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(service.connections).toBe(1);
    // It is tried again when a call has ended, not all the time.
    expect(service.dropped).toBeLessThanOrEqual(400);
  });

  test('and redirects to where there is no TLS takes nothing there that is somebody’s', async () => {
    const plain = await startUpstream();
    toClose.push(plain);
    const service = await serve((stream) => {
      stream.respond({ ':status': 307, location: `${plain.url}/landed` }, { endStream: true });
    });
    await call(`${service.url}/`, {
      method: 'POST',
      body: Buffer.from('{}'),
      headers: [
        ['Authorization', 'secret'],
        ['Content-Type', 'application/json'],
      ],
      openHeaders: ['content-type'],
    });
    expect(plain.requests).toMatchObject([{ method: 'POST', url: '/landed', body: Buffer.from('{}') }]);
    expect(JSON.stringify(plain.requests[0]?.headers)).toMatch(/application\/json/);
    expect(JSON.stringify(plain.requests[0]?.headers)).not.toContain('secret');
  });

  test('that is started again serves the next call', async () => {
    const first = await serve(echo);
    expect((await call(first.url + '/')).status).toBe(200);
    const port = Number(new URL(first.url).port);
    first.close();
    toClose = [];
    const second = await serve(echo, { port });
    await eventually('an answer', () =>
      call(second.url + '/').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });

  test('and is closed takes calls with it that are under way', async () => {
    const service = await serve(() => undefined);
    const failed = failure(call(service.url + '/'));
    await eventually('the request', () => service.sessions.size > 0);
    for (const session of service.sessions) session.destroy();
    expect(await failed).toMatchObject({ code: 'CALL_BROKEN', sent: true });
  });

  test('and wants HTTP/1.1 after all gets it, over new connections', async () => {
    const service = await serveRaw(
      ({ type, stream }, socket) => {
        if (type === TYPES.headers) socket.write(say.reset(stream, constants.NGHTTP2_HTTP_1_1_REQUIRED));
      },
      ['h2', 'http/1.1'],
    );
    // It is only asked for HTTP/1.1 from here on.
    expect(textOf(await call(service.url + '/', { method: 'POST' }))).toBe('http');
    expect(textOf(await call(service.url + '/'))).toBe('http');
  });
});

describe('a service that offers HTTP/1.1 only', () => {
  test('gets all its requests over it, the first over the connection that asked', async () => {
    let connections = 0;
    const server = createTlsServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
      response.end(request.httpVersion);
    }).on('secureConnection', () => (connections += 1));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    toClose.push({ close: () => new Promise((resolve) => server.close(resolve)) });
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(textOf(await call(url))).toBe('1.1');
    expect(connections).toBe(1);
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(url)));
    expect(answers.every((answer) => textOf(answer) === '1.1')).toBe(true);
    await caller.close();
  });
});

test('a service that sends headers of 100 KB or 2,000 headers over HTTP/2 is broken off', async () => {
  const service = await serve((stream, headers) => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`x-${index}`, '1']));
    stream.respond({ ':status': 200, ...(headers[':path'] === '/many' ? many : { 'x-big': 'x'.repeat(100_000) }) });
    stream.end('ok');
  });
  for (const path of ['/big', '/many']) {
    expect(await failure(call(`${service.url}${path}`))).toMatchObject({ code: 'CALL_BROKEN' });
  }
});

describe('a large answer over HTTP/2', () => {
  const counted = async (stream: Readable): Promise<Payload> => {
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    return { blob: 'kept', bytes };
  };

  test('comes whole', async () => {
    const service = await serve((stream) => sendLarge(stream, 50 * MEBIBYTE));
    expect((await call(service.url + '/', {}, { keepLarge: counted })).body.bytes).toBe(50 * MEBIBYTE);
    expect(await call(service.url + '/', {}, { maxBytes: MEBIBYTE }).catch(String)).toContain(
      'longer than 1048576 bytes',
    );
  });

  test('is held back while nobody reads, and does not hold back others', async () => {
    const service = await serve((stream, headers) => {
      if (headers[':path'] === '/large') sendLarge(stream, 64 * MEBIBYTE);
      else echo(stream, headers);
    });
    let largest = 0;
    const keepLarge = async (stream: Readable): Promise<Payload> => {
      await eventually('a full stream', () => stream.readableLength >= stream.readableHighWaterMark);
      for (let calls = 0; calls < 20; calls += 1) expect((await call(service.url + '/small')).status).toBe(200);
      let bytes = 0;
      for await (const chunk of stream) {
        bytes += (chunk as Buffer).length;
        largest = Math.max(largest, stream.readableLength);
      }
      return { blob: 'kept', bytes };
    };
    expect((await call(`${service.url}/large`, {}, { keepLarge })).body.bytes).toBe(64 * MEBIBYTE);
    expect(largest).toBeLessThan(2 * MEBIBYTE);
    expect(service.connections).toBe(1);
  });

  test('that is given up leaves the connection to others', async () => {
    const service = await serve((stream, headers) => {
      if (headers[':path'] === '/large') sendLarge(stream, 200 * MEBIBYTE);
      else echo(stream, headers);
    });
    const controller = new AbortController();
    const keepLarge = async (stream: Readable): Promise<Payload> => {
      controller.abort(new Error('enough'));
      await once(stream, 'close');
      return { blob: 'x', bytes: 0 };
    };
    await expect(call(`${service.url}/large`, {}, { signal: controller.signal, keepLarge })).rejects.toThrow('enough');
    await expect(
      call(`${service.url}/large`, {}, { keepLarge: () => Promise.reject(new Error('full')) }),
    ).rejects.toThrow('full');
    expect((await call(`${service.url}/small`)).status).toBe(200);
    expect(service.connections).toBe(1);
  });

  test('is decoded', async () => {
    const coded = gzipSync(Buffer.alloc(20 * MEBIBYTE));
    const service = await serve((stream) => {
      stream.respond({ ':status': 200, 'content-encoding': 'gzip' });
      stream.end(coded);
    });
    expect((await call(service.url + '/', {}, { keepLarge: counted })).body.bytes).toBe(20 * MEBIBYTE);
  });
});

describe('a stream that is broken off', () => {
  test.each([
    ['after half of the answer', [say.ok(1), say.data(1, 'half'), say.reset(1, constants.NGHTTP2_CANCEL)], 'CANCEL'],
    ['before the answer', [say.reset(1, constants.NGHTTP2_INTERNAL_ERROR)], 'INTERNAL_ERROR'],
    ['without a reason', [say.reset(1, constants.NGHTTP2_CANCEL)], 'CANCEL'],
    ['because of all that is sent', [say.goaway(1, constants.NGHTTP2_PROTOCOL_ERROR)], 'PROTOCOL_ERROR'],
  ])('%s is a failure of a call that was sent', async (_, answer, word) => {
    const service = await serveRaw(({ type }, socket) => {
      if (type === TYPES.headers) socket.write(Buffer.concat(answer));
    });
    const error = await failure(call(service.url + '/x?secret=1'));
    expect(error).toMatchObject({
      message: `GET ${service.url}/x: the service broke off with ${word}`,
      code: 'CALL_BROKEN',
      sent: true,
    });
  });

  test('with its connection is told as such', async () => {
    const service = await serveRaw(({ type, stream }, socket) => {
      if (type === TYPES.headers) socket.end(Buffer.concat([say.ok(stream), say.data(stream, 'half')]));
    });
    const error = await failure(call(service.url + '/'));
    expect(error).toMatchObject({
      message: `GET ${service.url}/: connection closed before the whole answer came`,
      sent: true,
    });
  });

  test('though all of the answer has come is an answer', async () => {
    const service = await serveRaw(({ type, stream }, socket) => {
      if (type !== TYPES.headers) return;
      socket.write(Buffer.concat([say.ok(stream), say.data(stream, 'too big', true), say.reset(stream, 0)]));
    });
    const body = Buffer.alloc(MEBIBYTE);
    expect(textOf(await call(service.url + '/', { method: 'POST', body }))).toBe('too big');
  });
});

describe('a request that the service did not look at', () => {
  test('is sent again, whatever its method', async () => {
    let refusals = 0;
    const service = await serveRaw(({ type, stream }, socket) => {
      if (type !== TYPES.headers) return;
      if ((refusals += 1) <= 2) socket.write(say.reset(stream, constants.NGHTTP2_REFUSED_STREAM));
      else socket.write(Buffer.concat([say.ok(stream), say.data(stream, 'ok', true)]));
    });
    expect(textOf(await call(service.url + '/', { method: 'POST' }))).toBe('ok');
  });

  test('because the service leaves is sent over the next connection, and what it looked at is answered', async () => {
    const service = await serveRaw(({ type, stream }, socket, connection) => {
      if (type !== TYPES.headers) return;
      if (connection > 1) socket.write(Buffer.concat([say.ok(stream), say.data(stream, 'second', true)]));
      else if (stream === 3) {
        socket.write(Buffer.concat([say.goaway(1, 0), say.ok(1), say.data(1, 'first', true)]));
      }
    });
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => call(service.url + path, { method: 'POST' })));
    expect(answers.map(textOf)).toEqual(['first', 'second', 'second']);
    expect(service.connections).toBe(2);
  });

  test('in the end counts as not sent', async () => {
    const service = await serveRaw(({ type, stream }, socket) => {
      if (type === TYPES.headers) socket.write(say.reset(stream, constants.NGHTTP2_REFUSED_STREAM));
    });
    const error = await failure(call(service.url + '/', { method: 'POST' }));
    expect(error).toMatchObject({ message: `POST ${service.url}/: the service takes no more requests`, sent: false });
  });
});

describe('the time', () => {
  test('to open a connection is bounded, and closing does not wait for it', async () => {
    const opened: Socket[] = [];
    const silent = createServer((socket) => opened.push(socket.on('error', () => undefined)));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    toClose.push({ close: () => (opened.forEach((socket) => socket.destroy()), silent.close()) });
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const own = new HttpCaller({ connectTimeoutMs: 50 });
    expect(
      await failure(own.call({ method: 'GET', url, headers: [], openHeaders: [] }, { timeoutMs: 20_000 })),
    ).toMatchObject({
      message: `GET ${url}: no connection in time`,
      sent: false,
    });
    await own.close();

    const failed = [failure(call(url)), failure(call(url, { headers: [['Host', 'x.example']] }))];
    await eventually('the handshakes', () => opened.length === 3);
    await caller.close();
    for (const error of await Promise.all(failed))
      expect(error).toMatchObject({ code: 'CALL_NO_CONNECTION', sent: false });
    expect(opened).toHaveLength(3);
  });

  test('for headers and between pieces of the body is bounded', async () => {
    const service = await serve((stream, headers) => {
      if (headers[':path'] !== '/pause') return;
      stream.respond({ ':status': 200 });
      stream.write('half');
    });
    const own = new HttpCaller({ ca: CERTIFICATE, headersTimeoutMs: 60, bodyTimeoutMs: 50 });
    const ask = (path: string) =>
      own.call({ method: 'GET', url: service.url + path, headers: [], openHeaders: [] }, { timeoutMs: 20_000 });
    expect((await failure(ask('/never'))).message).toBe(`GET ${service.url}/never: no answer began within 60 ms`);
    expect(await failure(ask('/pause'))).toMatchObject({
      message: `GET ${service.url}/pause: nothing more of the answer came within 50 ms`,
      code: 'CALL_TIMEOUT',
      sent: true,
    });
    await own.close();
  });

  test('that a service is gone without a word is bounded, and not how long it takes to answer', async () => {
    const gone = await serveRaw(() => undefined);
    const slow = await serve((stream) => {
      setTimeout(() => stream.respond({ ':status': 204 }, { endStream: true }), 300);
    });
    const own = new HttpCaller({ ca: CERTIFICATE, pingMs: 20 });
    const ask = (url: string) => own.call({ method: 'GET', url, headers: [], openHeaders: [] }, { timeoutMs: 20_000 });
    const [error, answer] = await Promise.all([failure(ask(gone.url + '/')), ask(slow.url + '/')]);
    expect(error).toMatchObject({ code: 'CALL_BROKEN', sent: true });
    expect(answer.status).toBe(204);
    await own.close();
  });

  test('of a call ends it wherever it is', async () => {
    const service = await serve(() => undefined, { maxConcurrentStreams: 1 });
    caller = new HttpCaller({ ca: CERTIFICATE, connectionsPerOrigin: 1 });
    const failed = [
      failure(call(service.url + '/a', {}, { timeoutMs: 80 })),
      failure(call(service.url + '/b', {}, { timeoutMs: 40 })),
    ];
    expect((await Promise.all(failed)).map(({ code, sent }) => [code, sent])).toEqual([
      ['CALL_TIMEOUT', true],
      ['CALL_TIMEOUT', false],
    ]);
  });
});

test('a certificate that is not trusted is told, and nothing was sent', async () => {
  const service = await serve(echo);
  caller = new HttpCaller();
  expect(await failure(call(service.url + '/'))).toMatchObject({ code: 'CALL_UNTRUSTED', sent: false });
});

test('a closed caller fails its calls over HTTP/2', async () => {
  const service = await serve(() => undefined);
  const failed = failure(call(service.url + '/'));
  await eventually('the request', () => service.sessions.size > 0);
  await caller.close();
  await caller.close();
  expect((await failed).message).toMatch(/^GET /);
  expect((await failure(call(service.url + '/'))).message).toContain('the caller is closed');
});
