import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Unavailable } from '#core';
import type { Payload, Response } from '#core';
import { eventually, startUpstream } from '#testing';
import type { Route, Upstream } from '#testing';
import type { HttpRequest } from '../request.js';
import { CallFailed } from './call-failed.js';
import type { CallOptions } from './http-caller.js';
import { HttpCaller } from './http-caller.js';

const MEBIBYTE = 1024 * 1024;
const TEXT = 'all is well. '.repeat(1_000);

const routes: Record<string, Route> = {
  '/json': (_, response) => {
    response.setHeader('X-Many', ['a', 'b']);
    response.setHeader('content-type', 'application/json').end('{"a":1}');
  },
  '/gzip': coded('gzip', gzipSync(TEXT)),
  '/x-gzip': coded('X-GZIP', gzipSync(TEXT)),
  '/br': coded('br', brotliCompressSync(TEXT)),
  '/deflate': coded('deflate', deflateSync(TEXT)),
  '/deflate-raw': coded('deflate', deflateRawSync(TEXT)),
  '/twice': coded('gzip, br', brotliCompressSync(gzipSync(TEXT))),
  '/zstd': coded('zstd', zstd(TEXT)),
  '/zstd-gzip': coded('zstd, gzip', gzipSync(zstd(TEXT))),
  '/broken-zstd': coded('zstd', Buffer.from('this is not zstd')),
  '/cut-zstd': coded('zstd', zstd(TEXT).subarray(0, 1_000)),
  '/long-zstd': coded('zstd', zstd('x'.repeat(3 * MEBIBYTE))),
  '/identity': coded('identity', Buffer.from(TEXT)),
  '/unknown-coding': coded('snappy', Buffer.from(TEXT)),
  '/broken-gzip': coded('gzip', Buffer.from('this is not gzip')),
  '/cut-gzip': coded('gzip', gzipSync(TEXT).subarray(0, 40)),
  '/empty-gzip': coded('gzip', Buffer.alloc(0)),
  '/coded': (received, response, request) =>
    coded(decodeURIComponent(received.url.split('?')[1] ?? ''), Buffer.alloc(100_000))(received, response, request),
  '/bomb': coded('gzip', gzipSync(Buffer.alloc(32 * MEBIBYTE))),
  '/brotli-bomb': coded('br', brotliCompressSync(Buffer.alloc(32 * MEBIBYTE))),
  '/204': (_, response) => response.writeHead(204).end(),
  '/304': (_, response) => response.writeHead(304, { etag: '"x"' }).end(),
  '/500': (_, response) => response.writeHead(500).end('no'),
  '/head': (_, response) => response.writeHead(200, { 'content-length': 5, 'content-encoding': 'gzip' }).end(),
  '/large': (received, response) => sendLarge(Number(received.url.split('?')[1]), response),
  '/never': () => undefined,
  '/reset': (_, response) => response.socket?.resetAndDestroy(),
  '/hang-up': (_, response) => response.socket?.end(),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.socket?.destroy());
  },
  '/cut-late': (_, response) => {
    response.writeHead(200, { 'content-length': MEBIBYTE });
    response.write(Buffer.alloc(200_000), () => response.socket?.destroy());
  },
  '/to': (received, response) => {
    const [status, location] = decodeURIComponent(received.url.split('?')[1] ?? '').split(' ');
    if (location === undefined) response.end('landed');
    else response.writeHead(Number(status), { location }).end('moved');
  },
  '/sets-cookie': (_, response) => response.writeHead(302, { location: '/landed', 'set-cookie': 'new=2' }).end(),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/fat-redirect': (_, response) => {
    response.writeHead(302, { location: '/json' });
    response.write(Buffer.alloc(MEBIBYTE));
  },
  '/no-location': (_, response) => response.writeHead(302).end('stay'),
  '/bigger-headers': (_, response) => response.setHeader('x-big', 'x'.repeat(100_000)).end('ok'),
  '/big-headers': (_, response) => response.setHeader('x-big', 'x'.repeat(30_000)).end('ok'),
};

