import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KeyRing } from '#encryption';
import { describeWithServer } from '../setup/real-servers.js';
import type { Standalone } from './deployment.js';
import { startStandalone, until } from './deployment.js';

const BURST = 30;

describeWithServer(['REDIS_URL'], 'two APIs with one Redis', ({ REDIS_URL = '' }) => {
  let apis: Standalone[];
  beforeAll(async () => {
    // Owners and addresses are named by it, so another run counts for itself.
    const shared = { REDIS_URL, CALLBOARD_ENCRYPTION_KEY: KeyRing.newKey() };
    const rate = { API_RATE_LIMIT: '1', API_RATE_BURST: String(BURST) };
    apis = await Promise.all([
      startStandalone({ ...shared, ...rate, LOGIN_FAILURES: '1' }),
      startStandalone({ ...shared, ...rate, LOGIN_FAILURES: '1000' }),
    ]);
  }, 60_000);
  afterAll(() => Promise.all(apis.map((api) => api.stop())));

  const ask = async (index: number, password = apis[0]?.password) => {
    const { api, username } = apis[index % apis.length]!;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const { status } = await fetch(`${api}/v1/api/scheduler/processes`, { headers: { authorization } });
    return status;
  };

  test('a rate counts with the other API', async () => {
    const statuses = await Promise.all(Array.from({ length: 4 * BURST }, (_, index) => ask(index)));
    const allowed = statuses.filter((status) => status === 200);
    expect(allowed.length).toBeGreaterThanOrEqual(BURST);
    expect(allowed.length).toBeLessThan(2 * BURST);
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
  });

  test('a failed login counts with the other API', async () => {
    await until('the other API to have a guesser wait', 15_000, async () => {
      await Promise.all(Array.from({ length: 20 }, () => ask(0, 'wrong')));
      return (await ask(1, 'wrong')) === 429;
    });
  });
});
