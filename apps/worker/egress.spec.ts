import { describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { loadConfig } from '#config';
import { FakeClock } from '#testing';
import { egressGuard, waysOut } from './egress.js';

const SERVERS = {
  MONGODB_URI: 'mongodb://app:m0ngo@10.0.0.1,10.0.0.2:27018,[fd00::3]:27019/callboard',
  RABBITMQ_URL: 'amqp://app:r4bbit@10.0.0.4/',
  REDIS_URL: 'rediss://10.0.0.5',
  S3_ENDPOINT: 'https://10.0.0.6',
  S3_ACCESS_KEY: 'name',
  S3_SECRET_KEY: 'secret',
  HTTPS_PROXY: 'http://user:pass@10.0.0.7:3128',
  API_URL: 'http://10.0.0.8:9000',
};

function configOf(env: Record<string, string>) {
  return loadConfig({ role: 'standalone', env: { API_SCHEDULER_AUTH_PASSWORD: 'my own', ...env } });
}

async function isCalled(env: Record<string, string>, address: string, port: number): Promise<boolean> {
  const guard = egressGuard(configOf(env), new FakeClock());
  const found = [{ address, family: address.includes(':') ? 6 : 4 }];
  return guard.permitted(address, port, found).then(
    () => true,
    () => false,
  );
}

describe('a worker', () => {
  test.each([
    ['10.0.0.1', 27017],
    ['10.0.0.2', 27018],
    ['fd00::3', 27019],
    ['10.0.0.4', 5672],
    ['10.0.0.5', 6379],
    ['10.0.0.6', 443],
    ['10.0.0.7', 3128],
    ['10.0.0.8', 9000],
    ['127.0.0.1', 8080],
    ['127.0.0.1', 8081],
    ['::1', 8082],
  ])('never calls its own servers, such as %s at %d', async (address, port) => {
    expect(await isCalled(SERVERS, address, port)).toBe(false);
    expect(await isCalled(SERVERS, address, port + 1_000)).toBe(true);
  });

  test.each([
    [{}, true],
    [{ NODE_ENV: 'test' }, true],
    [{ NODE_ENV: 'production' }, false],
    [{ NODE_ENV: 'production', EGRESS_PRIVATE: 'allow' }, true],
    [{ EGRESS_PRIVATE: 'deny' }, false],
    [{ EGRESS_PRIVATE: 'deny', EGRESS_ALLOW: 'other.example, 10.0.0.0/8' }, true],
    [{ EGRESS_DENY: '10.0.0.0/8' }, false],
    [{ EGRESS_PORTS: '443' }, false],
  ])('with %j calls private networks: %p', async (env, want) => {
    expect(await isCalled(env, '10.0.0.1', 80)).toBe(want);
  });

  test('trusts what EXTRA_CA names beside the usual authorities, and says what it cannot read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callboard-'));
    const [authority = ''] = rootCertificates;
    const path = join(folder, 'ca.pem');
    await writeFile(path, authority);
    expect(waysOut(configOf({ EXTRA_CA: path })).ca?.at(-1)).toBe(authority);
    expect(waysOut(configOf({ EXTRA_CA: path })).ca?.length).toBeGreaterThan(50);
    await writeFile(path, 'nonsense');
    for (const [file, got] of [
      [path, 'something else'],
      [join(folder, 'none.pem'), 'ENOENT'],
    ] as const) {
      const want = `Expected EXTRA_CA to name a file of certificates in PEM, got ${got} for ${file}.`;
      expect(() => waysOut(configOf({ EXTRA_CA: file }))).toThrow(want);
    }
    await rm(folder, { recursive: true });
  });
});
