import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { newTraceId } from '#core';
import { eventually, runFlowControlConformance, TcpProxy } from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import { SystemClock } from '../../clock/index.js';
import { RedisConnection } from '../../connection/redis/index.js';
import { RedisFlowControl } from './redis-flow-control.js';

describeWithServer(['REDIS_URL'], 'RedisFlowControl', ({ REDIS_URL: url = '' }) => {
  const clock = new SystemClock();
  const prefix = `callboard-test-${newTraceId()}:`;
  let proxy: TcpProxy;
  let faults: string[];
  const connections: RedisConnection[] = [];

  beforeEach(async () => {
    proxy = await TcpProxy.start(url);
    faults = [];
  });
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await proxy.down();
    const redis = new Redis(url);
    const keys = await redis.keys(`${prefix}*`);
    const endless = await Promise.all(keys.map(async (key) => ((await redis.pttl(key)) === -1 ? [key] : [])));
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
    expect(endless.flat()).toEqual([]);
  });

  async function started(): Promise<RedisFlowControl> {
    const connection = new RedisConnection({ url: proxy.url(url), clock, firstPauseMs: 20, longestPauseMs: 100 });
    connections.push(connection);
    connection.start();
    await connection.keeper.connected();
    return new RedisFlowControl({ connection, clock, prefix, onFault: (fault) => faults.push(fault) });
  }

  runFlowControlConformance('RedisFlowControl', async () => ({
    flow: await started(),
    other: await started(),
    pass: (ms) => clock.sleep(ms),
    close: async () => undefined,
  }));

  it('counts alone while Redis is away, says so, and together again afterwards', async () => {
    const flow = await started();
    const spec = newTraceId();
    const limits = { concurrency: 1 };
    const enter = async (key: string) => {
      const traceId = newTraceId();
      const { isGranted } = await flow.enter(spec, limits, { traceId, key }, 60_000);
      return { traceId, isGranted };
    };
    const first = await enter('a');
    expect([first.isGranted, (await enter('b')).isGranted]).toEqual([true, false]);
    await proxy.down();
    const alone = await enter('c');
    expect([alone.isGranted, (await enter('d')).isGranted]).toEqual([true, false]);
    expect(faults).toEqual([expect.stringMatching(/^limits hold per worker: /)]);
    expect(
      await flow.report(spec, first.traceId, 'failure', { failures: 1, openMs: 5_000, longestOpenMs: 5_000 }),
    ).toEqual({
      ...{ state: 'open', waitMs: 5_000 },
    });
    await flow.leave(spec, alone.traceId);
    expect((await enter('e')).isGranted).toBe(true);
    await proxy.up();
    await eventually('the connection', () => connections.every(({ isConnected }) => isConnected));
    expect((await enter('f')).isGranted).toBe(false);
    await flow.leave(spec, first.traceId);
    expect((await enter('g')).isGranted).toBe(true);
  });
});
