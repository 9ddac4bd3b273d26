import { afterEach, beforeEach, describe } from '@jest/globals';
import type { BusHarness } from './bus-subject.js';
import { BusSubject } from './bus-subject.js';
import { deliveryClaims } from './delivery-claims.js';
import { flowClaims, sharingClaims } from './flow-claims.js';
import { settlingClaims, undecodableClaims, undeliverableClaims } from './settling-claims.js';

/**
 * The contract of MessageBus, for every implementation.
 * @param reach whether the bus goes between processes; then `make` gives a `wire`, and more is asked.
 */
export function runMessageBusConformance(
  name: string,
  reach: 'in-process' | 'between-processes',
  make: () => Promise<BusHarness>,
): void {
  describe(`${name} as a MessageBus`, () => {
    const subject = new BusSubject();
    beforeEach(async () => {
      subject.harness = await make();
    });
    afterEach(async () => {
      await subject.harness.close();
      await subject.harness.dispose();
    });

    deliveryClaims(subject);
    settlingClaims(subject);
    flowClaims(subject);
    undeliverableClaims(subject);
    if (reach === 'in-process') return;
    undecodableClaims(subject);
    sharingClaims(subject);
  });
}
