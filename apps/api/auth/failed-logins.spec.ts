import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { MemoryCallerLimits } from '#adapters';
import type { CallerLimits, Login } from '#core';
import { clientAddressOf } from '#observability';
import { FakeClock } from '#testing';
import { requireCredentials } from './authenticate.js';
import { FailedLogins, slowFailedLogins } from './failed-logins.js';
import { Users } from './users.js';

const WINDOW_MS = 900_000;
const RIGHT = 'admin:right';

let clock: FakeClock;
let server: FastifyInstance;
let limits: MemoryCallerLimits;
let api: string;

beforeEach(async () => {
  clock = new FakeClock();
  limits = new MemoryCallerLimits(clock);
  await listen(limits);
});
afterEach(() => server.close());

async function listen(counted: CallerLimits): Promise<void> {
  server = fastify({ forceCloseConnections: true });
  // All requests come from 127.0.0.1: there a proxy stands, so that a test can come from anywhere.
  const from = { trustedProxies: ['127.0.0.1'], forwardedFor: 'x-real-ip' } as const;
  const clientAddress = clientAddressOf(from);
  const policy = { failures: 3, windowMs: WINDOW_MS };
  slowFailedLogins(server, new FailedLogins({ limits: counted, policy, clientAddress, ...from }));
  const users = new Users({ username: 'admin', password: 'right' });
  requireCredentials(server, { users, keys: { check: () => null }, networkOf: () => '' }, ['/ping']);
  server.get('/', () => 'ok');
  server.get('/ping', () => 'pong');
  api = await server.listen({ host: '127.0.0.1', port: 0 });
}

/** The status, and how long to wait. */
async function login(credentials: string, address = '1.2.3.4', url = '/'): Promise<string> {
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const { status, headers } = await fetch(`${api}${url}`, { headers: { authorization, 'x-real-ip': address } });
  return `${status} ${headers.get('retry-after') ?? ''}`.trim();
}

async function failTimes(times: number, address?: string): Promise<void> {
  for (let time = 0; time < times; time += 1) expect(await login(`admin:wrong ${time}`, address)).toBe('401');
}

describe('failed logins', () => {
  test('an address that fails too often waits twice as long after each, a minute at most', async () => {
    await failTimes(3);
    const waited: string[] = [];
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      waited.push(await login('admin:guess'));
      await clock.advance(seconds * 1_000);
      expect(await login('admin:guess')).toBe('401');
    }
    expect(waited).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => `429 ${seconds}`));
  });

  test('while an address waits, its right password is not told from a wrong one', async () => {
    await failTimes(3);
    expect(await login(RIGHT)).toBe('429 1');
    await clock.advance(1_000);
    expect(await login(RIGHT)).toBe('200');
  });

  test('no more guesses are looked at when many come at once and are asked about elsewhere', async () => {
    await server.close();
    // As with Redis, whose answers come later: here to all when all have asked.
    let asking = 30;
    let answerAll = (): void => undefined;
    const allAsked = new Promise<void>((resolve) => (answerAll = resolve));
    const later = async (of: Login) => {
      const pauseMs = limits.pauseMs(of);
      asking -= 1;
      if (asking === 0) answerAll();
      await allAsked;
      return pauseMs;
    };
    await listen(Object.create(limits, { pauseMs: { value: later } }) as CallerLimits);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, time) => login(`admin:guess ${time}`)));
    expect(answers.filter((answer) => answer === '401')).toHaveLength(3);
    expect(answers.filter((answer) => answer.startsWith('429'))).toHaveLength(27);
  });

  test('the right password comes in from any other address', async () => {
    await failTimes(3);
    expect(await login(RIGHT, '1.2.3.5')).toBe('200');
  });

  test('a correct login takes back what its own name failed', async () => {
    await failTimes(2);
    expect(await login(RIGHT)).toBe('200');
    await failTimes(3);
    expect(await login('admin:guess')).toBe('429 1');
  });

  test('a login of its own does not free a guesser who tries the name of another', async () => {
    expect(await login('other:guess')).toBe('401');
    expect(await login('other:guess')).toBe('401');
    expect(await login(RIGHT)).toBe('200');
    expect(await login('other:guess')).toBe('401');
    expect(await login('other:guess')).toBe('429 1');
  });

  test('who was let in before goes on, whatever others do behind the same address', async () => {
    expect(await login(RIGHT)).toBe('200');
    await failTimes(3);
    expect(await login('admin:guess')).toBe('429 1');
    expect(await login(RIGHT)).toBe('200');
  });

  test('a path that asks for nothing frees nobody', async () => {
    await failTimes(2);
    for (let time = 0; time < 5; time += 1) expect(await login('admin:guess', undefined, '/ping')).toBe('200');
    await failTimes(1);
    expect(await login('admin:guess')).toBe('429 1');
  });

  test('requests without credentials count for nothing', async () => {
    for (let time = 0; time < 10; time += 1) expect((await fetch(api)).status).toBe(401);
    expect(await login(RIGHT, '127.0.0.1')).toBe('200');
  });

  test('they are forgotten after the window', async () => {
    await failTimes(2);
    await clock.advance(WINDOW_MS + 1);
    await failTimes(2);
    expect(await login(RIGHT)).toBe('200');
  });

  test('a clock that is set back makes nobody wait longer', async () => {
    await failTimes(3);
    clock.jump(clock.now() - 3_600_000);
    expect(await login(RIGHT)).toBe('429 60');
    await clock.advance(60_000);
    expect(await login(RIGHT)).toBe('200');
  });

  test.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:0:0:9', '429 1'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::2', '429 1'],
    ['2001:db8::1', '2001:db8:0:0::2', '429 1'],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', '200'],
    ['1.2.3.4', '::ffff:1.2.3.4', '429 1'],
  ])('failures from %s and a login from %s: %s', async (guesser, address, want) => {
    await failTimes(3, guesser);
    expect(await login(RIGHT, address)).toBe(want);
  });

  test('a name that many addresses try allows each of them one failure', async () => {
    for (let each = 0; each < 16; each += 1) expect(await login('admin:guess', `10.0.0.${each}`)).toBe('401');
    expect(await login('admin:guess', '10.1.1.1')).toBe('401');
    expect(await login('admin:guess', '10.1.1.1')).toBe('429 1');
    // The owner, at an address that nobody has seen, is let in at the first try.
    expect(await login(RIGHT, '10.2.2.2')).toBe('200');
  });
});
