import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { PrivateServers } from './private-servers.js';
import { describeWithServer } from './real-servers.js';

describeWithServer(['REDIS_URL'], 'servers of a suite of its own', (shared) => {
  let servers: PrivateServers;

  beforeAll(async () => {
    servers = await PrivateServers.start('redis');
  }, 60_000);

  afterAll(async () => {
    await servers.erase();
  });

  it('are not the ones that all suites share', () => {
    expect(servers.env.REDIS_URL).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    expect(servers.env.REDIS_URL).not.toBe(shared.REDIS_URL);
  });

  it('come back from a crash on their port and with their data', async () => {
    const redis = new Redis(servers.env.REDIS_URL ?? '', { retryStrategy: () => 20 });
    redis.on('error', () => undefined);
    try {
      await redis.set('before', 'kept');
      await servers.kill('redis');
      await servers.start('redis');
      expect(await redis.get('before')).toBe('kept');
    } finally {
      redis.disconnect();
    }
  });

  it('are refused to clients while they are stopped', async () => {
    await servers.stop('redis');
    const redis = new Redis(servers.env.REDIS_URL ?? '', { retryStrategy: () => null, lazyConnect: true });
    redis.on('error', () => undefined);
    await expect(redis.connect()).rejects.toThrow();
    redis.disconnect();
    await servers.start('redis');
  });
});
