import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Response } from '#core';
import { startUpstream } from '#testing';
import type { Upstream } from '#testing';
import { HttpCaller } from './http-caller.js';
import type { KeepLarge } from './receive.js';

const MEBIBYTE = 1024 * 1024;

let caller: HttpCaller;
let upstream: Upstream;
let server: Server | undefined;

beforeAll(async () => {
  caller = new HttpCaller();
  upstream = await startUpstream({
    '/close': (_, response) => {
      response.shouldKeepAlive = false;
      response.end(Buffer.alloc(70_000, 'x'));
    },
  });
});
afterEach(() => {
  server?.close();
  server = undefined;
});
afterAll(async () => {
  await caller.close();
  await upstream.close();
});

/** A service that answers each request with these bytes, whatever was asked. */
async function answering(answer: (socket: Socket) => void): Promise<string> {
  const listening = createServer((socket) => {
    socket.on('error', () => undefined).on('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  server = listening;
  await once(listening, 'listening');
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`;
}

function call(url: string, keepLarge?: KeepLarge): Promise<Response> {
  return caller.call({ method: 'GET', url, headers: [], openHeaders: [] }, { timeoutMs: 10_000, keepLarge });
}

function head(...headers: string[]): string {
  return `HTTP/1.1 200 OK\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
}

/** Takes one chunk each turn of the event loop, after the service has ended its side. */
const slowly: KeepLarge = async (stream: Readable) => {
  let bytes = 0;
  for await (const chunk of stream) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    bytes += (chunk as Buffer).length;
  }
  return { blob: 'kept', bytes };
};

describe('a service that closes its connection after a large answer', () => {
  test.each([66_000, 100_000, 131_072, MEBIBYTE])('of %d bytes is read to its end', async (bytes) => {
    const url = await answering((socket) => {
      socket.write(head('Connection: close', `Content-Length: ${bytes}`));
      socket.end(Buffer.alloc(bytes, 'x'));
    });
    expect((await call(url)).body.bytes).toBe(bytes);
    expect((await call(url, slowly)).body).toEqual({ blob: 'kept', bytes });
  });

  test('and does not say its length is read to its end', async () => {
    const url = await answering((socket) => {
      socket.write('HTTP/1.0 200 OK\r\n\r\n');
      socket.end(Buffer.alloc(MEBIBYTE, 'x'));
    });
    expect((await call(url, slowly)).body).toEqual({ blob: 'kept', bytes: MEBIBYTE });
  });

  test('without having said so is read to its end', async () => {
    const url = await answering((socket) => {
      socket.write(head(`Content-Length: ${MEBIBYTE}`));
      socket.end(Buffer.alloc(MEBIBYTE, 'x'));
    });
    expect((await call(url, slowly)).body).toEqual({ blob: 'kept', bytes: MEBIBYTE });
  });

  test('may be a plain HTTP server', async () => {
    expect((await call(`${upstream.url}/close`, slowly)).body).toEqual({ blob: 'kept', bytes: 70_000 });
  });

  test('is read to the end of what its content coding holds', async () => {
    const coded = gzipSync(Buffer.alloc(80 * MEBIBYTE));
    expect(coded.length).toBeGreaterThan(65_536);
    const url = await answering((socket) => {
      socket.write(head('Connection: close', 'Content-Encoding: gzip', `Content-Length: ${coded.length}`));
      socket.end(coded);
    });
    let bytes = 0;
    const response = await call(url, async (stream) => {
      for await (const chunk of stream) bytes += (chunk as Buffer).length;
      return { blob: 'kept', bytes };
    });
    expect(response.body).toEqual({ blob: 'kept', bytes: 80 * MEBIBYTE });
  });

  test('is not believed when it closes too early', async () => {
    const url = await answering((socket) => {
      socket.write(head('Connection: close', `Content-Length: ${MEBIBYTE}`));
      socket.end(Buffer.alloc(200_000, 'x'));
    });
    await expect(call(url, slowly)).rejects.toMatchObject({ code: 'CALL_BROKEN' });
  });
});

test('a connection that was held back to the end of an answer serves the next calls', async () => {
  const sockets = new Set<Socket>();
  const url = await answering((socket) => {
    sockets.add(socket);
    socket.write(head('Content-Length: 100000'));
    socket.write(Buffer.alloc(100_000, 'x'));
  });
  for (let calls = 0; calls < 10; calls += 1) {
    const { body } = await call(url, calls % 2 === 0 ? slowly : undefined);
    expect(body.bytes).toBe(100_000);
  }
  // One rests for a moment after each answer while the other is used.
  expect(sockets.size).toBeLessThanOrEqual(2);
});

describe('what a service says before its answer', () => {
  const final = `${head('Content-Length: 2')}ok`;

  test.each([
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['103 Early Hints', 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'],
    ['102 and 100', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n'],
  ])('is skipped: %s', async (_, information) => {
    const url = await answering((socket) => socket.write(information + final));
    for (let calls = 0; calls < 2; calls += 1) {
      const response = await call(url);
      expect(response).toMatchObject({ status: 200, headers: [['Content-Length', '2']] });
      expect('inline' in response.body && response.body.inline.toString()).toBe('ok');
    }
  });

  test('is skipped when it comes byte by byte', async () => {
    const bytes = Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${final}`);
    const url = await answering((socket) => {
      socket.setNoDelay(true);
      let at = 0;
      const next = () => {
        if (at < bytes.length) socket.write(bytes.subarray(at, ++at), () => setImmediate(next));
      };
      next();
    });
    expect((await call(url)).status).toBe(200);
  });

  test('is no answer by itself', async () => {
    const url = await answering((socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'));
    await expect(call(url)).rejects.toThrow('connection closed before the whole answer came');
  });

  test('cannot go on without end', async () => {
    const url = await answering((socket) => socket.write(`HTTP/1.1 100 ${'x'.repeat(200_000)}`));
    await expect(call(url)).rejects.toMatchObject({ code: 'CALL_BROKEN' });
  });

  test('is left alone where it is part of an answer', async () => {
    const body = 'HTTP/1.1 100 Continue\r\n\r\n';
    const url = await answering((socket) => {
      socket.write(head(`Content-Length: ${body.length}`), () => setImmediate(() => socket.write(body)));
    });
    expect((await call(url)).body.bytes).toBe(body.length);
  });
});
