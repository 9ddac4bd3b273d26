import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { CERTIFICATE, KEY } from '../../../libs/client-runtime/http/http2.test-kit.js';
import type { Marks } from './marks.js';

/** A service that tells all it was sent, in each way a service may go wrong. */
export interface LeakyService {
  readonly address: string;
  /** The same over TLS; it asks for a certificate. */
  readonly secureAddress: string;
  /** A proxy that lets nothing through, and tells why. */
  readonly proxy: string;
  /** How many calls wait for their answer. */
  readonly held: number;
  /** Answers those that wait. */
  letGo(): void;
  stop(): Promise<void>;
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** More than it says that it takes. */
export const ENDLESS_BYTES = 400_000;

export async function startLeakyService(marks: Marks): Promise<LeakyService> {
  const own = ownSecrets(marks);
  const held: (() => void)[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void buffer(request).then((body) => {
      if (request.url?.includes('/held')) held.push(() => answer(request, body, response, own));
      else answer(request, body, response, own);
    });
  };
  const plain = createServer(listener);
  const tls = { key: KEY, cert: CERTIFICATE, requestCert: true, rejectUnauthorized: false };
  const secure = createTlsServer(tls, listener);
  const proxy = createServer(listener).on('connect', (request: IncomingMessage, socket) => {
    socket.on('error', () => undefined);
    socket.end(`HTTP/1.1 407 ${own.reason}\r\nx-echo: ${JSON.stringify(request.headers)}\r\n\r\n`);
  });
  const [address, secureAddress, proxyAddress] = await Promise.all([plain, secure, proxy].map(listening));
  return {
    address: `http://${address ?? ''}`,
    secureAddress: `https://${secureAddress ?? ''}`,
    proxy: proxyAddress ?? '',
    get held() {
      return held.length;
    },
    letGo: () => held.splice(0).forEach((give) => give()),
    stop: async () => {
      for (const server of [plain, secure, proxy]) server.closeAllConnections();
      await Promise.all([plain, secure, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

type Own = ReturnType<typeof ownSecrets>;

function ownSecrets(marks: Marks) {
  return {
    header: marks.plant('a header of an answer', 'answer'),
    cookie: marks.plant('a cookie of an answer', 'answer'),
    type: marks.plant('the content type of an answer', 'answer'),
    reason: marks.plant('the reason phrase of an answer', 'answer'),
    property: marks.plant('a name in the body of an answer', 'answer'),
    value: marks.plant('a value in the body of an answer', 'answer'),
    location: marks.plant('the address of a redirect', 'answer'),
    userinfo: marks.plant('userinfo in the address of a redirect', 'answer'),
    token: marks.plant('a fetched token', 'credential'),
    refresh: marks.plant('a refresh token that came with it', 'credential'),
    description: marks.plant('why a token endpoint refused', 'answer'),
  };
}

function answer(request: IncomingMessage, body: Buffer, response: ServerResponse, own: Own): void {
  const { url = '', method, headers } = request;
  const echo = JSON.stringify({ url, method, headers, body: body.toString(), [own.property]: own.value });
  const head = { ...JSON_TYPE, 'x-own': own.header, 'set-cookie': `a=${own.cookie}` };
  if (url.startsWith('/token')) answerToken(url, echo, response, own);
  else if (url.includes('/reset')) request.socket.destroy();
  else if (url.includes('/silent')) return;
  else if (url.includes('/garbage')) request.socket.end(`garbage ${echo}\r\n\r\n`);
  else if (url.includes('/redirect')) response.writeHead(302, { ...head, location: `/echo?at=${own.location}` }).end();
  else if (url.includes('/userinfo')) {
    // Only where nobody listens, so that the address is told of.
    const location = `http://user:${own.userinfo}@127.0.0.1:9/${own.location}?at=${own.location}`;
    response.writeHead(307, { ...head, location }).end();
  } else if (url.includes('/large')) response.writeHead(200, head).end(echo.padEnd(200_000));
  else if (url.includes('/endless')) response.writeHead(200, head).end(echo.padEnd(ENDLESS_BYTES));
  else if (url.includes('/invalid')) response.writeHead(200, head).end(`{"invalid": ${echo} ${own.value}`);
  else if (url.includes('/cut')) {
    const packed = gzipSync(echo);
    response.writeHead(200, { ...head, 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length - 12));
  } else if (url.includes('/type/')) {
    response.writeHead(200, { ...head, 'content-type': `text/plain; note=${own.type}` }).end(echo);
  } else {
    const status = Number(/\/status\/(\d+)/.exec(url)?.[1] ?? 200);
    response.writeHead(status, own.reason, head).end(echo);
  }
}

function answerToken(url: string, echo: string, response: ServerResponse, own: Own): void {
  if (url.includes('refusing')) {
    const told = { error: 'invalid_client', error_description: `${own.description} ${echo}` };
    response.writeHead(401, JSON_TYPE).end(JSON.stringify(told));
  } else if (url.includes('invalid'))
    response.writeHead(200, JSON_TYPE).end(`{"access_token": "${own.token}", ${echo}`);
  else if (url.includes('redirecting')) response.writeHead(307, { location: `/token?at=${own.location}` }).end();
  else {
    const token = { access_token: own.token, refresh_token: own.refresh, token_type: 'Bearer', expires_in: 60 };
    response.writeHead(200, JSON_TYPE).end(JSON.stringify(token));
  }
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
