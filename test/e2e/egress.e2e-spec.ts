import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { startUpstream } from '#testing';
import type { Upstream } from '#testing';
import { CERTIFICATE, KEY } from '../../libs/client-runtime/http/http2.test-kit.js';
import { CallboardClient } from './callboard-client.js';
import { startStandalone } from './deployment.js';
import type { Standalone } from './deployment.js';

const METADATA = 'http://169.254.169.254';
const responses = { 200: { description: 'OK' } };
const SHOWN = { certificate: CERTIFICATE, private_key: KEY };

describe('a worker of standalone', () => {
  let folder: string;
  let service: Server;
  let upstream: Upstream;
  let standalone: Standalone;
  let callboard: CallboardClient;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-egress-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, CERTIFICATE);
    const options = { key: KEY, cert: CERTIFICATE, ca: CERTIFICATE, requestCert: true, rejectUnauthorized: false };
    service = createServer(options, (request, response) =>
      response.end((request.socket as TLSSocket).authorized ? 'known' : 'unknown'),
    );
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    upstream = await startUpstream({
      '/to-metadata': (_, response) => response.writeHead(307, { location: `${METADATA}/latest` }).end(),
    });
    standalone = await startStandalone({ EXTRA_CA: ca });
    callboard = new CallboardClient(standalone);
  }, 60_000);

  afterAll(async () => {
    await standalone.stop();
    await upstream.close();
    service.closeAllConnections();
    service.close();
    await rm(folder, { recursive: true });
  }, 60_000);

  async function call(name: string, url: string, path: string, fields: object = {}) {
    const operation = { responses };
    const document = { openapi: '3.1.0', info: { title: name, version: '1' }, paths: { [path]: { post: operation } } };
    await callboard.register(name, JSON.stringify(document), { url, ...fields });
    const traceId = await callboard.schedule(name, 'POST', path);
    const { status, error } = await callboard.processEnded(traceId);
    return { status, error: error?.replace('Error executing API call: API call failed: ', ''), traceId };
  }

  it.each([
    ['metadata', METADATA, '169.254.169.254 is not called: it is a metadata service of a cloud'],
    ['hexadecimal', 'http://0xA9FEA9FE', '169.254.169.254 is not called: it is a metadata service of a cloud'],
    ['mapped', 'http://[::ffff:169.254.169.254]', 'it is a metadata service of a cloud'],
    ['unspecified', 'http://0.0.0.0:80', 'it is an unspecified address'],
  ])('calls nothing that nobody calls: %s', async (name, url, sentence) => {
    expect(await call(name, url, '/a')).toMatchObject({ status: 'ERROR', error: expect.stringContaining(sentence) });
  });

  it('does not follow a redirect to there', async () => {
    const { status, error } = await call('redirected', upstream.url, '/to-metadata');
    expect([status, error]).toEqual([
      'ERROR',
      `POST ${METADATA}/…: 169.254.169.254 is not called: it is a metadata service of a cloud, and those are never called`,
    ]);
  });

  it('does not call its own API, by whatever name', async () => {
    const own = new URL(standalone.api).port;
    for (const [name, host] of [
      ['own', '127.0.0.1'],
      ['own-name', 'localhost'],
      ['own-number', '2130706433'],
    ] as const) {
      const { status, error } = await call(name, `http://${host}:${own}`, '/v1/api/ping');
      expect([status, error]).toEqual(['ERROR', expect.stringContaining('it is Callboard itself')]);
    }
  });

  it('shows the certificate of a Spec, to a service of an authority of ours', async () => {
    const url = `https://localhost:${(service.address() as AddressInfo).port}`;
    const shown = await call('known', url, '/a', { credentials: { $tls: SHOWN } });
    expect((await callboard.response(shown.traceId)).body.toString()).toBe('known');
    const bare = await call('unknown', url, '/a');
    expect((await callboard.response(bare.traceId)).body.toString()).toBe('unknown');
  });

  it('is told at once of a certificate that does not fit its key', async () => {
    const credentials = { $tls: { ...SHOWN, private_key: 's3cr3t' } };
    const response = await callboard.post('/v1/api/spec', { name: 'x', headers: {}, spec: 'YQ==', credentials });
    expect([response.status, response.text.includes('s3cr3t')]).toEqual([400, false]);
    expect(response.text).toContain('a certificate and the private key that belongs to it, both in PEM');
  });
});
