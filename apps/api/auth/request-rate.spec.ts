import { afterEach, expect, test } from '@jest/globals';
import { fastify } from 'fastify';
import { MemoryCallerLimits } from '#adapters';
import { FakeClock } from '#testing';
import { limitRequestRate } from './request-rate.js';

const clock = new FakeClock();
const server = fastify({ forceCloseConnections: true });
afterEach(() => server.close());

test('a credential gets its burst, then its rate, and others get theirs', async () => {
  limitRequestRate(server, {
    limits: new MemoryCallerLimits(clock),
    rate: { perSecond: 2, burst: 3 },
    ownerOf: (request) => request.headers.authorization ?? '',
    exempt: ['/ping'],
  });
  server.get('/', () => 'ok');
  server.get('/ping', () => 'pong');
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  const ask = async (authorization = 'a', url = '/') => {
    const { status, headers } = await fetch(`${address}${url}`, { headers: { authorization } });
    return [status, headers.get('ratelimit'), headers.get('retry-after')];
  };
  expect(await ask()).toEqual([200, '"credential";r=2;t=1', null]);
  expect(await ask()).toEqual([200, '"credential";r=1;t=1', null]);
  expect(await ask()).toEqual([200, '"credential";r=0;t=2', null]);
  expect(await ask()).toEqual([429, '"credential";r=0;t=2', '1']);
  expect(await ask('b')).toEqual([200, '"credential";r=2;t=1', null]);
  expect(await ask('a', '/ping')).toEqual([200, null, null]);

  await clock.advance(500);
  expect((await ask())[0]).toBe(200);
  expect((await ask())[0]).toBe(429);
  // Set back, it makes nobody wait for longer than a full burst takes.
  clock.jump(clock.now() - 3_600_000);
  expect((await ask())[0]).toBe(429);
  await clock.advance(500);
  expect((await ask())[0]).toBe(200);
  await clock.advance(10_000);
  expect(await ask()).toEqual([200, '"credential";r=2;t=1', null]);
});
