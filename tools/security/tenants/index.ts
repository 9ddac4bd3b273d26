import { startStandalone } from '../../../test/e2e/deployment.js';
import type { SuiteReport, Tell } from '../suite.js';
import { Isolation } from './isolation.js';

/** Every endpoint of our own document, tried by each tenant with all that the other tenants have. */
export async function run(tell: Tell): Promise<SuiteReport> {
  const deployment = await startStandalone();
  try {
    const isolation = await Isolation.settle(deployment, tell);
    try {
      await isolation.attackAll();
      const { spec, process } = await isolation.timing();
      const times = `spec ${spec.toFixed(2)}, process ${process.toFixed(2)}`;
      console.log(`tenants: time to a 404 of what another project has, by that of what nobody has: ${times}`);
      return isolation.report();
    } finally {
      await isolation.close();
    }
  } finally {
    await deployment.stop();
  }
}
