import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CertificateCredential, Credentials } from '#core';
import { tables } from '#testing';
import { buildRequest } from '../request.js';
import { HttpCaller } from './http-caller.js';
import { CERTIFICATE, KEY } from './http2.test-kit.js';

const SHOWN: CertificateCredential = { certificate: CERTIFICATE, privateKey: KEY };
const OPERATION = tables.operation({ security: [{ tls: [] }] });
const TABLE = tables.table([OPERATION], { securitySchemes: { tls: { type: 'mutualTLS' } } });
const FREE = tables.operation({});

let service: Server;
let url: string;
let caller: HttpCaller;
/** Who has shown what, request by request. */
let seen: { subject: string | undefined; port: number | undefined }[] = [];
let connections = 0;

beforeAll(async () => {
  service = createServer(
    { key: KEY, cert: CERTIFICATE, ca: CERTIFICATE, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const { subject } = socket.getPeerCertificate() as { subject?: { CN?: string } };
      seen.push({ subject: socket.authorized ? subject?.CN : undefined, port: socket.remotePort });
      const to = /^\/to\/x\?(.*)/.exec(request.url ?? '')?.[1];
      if (to === undefined) response.end('yes');
      else response.writeHead(307, { location: decodeURIComponent(to) }).end();
    },
  );
  service.on('secureConnection', () => (connections += 1));
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  url = `https://localhost:${(service.address() as AddressInfo).port}`;
  caller = new HttpCaller({ ca: CERTIFICATE });
});
afterAll(async () => {
  await caller.close();
  service.closeAllConnections();
  service.close();
});

async function call(credentials: Credentials, operation = OPERATION, path = '') {
  seen = [];
  const request = buildRequest(TABLE, operation, { url: `${url}${path}`, credentials: credentials as never });
  await caller.call(request, { timeoutMs: 10_000 });
  return seen.map(({ subject }) => subject);
}

describe('a certificate', () => {
  test('is shown by the scheme that the operation names, or by all connections', async () => {
    expect(await call({ tls: SHOWN })).toEqual(['Callboard tests']);
    expect(await call({ $tls: SHOWN })).toEqual(['Callboard tests']);
    expect(await call({ $tls: SHOWN }, FREE)).toEqual(['Callboard tests']);
    expect(await call({ tls: SHOWN }, FREE)).toEqual([undefined]);
    expect(await call({})).toEqual([undefined]);
  });

  test('has connections of its own, which nobody shares who shows another or none', async () => {
    await call({ tls: SHOWN });
    const [own] = seen;
    await call({});
    expect(seen[0]?.port).not.toBe(own?.port);
    await new Promise((resolve) => setImmediate(resolve));
    const before = connections;
    await call({ tls: SHOWN });
    expect(connections).toBe(before);
    await call({ tls: { ...SHOWN, passphrase: 'of no use' } });
    expect(connections).toBe(before + 1);
  });

  test('stays behind when a redirect leads elsewhere', async () => {
    const to = (target: string) => call({ tls: SHOWN }, OPERATION, `/to?${encodeURIComponent(target)}`);
    expect(await to('/x')).toEqual(['Callboard tests', 'Callboard tests']);
    expect(await to(url.replace('localhost', '127.0.0.1'))).toEqual(['Callboard tests', undefined]);
  });

  test('that cannot be used is told without a word of it', async () => {
    const broken = { tls: { certificate: CERTIFICATE, privateKey: 's3cr3t' } };
    await expect(call(broken)).rejects.toThrow(
      'Expected a client certificate and its private key in PEM that belong together, got others.',
    );
  });
});
