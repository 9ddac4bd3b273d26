import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { newTraceId } from '#core';
import { anAnswer, eventually, FakeClock, runResponseCacheConformance, sampleEncryption, TcpProxy } from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import { SystemClock } from '../../clock/index.js';
import type { RedisResponseCacheOptions } from './redis-response-cache.js';
import { RedisResponseCache } from './redis-response-cache.js';

describeWithServer(['REDIS_URL'], 'RedisResponseCache', ({ REDIS_URL: url = '' }) => {
  const clock = new SystemClock();
  const encryption = sampleEncryption();
  const prefix = `callboard-test-${newTraceId()}:`;
  let proxy: TcpProxy;
  let lines: string[];
  const caches: RedisResponseCache[] = [];

  beforeEach(async () => {
    proxy = await TcpProxy.start(url);
    lines = [];
  });
  afterEach(async () => {
    proxy.thaw();
    await Promise.all(caches.splice(0).map((cache) => cache.close()));
    await proxy.down();
    const redis = new Redis(url);
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });

  function start(options: Partial<RedisResponseCacheOptions> = {}): RedisResponseCache {
    const cache = new RedisResponseCache({
      url: proxy.url(url),
      clock,
      encryption,
      prefix: `${prefix}${newTraceId()}:`,
      firstPauseMs: 20,
      longestPauseMs: 100,
      print: (line) => lines.push(line),
      ...options,
    });
    caches.push(cache);
    cache.start();
    return cache;
  }

  async function started(options: Partial<RedisResponseCacheOptions> = {}): Promise<RedisResponseCache> {
    const cache = start(options);
    await cache.keeper.connected();
    return cache;
  }

  runResponseCacheConformance('RedisResponseCache', async () => ({
    cache: await started(),
    pass: (ms) => clock.sleep(ms),
    close: async () => undefined,
  }));

  it('misses at once without its server, and works when the server comes', async () => {
    await proxy.down();
    const cache = start();
    await cache.set('a', anAnswer(), 60);
    expect(await cache.get('a')).toBeNull();
    await eventually('an attempt', () => lines.includes('⏳ Trying to reconnect Redis in 0.02s...'));
    await proxy.up();
    await cache.keeper.connected();
    expect(lines.at(-1)).toBe('✅ Redis connected successfully!');
    await cache.set('a', anAnswer(), 60);
    expect(await cache.get('a')).toEqual(anAnswer());
    expect(cache.faults).toBe(0);
  });

  it('takes a lost line as a miss, and connects again', async () => {
    const cache = await started();
    await cache.set('a', anAnswer(), 60);
    proxy.freeze();
    const asked = cache.get('a');
    proxy.cut();
    expect(await asked).toBeNull();
    expect(cache.faults).toBe(1);
    await eventually('the loss to be noticed', () => cache.keeper.state === 'connecting');
    proxy.thaw();
    await cache.keeper.connected();
    expect(await cache.get('a')).toEqual(anAnswer());
  });

  it('takes a silent server as a miss in time, and stops asking it', async () => {
    const cache = await started({ commandMs: 50 });
    proxy.freeze();
    for (let n = 0; n < 3; n += 1) expect(await cache.get('a')).toBeNull();
    await eventually('the connection to be given up', () => cache.keeper.state === 'connecting');
    expect(await cache.get('a')).toBeNull();
    expect(cache.faults).toBe(3);
    proxy.thaw();
    await cache.keeper.connected();
    await cache.set('a', anAnswer(), 60);
    expect(await cache.get('a')).not.toBeNull();
  });

  it('takes what it cannot read as a miss, and tells of faults at most once a minute', async () => {
    const told: [string, number][] = [];
    const time = new FakeClock();
    const own = `${prefix}told:`;
    const cache = await started({
      clock: time,
      prefix: own,
      onFault: (fault, count) => told.push([fault, count]),
    });
    const redis = new Redis(url);
    await redis.set(`${own}a`, 'something else');
    await redis.lpush(`${own}b`, 'a list');
    redis.disconnect();
    for (let n = 0; n < 3; n += 1) expect(await cache.get('a')).toBeNull();
    expect(told).toEqual([[expect.stringContaining('encrypted for its place by a known key'), 1]]);
    await time.advance(60_000);
    expect(await cache.get('b')).toBeNull();
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual([expect.stringContaining('WRONGTYPE'), 3]);
    expect(cache.faults).toBe(4);
  });

  it('does not keep an answer that is too large', async () => {
    const cache = await started({ maxEntryBytes: 1_000 });
    await cache.set('a', anAnswer(Buffer.alloc(1_000)), 60);
    expect(await cache.get('a')).toBeNull();
  });

  it('says nothing of a password', async () => {
    const wrong = new URL(proxy.url(url));
    wrong.username = 'nobody';
    wrong.password = 'hunter2';
    const failures: unknown[] = [];
    const cache = start({ url: wrong.href, onFailure: (error) => failures.push(error) });
    await eventually('a failure', () => failures.length > 0);
    expect(cache.keeper.lastError).toContain('WRONGPASS');
    expect(JSON.stringify(failures.map((error) => Object.entries(error as object)))).not.toContain('hunter2');
    expect(cache.address).not.toContain('hunter2');
    expect(() => new RedisResponseCache({ url: 'hunter2', clock, encryption })).toThrow(/^Expected .* got no URL\.$/);
  });

  it('holds nothing in Redis that can be read, or be given out for another key, and takes what it cannot read for none', async () => {
    const [own, redis] = [`${prefix}${newTraceId()}:`, new Redis(url)];
    const cache = start({ prefix: own });
    await cache.keeper.connected();
    await cache.set('one', anAnswer('s3cret'), 60);
    const entry = (await redis.getBuffer(`${own}one`))!;
    expect(entry.toString('latin1')).not.toContain('s3cret');
    await redis.set(`${own}two`, entry);
    expect(await cache.get('two')).toBeNull();
    const other = start({ prefix: own, encryption: sampleEncryption() });
    await other.keeper.connected();
    expect(await other.get('one')).toBeNull();
    expect(other.faults).toBe(1);
    expect(await cache.get('one')).toMatchObject({ body: { bytes: 6 } });
    redis.disconnect();
  });
});
