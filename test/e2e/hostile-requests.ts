import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attackDeployment } from '../../tools/security/requests/index.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';

/** Of the attacks on single values; `npm run security requests` makes all of them. */
const EVERY = 15;

/** The same for every kind of deployment. */
export function describeHostileRequests(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await start();
      await until('a deployment that is ready', 30_000, async () => {
        return (await fetch(`${deployment.api}/v1/api/health`)).status === 200;
      });
    }, 60_000);
    afterAll(() => deployment.stop());

    it('no hostile request gets a fault of the server, a hang, or the answer to another', async () => {
      const { tried, failures } = await attackDeployment(deployment, () => undefined, EVERY);
      expect(failures).toEqual([]);
      expect(tried).toBeGreaterThan(500);
    }, 300_000);
  });
}
