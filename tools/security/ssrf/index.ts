import { messageOf } from '#core';
import type { SuiteReport, Tell } from '../suite.js';
import { attacksOn } from './attacks.js';
import { isRefusal, Range } from './range.js';
import type { Attack } from './range.js';
import { Witness } from './witness.js';

/**
 * Requests that are made to go where they do not belong. One is through when this process tries to connect to a place
 * that was not let, whatever the call then says.
 */
export async function run(tell: Tell): Promise<SuiteReport> {
  const range = await Range.open();
  const witness = new Witness();
  const failures: string[] = [];
  let through = 0;
  let tried = 0;
  try {
    for (const attack of attacksOn(range)) {
      const fault = await faultOf(attack);
      const strays = witness.take().filter((place) => !range.isExpected(place));
      if (strays.length > 0) {
        through += 1;
        failures.push(`${attack.name}: connected to ${strays.join(', ')}`);
      } else if (fault !== null) {
        failures.push(`${attack.name}: ${fault}`);
      }
      tell((tried += 1));
    }
  } finally {
    await range.close();
  }
  return { name: 'ssrf', tried, through, failures };
}

async function faultOf({ ends, call }: Attack): Promise<string | null> {
  try {
    await call();
    return ends === 'served' ? null : 'was answered';
  } catch (error) {
    if (ends === 'served') return `was not answered: ${messageOf(error)}`;
    return isRefusal(error) ? null : `was not refused but failed: ${messageOf(error)}`;
  }
}