/** Plain blocks, as an encoder leaves what it cannot make smaller. */
function zstd(text: string): Buffer {
  const parts = [Buffer.from('28b52ffd0050', 'hex')];
  for (let at = 0; at < text.length; at += 100_000) {
    const bytes = Buffer.from(text.slice(at, at + 100_000));
    const head = Buffer.alloc(3);
    head.writeUIntLE((bytes.length << 3) | Number(at + 100_000 >= text.length), 0, 3);
    parts.push(head, bytes);
  }
  return Buffer.concat(parts);
}

function coded(coding: string, body: Buffer): Route {
  return (_, response) => {
    response.writeHead(200, { 'Content-Encoding': coding, 'Content-Length': body.length, 'x-kept': '1' }).end(body);
  };
}

function sendLarge(bytes: number, response: Parameters<Route>[1]): void {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let left = bytes;
  const more = () => {
    while (left > 0) {
      left -= chunk.length;
      if (!response.write(left < 0 ? chunk.subarray(0, chunk.length + left) : chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

let upstream: Upstream;
let elsewhere: Upstream;
let caller: HttpCaller;

beforeAll(async () => {
  upstream = await startUpstream(routes);
  elsewhere = await startUpstream({ '/to': routes['/to'] ?? (() => undefined) });
  caller = new HttpCaller();
});
afterAll(async () => {
  await caller.close();
  await Promise.all([upstream.close(), elsewhere.close()]);
});

function request(path: string, changes: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: `${upstream.url}${path}`, headers: [], openHeaders: [], ...changes };
}

function call(path: string, changes: Partial<HttpRequest> = {}, options: Partial<CallOptions> = {}): Promise<Response> {
  return caller.call(request(path, changes), { timeoutMs: 10_000, ...options });
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

describe('an answer', () => {
  test('has the status, the headers as they came, and the bytes', async () => {
    const response = await call('/json');
    expect(response.status).toBe(200);
    expect(textOf(response)).toBe('{"a":1}');
    expect(response.headers.slice(0, 3)).toEqual([
      ['X-Many', 'a'],
      ['X-Many', 'b'],
      ['content-type', 'application/json'],
    ]);
  });

  test.each([
    ['/204', 204],
    ['/304', 304],
    ['/500', 500],
    ['/no-location', 302],
  ])('of any status is an answer: %s', async (path, status) => {
    expect((await call(path)).status).toBe(status);
  });

  test('to HEAD has no body and keeps its headers', async () => {
    const response = await call('/head', { method: 'HEAD' });
    expect(response.body.bytes).toBe(0);
    expect(response.headers).toEqual(
      expect.arrayContaining([
        ['content-length', '5'],
        ['content-encoding', 'gzip'],
      ]),
    );
  });

  test('may have headers of 30 KB', async () => {
    expect(textOf(await call('/big-headers'))).toBe('ok');
  });

  test('may not have headers of 100 KB', async () => {
    const error = await failure(call('/bigger-headers'));
    expect(error).toMatchObject({
      code: 'CALL_BROKEN',
      message: `GET ${upstream.url}/bigger-headers: the answer's headers are too large`,
    });
  });
});

describe('a request', () => {
  test('arrives as it was built', async () => {
    const body = Buffer.from('grüße');
    await call('/echo/a%2Fb?q=%20', {
      method: 'POST',
      headers: [
        ['X-Text', 'grüße'],
        ['Cookie', 'a=1; b=2'],
      ],
      body,
    });
    const received = upstream.requests.at(-1);
    expect(received).toMatchObject({ method: 'POST', url: '/echo/a%2Fb?q=%20', body });
    const headers = new Map(received?.headers);
    expect(Buffer.from(headers.get('X-Text') ?? '', 'latin1').toString('utf8')).toBe('grüße');
    expect(headers.get('Cookie')).toBe('a=1; b=2');
    expect(headers.get('Accept-Encoding')).toBe('gzip, deflate, br, zstd');
    expect(headers.get('User-Agent')).toBe('Callboard');
  });

  test('keeps the Accept-Encoding and User-Agent that it has', async () => {
    await call('/echo', {
      headers: [
        ['accept-encoding', 'identity'],
        ['user-agent', 'mine'],
      ],
    });
    const headers = upstream.requests.at(-1)?.headers.map(([name, value]) => `${name}: ${value}`) ?? [];
    expect(headers).toEqual(expect.arrayContaining(['accept-encoding: identity', 'user-agent: mine']));
    expect(headers.filter((header) => /^(accept-encoding|user-agent)/i.test(header))).toHaveLength(2);
  });

  test.each(['GET', 'DELETE', 'OPTIONS', 'QUERY'])('may have a body with %s', async (method) => {
    await call('/echo', { method, body: Buffer.from('{"a":1}') });
    expect(upstream.requests.at(-1)).toMatchObject({ method, body: Buffer.from('{"a":1}') });
  });

  test('after another goes over the same connection', async () => {
    const own = new HttpCaller();
    const before = upstream.connections;
    for (let i = 0; i < 20; i += 1) await own.call(request('/json'), { timeoutMs: 5_000 });
    // One rests for a moment after each answer while the other is used.
    expect(upstream.connections - before).toBeLessThanOrEqual(2);
    await own.close();
  });
});

describe('a content coding', () => {
  test.each(['/gzip', '/x-gzip', '/br', '/deflate', '/deflate-raw', '/zstd', '/twice', '/zstd-gzip'])(
    'is undone: %s',
    async (path) => {
      const response = await call(path);
      expect(textOf(response)).toBe(TEXT);
      const names = response.headers.map(([name]) => name.toLowerCase());
      expect(names).not.toContain('content-encoding');
      expect(names).not.toContain('content-length');
      expect(names).toContain('x-kept');
    },
  );

  test.each(['/identity', '/unknown-coding'])('that changes nothing or is unknown is left: %s', async (path) => {
    const response = await call(path);
    expect(textOf(response)).toBe(TEXT);
    expect(response.headers.map(([name]) => name)).toEqual(
      expect.arrayContaining(['Content-Encoding', 'Content-Length']),
    );
  });

  test.each(['foo', 'gzip, foo', 'foo, gzip'])(
    'that is unknown is told where a long answer goes: %s',
    async (coding) => {
      const told: string[] = [];
      const keepLarge = async (stream: Readable, answer: Omit<Response, 'body'>): Promise<Payload> => {
        for (const [name, value] of answer.headers) if (/^content-(encoding|length)$/i.test(name)) told.push(value);
        let bytes = 0;
        for await (const chunk of stream) bytes += (chunk as Buffer).length;
        return { blob: 'kept', bytes };
      };
      const response = await call(`/coded?${encodeURIComponent(coding)}`, {}, { keepLarge });
      expect(response.body).toEqual({ blob: 'kept', bytes: 100_000 });
      expect(told).toEqual([coding, '100000']);
      expect(response.headers).toEqual(expect.arrayContaining([['Content-Encoding', coding]]));
    },
  );

  test('of nothing is nothing', async () => {
    expect((await call('/empty-gzip')).body.bytes).toBe(0);
  });

  test.each(['/broken-gzip', '/cut-gzip', '/broken-zstd', '/cut-zstd'])(
    'that is broken is a failure: %s',
    async (path) => {
      const error = await failure(call(path));
      expect(error.message).toBe(`GET ${upstream.url}${path}: the answer's content coding is broken`);
      expect(error.fault).toBe('CALL_UNDECODABLE');
    },
  );

  test('that a library of ours undoes is bounded and streamed like the others', async () => {
    expect((await call('/long-zstd')).body.bytes).toBe(3 * MEBIBYTE);
    expect((await failure(call('/long-zstd', {}, { maxBytes: MEBIBYTE }))).fault).toBe('CALL_TOO_LARGE');
  });

  test('that makes little into much is streamed, and ends at the limit', async () => {
    let largest = 0;
    const keepLarge = async (stream: Readable) => {
      let bytes = 0;
      for await (const chunk of stream) {
        bytes += (chunk as Buffer).length;
        largest = Math.max(largest, (chunk as Buffer).length);
      }
      return { blob: 'b', bytes };
    };
    expect((await call('/bomb', {}, { keepLarge })).body).toEqual({ blob: 'b', bytes: 32 * MEBIBYTE });
    expect(largest).toBeLessThan(MEBIBYTE);
    const error = await failure(call('/bomb', {}, { keepLarge, maxBytes: MEBIBYTE }));
    expect(error.message).toBe(`GET ${upstream.url}/bomb: the answer is longer than 1048576 bytes`);
  });

  test.each(['/bomb', '/brotli-bomb'])('that grows out of all proportion ends early: %s', async (path) => {
    const error = await failure(call(path, {}, { maxRatio: 500 }));
    expect(error.fault).toBe('CALL_TOO_LARGE');
    expect(error.message).toBe(
      `GET ${upstream.url}${path}: decoded, the answer is more than 500 times as long as it came`,
    );
    expect((await call('/bomb', {}, { maxRatio: 2_000 })).body.bytes).toBe(32 * MEBIBYTE);
    expect((await call('/long-zstd', {}, { maxRatio: 1 })).body.bytes).toBe(3 * MEBIBYTE);
  });
});

describe('a large answer', () => {
  test('goes through keepLarge, which is told the status', async () => {
    const statuses: number[] = [];
    const keepLarge = async (stream: Readable, answer: { status: number }): Promise<Payload> => {
      statuses.push(answer.status);
      let bytes = 0;
      for await (const chunk of stream) bytes += (chunk as Buffer).length;
      return { blob: 'kept', bytes };
    };
    expect((await call('/large?65536', {}, { keepLarge })).body).toMatchObject({
      bytes: 65_536,
      inline: expect.anything(),
    });
    expect((await call('/large?65537', {}, { keepLarge })).body).toEqual({ blob: 'kept', bytes: 65_537 });
    expect((await call(`/large?${5 * MEBIBYTE}`, {}, { keepLarge })).body).toEqual({
      blob: 'kept',
      bytes: 5 * MEBIBYTE,
    });
    expect(statuses).toEqual([200, 200]);
  });

  test('stays in memory when there is no place for it', async () => {
    expect((await call(`/large?${MEBIBYTE + 1}`)).body.bytes).toBe(MEBIBYTE + 1);
  });

  test('is held back while nobody reads, so that memory stays flat', async () => {
    const bytes = 64 * MEBIBYTE;
    let largest = 0;
    const keepLarge = async (stream: Readable): Promise<Payload> => {
      await eventually('a full stream', () => stream.readableLength >= stream.readableHighWaterMark);
      let taken = 0;
      for await (const chunk of stream) {
        taken += (chunk as Buffer).length;
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        largest = Math.max(largest, stream.readableLength);
      }
      return { blob: 'x', bytes: taken };
    };
    expect((await call(`/large?${bytes}`, {}, { keepLarge })).body.bytes).toBe(bytes);
    expect(largest).toBeLessThan(MEBIBYTE);
  });

  test('that nobody reads can be given up', async () => {
    const controller = new AbortController();
    const keepLarge = async (stream: Readable): Promise<Payload> => {
      await eventually('a full stream', () => stream.readableLength >= stream.readableHighWaterMark);
      controller.abort(new Error('enough'));
      await once(stream, 'close');
      return { blob: 'x', bytes: 0 };
    };
    const promise = call(`/large?${200 * MEBIBYTE}`, {}, { signal: controller.signal, keepLarge });
    await expect(promise).rejects.toThrow('enough');
  });

  test('above the limit is a failure, however it comes', async () => {
    const error = await failure(call(`/large?${MEBIBYTE}`, {}, { maxBytes: 100_000 }));
    expect(error.fault).toBe('CALL_TOO_LARGE');
    expect(error.message).toBe(`GET ${upstream.url}/large: the answer is longer than 100000 bytes`);
    expect((await failure(call('/json', {}, { maxBytes: 3 }))).fault).toBe('CALL_TOO_LARGE');
  });

  test('that its keeper refuses is the keeper’s error, and leaves no connection hanging', async () => {
    const full = new Unavailable('DISK_FULL', 'The disk is full.');
    await expect(call(`/large?${50 * MEBIBYTE}`, {}, { keepLarge: () => Promise.reject(full) })).rejects.toBe(full);
    expect(textOf(await call('/json'))).toBe('{"a":1}');
  });

  test('that breaks off is the call’s failure, whatever its keeper makes of it', async () => {
    const keepLarge = async (stream: Readable): Promise<Payload> => {
      try {
        for await (const _ of stream);
      } catch {
        throw new Unavailable('STORE', 'The store lost its stream.');
      }
      return { blob: 'x', bytes: 0 };
    };
    const error = await failure(call('/cut-late', {}, { keepLarge }));
    expect(error.message).toBe(`GET ${upstream.url}/cut-late: connection closed before the whole answer came`);
    expect(error.sent).toBe(true);
  });
});

describe('a redirect', () => {
  const to = (status: number, location: string) => `/to?${encodeURIComponent(`${status} ${location}`)}`;
  const post = { method: 'POST', body: Buffer.from('{}'), openHeaders: ['content-type'] };

  test.each([
    [301, 'GET'],
    [302, 'GET'],
    [303, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ])('of %d after POST asks with %s', async (status, method) => {
    const response = await call(to(status, '/landed?x=1'), {
      ...post,
      headers: [['Content-Type', 'application/json']],
    });
    const echoed = JSON.parse(textOf(response)) as { method: string; url: string; body: string; headers: object };
    expect(echoed).toMatchObject({ method, url: '/landed?x=1', body: method === 'POST' ? '{}' : '' });
    expect(Object.keys(echoed.headers).includes('Content-Type')).toBe(method === 'POST');
  });

  test.each([
    [302, 'PUT', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'HEAD', 'HEAD'],
    [301, 'DELETE', 'GET'],
    [307, 'DELETE', 'DELETE'],
    [308, 'PATCH', 'PATCH'],
  ])('of %d after %s asks with %s', async (status, method, next) => {
    await call(to(status, '/landed'), { method });
    expect(upstream.requests.at(-1)).toMatchObject({ method: next, url: '/landed' });
  });

  test.each(['relative', './relative', '/absolute', '?query=1'])('may lead to %s', async (location) => {
    const url = new URL(location, `${upstream.url}/to`);
    await call(`/to?${encodeURIComponent(`302 ${location}`)}`);
    expect(upstream.requests.at(-1)?.url).toBe(location === '?query=1' ? '/to?query=1' : url.pathname);
  });

  test('to another origin drops every header that came from somebody', async () => {
    const headers = [
      ['Accept', 'application/json'],
      ['Authorization', 'Bearer secret'],
      ['Cookie', 'session=secret'],
      ['x-rapidapi-key', 'secret'],
      ['Content-Type', 'application/json'],
    ] as const;
    const open = { headers, openHeaders: ['accept', 'content-type'] };
    await call(to(307, `${elsewhere.url}/landed`), { ...post, ...open });
    const received = elsewhere.requests.at(-1);
    expect(received).toMatchObject({ method: 'POST', url: '/landed', body: Buffer.from('{}') });
    expect(JSON.stringify(received?.headers)).not.toContain('secret');
    expect(received?.headers).toEqual(
      expect.arrayContaining([
        ['Accept', 'application/json'],
        ['Content-Type', 'application/json'],
      ]),
    );
    await call(to(302, '/same'), { ...open });
    expect(JSON.stringify(upstream.requests.at(-1)?.headers).match(/secret/g)).toHaveLength(3);
  });

  test('to another origin and back brings nothing back', async () => {
    const home = `${upstream.url}/landed`;
    const away = `${elsewhere.url}/to?${encodeURIComponent(`302 ${home}`)}`;
    const headers = [
      ['X-Key', 'secret'],
      ['Accept', 'a/b'],
    ] as const;
    await call(to(302, away), { headers, openHeaders: ['accept'] });
    expect(elsewhere.requests.at(-1)?.url).toBe(new URL(away).href.slice(elsewhere.url.length));
    const received = upstream.requests.at(-1);
    expect(received?.url).toBe('/landed');
    expect(received?.headers).toEqual(expect.arrayContaining([['Accept', 'a/b']]));
    expect(JSON.stringify(received?.headers)).not.toContain('secret');
  });

  test.each([
    ['another port', () => elsewhere.url],
    ['another host', () => upstream.url.replace('127.0.0.1', 'localhost')],
  ])('to %s is to another origin', async (_, origin) => {
    const headers = [['X-Key', 'secret']] as const;
    await call(to(302, `${origin()}/landed`), { headers }).catch(() => undefined);
    const all = [...upstream.requests, ...elsewhere.requests].filter(({ url }) => url === '/landed');
    expect(all.length).toBeGreaterThan(0);
    expect(JSON.stringify(all.at(-1)?.headers)).not.toContain('secret');
  });

  test('asks for the location as it is, without its fragment and without what the query held', async () => {
    await call(`${to(302, '/landed?a=%20b#part')}&api_key=secret`);
    expect(upstream.requests.at(-1)?.url).toBe('/landed?a=%20b');
  });

  test('keeps no cookie that is set on the way', async () => {
    await call('/sets-cookie', { headers: [['Cookie', 'own=1']] });
    const cookies = upstream.requests.at(-1)?.headers.filter(([name]) => name.toLowerCase() === 'cookie');
    expect(cookies).toEqual([['Cookie', 'own=1']]);
  });

  test('that is not to be followed is the answer', async () => {
    const before = upstream.requests.length;
    const response = await call(to(302, '/landed'), {}, { followRedirects: false });
    expect(response).toMatchObject({ status: 302, headers: expect.arrayContaining([['location', '/landed']]) });
    expect(upstream.requests.length - before).toBe(1);
  });

  test('never carries a user name and password on', async () => {
    const location = `${elsewhere.url.replace('//', '//user:pass@')}/landed`;
    await call(to(302, location));
    expect(JSON.stringify(elsewhere.requests.at(-1)?.headers)).not.toMatch(/authorization/i);
  });

  test('with a large body of its own is followed at once', async () => {
    expect(textOf(await call('/fat-redirect'))).toBe('{"a":1}');
  });

  test('after ten of them is a failure', async () => {
    const before = upstream.requests.length;
    const error = await failure(call('/loop'));
    expect(error.message).toBe(`GET ${upstream.url}/loop: more than 10 redirects`);
    expect(upstream.requests.length - before).toBe(11);
  });

  test.each(['file:///etc/passwd', 'ftp://h/', 'http://', 'javascript:alert(1)', 'http://[::1', '//'])(
    'to %s is a failure',
    async (location) => {
      const error = await failure(call(to(302, location)));
      expect(error.message).toBe(`GET ${upstream.url}/to: redirected to what is not an http or https address`);
    },
  );
});

describe('a failure', () => {
  test('names method and address without the query, the cause in words, and whether anything was sent', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const url = `http://127.0.0.1:${port}/a/b?key=secret`;
    const error = await failure(caller.call(request('', { url }), { timeoutMs: 5_000 }));
    expect(error).toMatchObject({
      message: `GET http://127.0.0.1:${port}/a/b: connection refused`,
      code: 'CALL_NO_CONNECTION',
      sent: false,
    });
  });

  test.each([
    ['/reset', 'connection reset'],
    ['/hang-up', 'connection closed before the whole answer came'],
    ['/cut', 'connection closed before the whole answer came'],
  ])('of the connection after sending is told: %s', async (path, words) => {
    const error = await failure(call(path, { method: 'POST' }));
    expect(error).toMatchObject({ message: `POST ${upstream.url}${path}: ${words}`, sent: true, code: 'CALL_BROKEN' });
  });

  test('of a name look-up is told', async () => {
    const url = 'http://no-such-host.invalid/x';
    const error = await failure(caller.call(request('', { url }), { timeoutMs: 5_000 }));
    expect(error.message).toMatch(
      /^GET http:\/\/no-such-host\.invalid\/x: (host name not found|the host name could not)/,
    );
    expect(error.sent).toBe(false);
  });

  test('of what does not speak HTTP is told', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-nonsense\r\n\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const error = await failure(caller.call(request('', { url }), { timeoutMs: 5_000 }));
    expect(error.message).toBe(`GET ${url}: the answer is not valid HTTP`);
    server.close();
  });

  test('of the TLS handshake is told', async () => {
    const url = `${upstream.url.replace('http:', 'https:')}/x`;
    const error = await failure(caller.call(request('', { url }), { timeoutMs: 5_000 }));
    expect(error.message).toBe(`GET ${url}: TLS handshake failed`);
    expect(error.sent).toBe(false);
  });
});

describe('the time', () => {
  test('of a call is bounded, whatever it waits for', async () => {
    const error = await failure(call('/never', {}, { timeoutMs: 60 }));
    expect(error).toMatchObject({
      message: `GET ${upstream.url}/never: no whole answer within 60 ms`,
      code: 'CALL_TIMEOUT',
      sent: true,
    });
  });

  test('bounds a connection that does not open, and an answer that trickles', async () => {
    const opened: Socket[] = [];
    const silent = createServer((socket) => opened.push(socket.on('error', () => undefined)));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const own = new HttpCaller();
    const unopened = await failure(own.call(request('', { url }), { timeoutMs: 60 }));
    expect(unopened).toMatchObject({ code: 'CALL_TIMEOUT', sent: false });
    await own.close();
    for (const socket of opened) socket.destroy();
    silent.close();
    const keepLarge = async (stream: Readable): Promise<Payload> => {
      await once(stream, 'close');
      return { blob: 'x', bytes: 0 };
    };
    const slow = await failure(call(`/large?${100 * MEBIBYTE}`, {}, { timeoutMs: 80, keepLarge }));
    expect(slow.code).toBe('CALL_TIMEOUT');
  });

  test('ends with the signal, whose reason is thrown', async () => {
    const controller = new AbortController();
    const reason = new Unavailable('STOPPING', 'The worker stops.');
    const promise = call('/never', {}, { signal: controller.signal });
    controller.abort(reason);
    await expect(promise).rejects.toBe(reason);
    await expect(call('/json', {}, { signal: controller.signal })).rejects.toBe(reason);
  });

  test('tells where the signal ends it before anything has left, and only then', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const [opening, sent] = [new AbortController(), new AbortController()];
    const told: string[] = [];
    const unsent = (name: string) => ({ onUnsent: () => void told.push(name) });
    const ended = (promise: Promise<unknown>) => promise.catch(() => undefined);
    const connected = once(silent, 'connection');
    const unopened = ended(call('', { url }, { signal: opening.signal, ...unsent('opening') }));
    const [socket] = (await connected) as [Socket];
    opening.abort(new Error('enough'));
    await unopened;
    socket.destroy();
    silent.close();
    const before = upstream.requests.length;
    const promise = ended(call('/never', {}, { signal: sent.signal, ...unsent('sent') }));
    await eventually('the request at the service', () => upstream.requests.length > before);
    sent.abort(new Error('enough'));
    await promise;
    await ended(call('/json', {}, { signal: sent.signal, ...unsent('late') }));
    expect(told).toEqual(['opening', 'late']);
  });

  test('after a failed call leaves the next ones alone', async () => {
    await Promise.all([failure(call('/never', {}, { timeoutMs: 30 })), failure(call('/reset'))]);
    expect(
      (await Promise.all(Array.from({ length: 20 }, () => call('/json')))).every(({ status }) => status === 200),
    ).toBe(true);
  });
});

test('a closed caller fails its calls, and may be closed again', async () => {
  const own = new HttpCaller();
  const underWay = failure(own.call(request('/never'), { timeoutMs: 5_000 }));
  await own.close();
  await own.close();
  expect((await underWay).message).toMatch(/^GET /);
  expect((await failure(own.call(request('/json'), { timeoutMs: 5_000 }))).message).toContain('the caller is closed');
});
