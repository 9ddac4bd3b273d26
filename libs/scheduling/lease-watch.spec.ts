import { expect, test } from '@jest/globals';
import { FakeClock } from '#testing';
import type { Claim } from '#core';
import { LeaseKeeper } from './lease-keeper.js';
import { LeaseWatch } from './lease-watch.js';

const [first, second] = ['a', 'b'].map((letter) => ({ traceId: letter.repeat(16), attempt: 1 })) as [Claim, Claim];

/** A watch that runs on what `heldOf` says. */
function watching(heldOf: (claims: readonly Claim[]) => Promise<Claim[]>) {
  const clock = new FakeClock();
  const renew = async (claims: readonly Claim[]) => claims;
  const leases = new LeaseKeeper({ name: 'leases', clock, leaseMs: 30_000, renew });
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const watch = new LeaseWatch(leases, heldOf, clock, { everyMs: 250, faultPauseMs: 5_000, onFault });
  const stop = new AbortController();
  return { clock, leases, faults, running: watch.run(stop.signal), stop };
}

test('whoever lost a claim is told within two looks, and nobody else', async () => {
  const lost: string[] = [];
  const { clock, leases, running, stop } = watching(async (claims) => claims.filter((claim) => claim === second));
  for (const claim of [first, second]) leases.hold(claim, () => lost.push(claim.traceId));
  await clock.advance(500);
  expect(lost).toEqual([first.traceId]);
  await clock.advance(500);
  expect(lost).toEqual([first.traceId]);
  stop.abort();
  await running;
});

test('what ends between two looks is never asked for, nor is anything while nothing is under way', async () => {
  const asked: unknown[] = [];
  const { clock, leases, running, stop } = watching(async (claims) => {
    asked.push(claims);
    return [...claims];
  });
  await clock.advance(1_000);
  leases.hold(first);
  await clock.advance(250);
  leases.letGo(first);
  leases.hold(second);
  await clock.advance(250);
  expect(asked).toEqual([]);
  await clock.advance(250);
  expect(asked).toEqual([[second]]);
  stop.abort();
  await running;
});

test('a look that fails is told, and the next one comes after a pause', async () => {
  let looks = 0;
  const { clock, leases, faults, running, stop } = watching(async () => {
    looks += 1;
    throw new Error('away');
  });
  leases.hold(first);
  await clock.advance(500);
  await clock.advance(4_900);
  expect([looks, faults]).toEqual([1, [expect.objectContaining({ message: 'away' })]]);
  await clock.advance(250);
  expect(looks).toBe(2);
  stop.abort();
  await running;
});
