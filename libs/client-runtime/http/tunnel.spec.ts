import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { messageOf } from '#core';
import { startUpstream } from '#testing';
import type { Upstream } from '#testing';
import { Proxies } from '../egress/proxies.js';
import { HttpCaller } from './http-caller.js';
import type { HttpCallerOptions } from './http-caller.js';
import { CERTIFICATE, Http2Service, KEY } from './http2.test-kit.js';

const PUBLIC = '93.184.216.34';

let upstream: Upstream;
let proxy: Server;
let asked: { authority: string; authorization: string | undefined }[];
let answer: string;
const open: { close(): unknown }[] = [];

beforeEach(async () => {
  asked = [];
  answer = 'HTTP/1.1 200 Connection established\r\n\r\n';
  upstream = await startUpstream();
  proxy = await startProxy(createServer());
  open.push(upstream);
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Connects to the port it is asked for, on this machine whatever the address. */
async function startProxy(server: Server): Promise<Server> {
  const sockets = new Set<Socket>();
  server.on('connect', ({ url = '', headers }, client: Socket) => {
    asked.push({ authority: url, authorization: headers['proxy-authorization'] });
    const service = connect(Number(url.slice(url.lastIndexOf(':') + 1)), '127.0.0.1', () => {
      client.write(answer);
      service.pipe(client).pipe(service);
    });
    for (const socket of [service, client]) sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return server;
}

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

function callerBy(proxies: Proxies, addresses = [PUBLIC], options: HttpCallerOptions = {}): HttpCaller {
  const lookup = () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  const caller = new HttpCaller({ proxies, lookup, ca: CERTIFICATE, ...options });
  open.push(caller);
  return caller;
}

const http = (address: string) => new Proxies({ http: address, https: address });

async function call(caller: HttpCaller, url: string): Promise<string> {
  try {
    const request = { method: 'GET', url, headers: [], openHeaders: [] };
    return String((await caller.call(request, { timeoutMs: 10_000 })).status);
  } catch (error) {
    return messageOf(error);
  }
}

describe('a service behind a proxy', () => {
  test('is reached by an address, in plain or over TLS and HTTP/2, under its own name', async () => {
    const service = await Http2Service.start((stream) => {
      stream.respond({ ':status': 200 });
      stream.end();
    });
    open.push(service);
    const secure = new URL(service.url).port;
    const plain = new URL(upstream.url).port;
    const caller = callerBy(http(`http://127.0.0.1:${portOf(proxy)}`));
    expect(await call(caller, `http://x.example:${plain}/`)).toBe('200');
    expect(upstream.requests[0]?.headers).toContainEqual(['host', `x.example:${plain}`]);
    expect(await call(caller, `https://localhost:${secure}/`)).toBe('200');
    expect(await call(caller, `https://x.example:${secure}/`)).toContain('TLS certificate is for another host name');
    expect(asked.map(({ authority }) => authority)).toEqual([plain, secure, secure].map((port) => `${PUBLIC}:${port}`));
  });

  test('is reached by any of its addresses', async () => {
    const port = new URL(upstream.url).port;
    const caller = callerBy(http(`http://127.0.0.1:${portOf(proxy)}`), ['2606:4700::1', PUBLIC]);
    expect(await call(caller, `http://x.example:${port}/`)).toBe('200');
    expect(asked[0]?.authority).toBe(`[2606:4700::1]:${port}`);
  });

  test('is reached through a proxy that speaks TLS and wants a password', async () => {
    const secure = await startProxy(createSecureServer({ key: KEY, cert: CERTIFICATE }));
    const caller = callerBy(http(`https://me:p%40ss@localhost:${portOf(secure)}`));
    expect(await call(caller, `http://x.example:${new URL(upstream.url).port}/`)).toBe('200');
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  test('has its client certificate shown to no proxy', async () => {
    const options = { key: KEY, cert: CERTIFICATE, requestCert: true, rejectUnauthorized: false };
    const secure = createSecureServer(options);
    const shown: unknown[] = [];
    secure.on('connect', (_request, socket: TLSSocket) => shown.push(socket.getPeerX509Certificate()));
    const caller = callerBy(http(`https://localhost:${portOf(await startProxy(secure))}`));
    const service = await Http2Service.start((stream) => {
      stream.respond({ ':status': 200 });
      stream.end();
    });
    open.push(service);
    const certificate = { certificate: CERTIFICATE, privateKey: KEY };
    const request = {
      method: 'GET',
      url: `https://localhost:${new URL(service.url).port}/`,
      headers: [],
      openHeaders: [],
    };
    expect((await caller.call({ ...request, certificate }, { timeoutMs: 10_000 })).status).toBe(200);
    expect(shown).toEqual([undefined]);
  });

  test('that the proxy does not let through is a failure in one sentence', async () => {
    answer = 'HTTP/1.1 403 Forbidden\r\n\r\n';
    const url = `http://x.example:${new URL(upstream.url).port}/`;
    expect(await call(callerBy(http(`http://127.0.0.1:${portOf(proxy)}`)), url)).toBe(
      `GET ${url}: no connection through the proxy: it answered 403`,
    );
    expect(await call(callerBy(http('http://127.0.0.1:1')), url)).toBe(
      `GET ${url}: no connection through the proxy: ECONNREFUSED`,
    );
  });

  test('that stays silent ends in time', async () => {
    answer = '';
    const url = `http://x.example:${new URL(upstream.url).port}/`;
    const caller = callerBy(http(`http://127.0.0.1:${portOf(proxy)}`), [PUBLIC], { connectTimeoutMs: 50 });
    expect(await call(caller, url)).toBe(`GET ${url}: no connection in time`);
  });
});

describe('NO_PROXY', () => {
  test.each([
    ['*', 'a.example', PUBLIC, false],
    ['a.example', 'a.example', PUBLIC, false],
    ['a.example', 'b.a.example', PUBLIC, false],
    ['.a.example', 'b.a.example', PUBLIC, false],
    ['a.example', 'ba.example', PUBLIC, true],
    ['a.example:80', 'a.example', PUBLIC, false],
    ['a.example:81', 'a.example', PUBLIC, true],
    [PUBLIC, 'a.example', PUBLIC, false],
    ['93.184.0.0/16', 'a.example', PUBLIC, false],
    ['10.0.0.0/8', 'a.example', PUBLIC, true],
    ['fd00::/8', 'a.example', 'fd00::1', false],
    ['none.example', 'localhost', '127.0.0.1', false],
    ['none.example', 'x.example', '::1', false],
  ])('%s has %s (%s) called through a proxy: %s', (none, host, address, want) => {
    const proxies = new Proxies({ http: 'http://proxy:3128', none: [none] });
    const found = [{ address, family: address.includes(':') ? 6 : 4 }];
    expect(proxies.proxyFor(false, host, 80, found) !== undefined).toBe(want);
    expect(proxies.proxyFor(true, host, 80, found)).toBeUndefined();
  });
});
