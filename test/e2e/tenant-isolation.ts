import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Isolation } from '../../tools/security/tenants/isolation.js';
import type { Deployment } from './deployment.js';

/** That tenants are nothing to each other: one suite for whatever Callboard is made of. */
export function describeTenantIsolation(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let isolation: Isolation | undefined;

    beforeAll(async () => {
      deployment = await start();
      isolation = await Isolation.settle(deployment);
    }, 120_000);
    afterAll(async () => {
      await isolation?.close();
      await deployment.stop();
    });

    it('a client lies in the folder of its project', async () => {
      for (const { project, traceIds } of isolation?.tenants ?? []) {
        const folder = project === 'default' ? [traceIds.spec] : ['projects', project, traceIds.spec];
        await access(join(deployment.generatedClients, ...folder, 'client.ts'));
      }
    });

    it('what another project has is answered as what nobody has, by every endpoint', async () => {
      await isolation?.attackAll();
      const { tried = 0, failures } = isolation?.report() ?? {};
      expect(failures).toEqual([]);
      expect(tried).toBeGreaterThan(500);
    }, 600_000);
  });
}
