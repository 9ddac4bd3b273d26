import { expect, test } from '@jest/globals';
import { describeWithServer } from '../../../test/setup/real-servers.js';
import { searchDistributed } from './distributed.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  test('no secret that was given lies on a server, goes to one, or is told by any process', async () => {
    const { tried, failures } = await searchDistributed(env, () => undefined);
    expect(failures).toEqual([]);
    expect(tried).toBeGreaterThanOrEqual(1_000_000);
  }, 600_000);
});
