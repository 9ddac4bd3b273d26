import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { newTraceId } from '#core';
import { Encryption, KeyRing } from '#encryption';
import { eventually, runCallerLimitsConformance, TcpProxy } from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import { SystemClock } from '../../clock/index.js';
import { RedisConnection } from '../../connection/redis/index.js';
import { RedisCallerLimits } from './redis-caller-limits.js';

const POLICY = { failures: 3, windowMs: 900_000 };
const SLOW = { perSecond: 0.001, burst: 1 };

describeWithServer(['REDIS_URL'], 'RedisCallerLimits', ({ REDIS_URL: url = '' }) => {
  const clock = new SystemClock();
  const keys = KeyRing.parse(KeyRing.newKey())!;
  const connections: RedisConnection[] = [];
  let prefix: string;
  let proxy: TcpProxy;
  let faults: string[];
  let redis: Redis;

  beforeEach(async () => {
    prefix = `callboard-test-${newTraceId()}:`;
    proxy = await TcpProxy.start(url);
    faults = [];
    redis = new Redis(url);
  });
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await proxy.down();
    const all = await redis.keys(`${prefix}*`);
    const endless = await Promise.all(all.map(async (key) => ((await redis.pttl(key)) === -1 ? [key] : [])));
    if (all.length > 0) await redis.del(...all);
    redis.disconnect();
    expect(endless.flat()).toEqual([]);
  });

  async function started(mostKept?: number): Promise<RedisCallerLimits> {
    const connection = new RedisConnection({ url: proxy.url(url), clock, firstPauseMs: 20, longestPauseMs: 100 });
    connections.push(connection);
    connection.start();
    await connection.keeper.connected();
    const onFault = (fault: string) => faults.push(fault);
    return new RedisCallerLimits({ connection, clock, encryption: new Encryption(keys), prefix, mostKept, onFault });
  }

  runCallerLimitsConformance('RedisCallerLimits', async () => ({
    limits: await started(),
    other: await started(),
    pass: (ms) => clock.sleep(ms),
    close: async () => undefined,
  }));

  it('counts alone while Redis is away, says so, and together again afterwards', async () => {
    const [limits, other] = [await started(), await started()];
    const login = { network: '1.2.3.4', name: 'user:a', credential: 'Basic wrong' };
    for (let time = 0; time < 9; time += 1) await limits.failed(login, POLICY);
    expect((await limits.take('a', SLOW)).isAllowed).toBe(true);
    await proxy.down();

    expect(await limits.pauseMs(login)).toBeGreaterThan(10_000);
    expect(await other.pauseMs(login)).toBe(0);
    for (let time = 0; time < 3; time += 1) await other.failed({ ...login, network: '5.6.7.8' }, POLICY);
    expect(await other.pauseMs({ ...login, network: '5.6.7.8' })).toBeGreaterThan(0);
    const alone = [await limits.take('a', SLOW), await limits.take('a', SLOW), await other.take('a', SLOW)];
    expect(alone.map(({ isAllowed }) => isAllowed)).toEqual([true, false, true]);
    const told = expect.stringMatching(/^limits of callers hold per API: /);
    expect(faults).toEqual([told, told]);

    await proxy.up();
    await eventually('the connections', () => connections.every(({ isConnected }) => isConnected));
    expect(await other.pauseMs(login)).toBeGreaterThan(10_000);
    expect((await other.take('a', SLOW)).isAllowed).toBe(false);
  });

  it('asks Redis nothing about who was let in from there before', async () => {
    const limits = await started();
    const login = { network: '1.2.3.4', name: 'user:a', credential: 'Basic right' };
    limits.succeeded(login);
    await proxy.down();
    expect(limits.pauseMs(login)).toBe(0);
  });

  it('an attack from many addresses with many names takes no more room in Redis than a fixed number of entries', async () => {
    const limits = await started(50);
    await Promise.all(
      Array.from({ length: 200 }, (_, each) =>
        limits.failed({ network: `10.0.0.${each}`, name: `user:${each}`, credential: 'x' }, POLICY),
      ),
    );
    const parts = ['networks', 'names'].map((part) => `${prefix}caller:${part}`);
    const sizes = parts.flatMap((part) => [redis.hlen(part), redis.zcard(`${part}:order`)]);
    expect(await Promise.all(sizes)).toEqual([50, 50, 50, 50]);
    expect(await redis.keys(`${prefix}*`)).toHaveLength(4);
  });

  it('keeps nothing in Redis that tells of a caller, or that can be guessed without the keys', async () => {
    const limits = await started();
    const login = { network: '1.2.3.4', name: 'user:admin', credential: 'Basic c2VjcmV0' };
    await limits.take('user:admin', SLOW);
    await limits.failed(login, POLICY);
    limits.succeeded({ ...login, name: 'user:other' });
    await limits.take('user:other', SLOW);
    const all = await redis.keys(`${prefix}*`);
    const hashes = all.filter((key) => /(networks|names)$/.test(key)).map((key) => redis.hgetall(key));
    const kept = JSON.stringify([all, await Promise.all(hashes)]);
    expect(all).toHaveLength(7);
    for (const text of ['1.2.3.4', 'admin', 'other', 'c2VjcmV0', 'secret']) expect(kept).not.toContain(text);
    const another = new Encryption(KeyRing.parse(KeyRing.newKey())!);
    const connection = connections[0]!;
    await new RedisCallerLimits({ connection, clock, encryption: another, prefix }).take('user:admin', SLOW);
    expect(await redis.keys(`${prefix}*`)).toHaveLength(8);
  });
});
