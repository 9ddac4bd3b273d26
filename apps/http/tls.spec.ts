import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { Module } from '@nestjs/common';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadConfig } from '#config';
import { eventually } from '#testing';
import { edgeOf } from './edge.js';
import { startHttpServer } from './http-server.js';
import type { RunningApp } from './http-server.js';
import { readTls } from './tls-files.js';
import { AUTHORITY, ONE, TWO } from './tls.test-kit.js';

@Module({})
class Nothing {}

let folder: string;
let running: RunningApp | undefined;
const faults: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-tls-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  faults.length = 0;
  await rm(folder, { recursive: true });
});

async function place(pair: { readonly cert: string; readonly key: string }) {
  const places = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), passphrase: undefined };
  await writeFile(places.cert, pair.cert);
  await writeFile(places.key, pair.key);
  return places;
}

async function start(places: Awaited<ReturnType<typeof place>>): Promise<number> {
  const tls = readTls(places, (sentence) => faults.push(sentence), 10);
  const edge = { ...edgeOf(loadConfig({ role: 'standalone', env: {} }), () => undefined), tls };
  const options = { host: '127.0.0.1', port: 0, portVariable: 'API_PORT', bodyLimit: 1024, graceMs: 0, edge };
  running = await startHttpServer(
    { module: Nothing },
    {
      ...options,
      prepare: (nest) =>
        void nest
          .getHttpAdapter()
          .getInstance()
          .get('/', () => 'hello'),
    },
  );
  expect(running.address).toMatch(/^https:/);
  return Number(new URL(running.address).port);
}

/** The name that the server's certificate is made out to. */
async function nameShown(port: number, options: ConnectionOptions = {}): Promise<unknown> {
  const socket = connect({ port, host: '127.0.0.1', ca: AUTHORITY, checkServerIdentity: () => undefined, ...options });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

test('the listener speaks TLS and tells browsers to keep to it', async () => {
  const port = await start(await place(ONE));
  const request = get({ port, host: '127.0.0.1', servername: 'one.example', ca: AUTHORITY, agent: false });
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  expect(response.headers['strict-transport-security']).toBe('max-age=31536000');
  expect(await text(response)).toBe('hello');
});

test('TLS below 1.2 and plain HTTP get nothing', async () => {
  const port = await start(await place(ONE));
  // The lowest level of security, so that the refusal is the server's own and not that of the test's library.
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await expect(nameShown(port, old)).rejects.toThrow(/version|ECONNRESET/i);
  const plain = connectPlain(port, '127.0.0.1');
  plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await text(plain)).not.toContain('hello');
});

test('a certificate that is renewed is shown without a restart, and one that cannot be used is told', async () => {
  const port = await start(await place(ONE));
  expect(await nameShown(port)).toBe('one.example');
  await writeFile(join(folder, 'tls.crt'), TWO.cert);
  await eventually('a fault, for the key is still that of the other', () => faults[0]);
  expect(faults[0]).toContain('TLS_KEY_FILE');
  expect(await nameShown(port)).toBe('one.example');
  await writeFile(join(folder, 'tls.key'), '');
  await eventually('a fault, for the key is half-way written', () => faults.find((fault) => fault.includes('empty')));
  expect(await nameShown(port)).toBe('one.example');
  await writeFile(join(folder, 'tls.key'), TWO.key);
  await eventually('the new certificate', async () => (await nameShown(port)) === 'two.example' || undefined);
});

test('a key that is encrypted needs its passphrase', async () => {
  const places = await place({ cert: ONE.cert, key: ONE.encryptedKey });
  expect(() => readTls(places, () => undefined)).toThrow('TLS_KEY_FILE');
  expect(readTls({ ...places, passphrase: 'sesame' }, () => undefined).current().cert).toBe(ONE.cert);
});

test('a file that is not there is told by its variable', () => {
  expect(() =>
    readTls({ cert: join(folder, 'no'), key: join(folder, 'no'), passphrase: undefined }, () => undefined),
  ).toThrow('Expected TLS_CERT_FILE to name a file that can be read, got ENOENT.');
});
