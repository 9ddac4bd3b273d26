import { expect, test } from '@jest/globals';
import { FakeClock } from '#testing';
import type { Claim } from '#core';
import { LeaseKeeper } from './lease-keeper.js';

const claim = { traceId: 'aaaaaaaaaaaaaaaa', attempt: 1 };

function keeper(clock: FakeClock, renew: (claims: readonly Claim[], until: number) => Promise<Claim[]>): LeaseKeeper {
  return new LeaseKeeper({ name: 'leases', clock, leaseMs: 30_000, renew });
}

test('what is held is renewed before its lease ends, and no longer once it is let go', async () => {
  const clock = new FakeClock();
  const renewed: [readonly Claim[], number][] = [];
  const leases = keeper(clock, async (claims, until) => {
    renewed.push([claims, until]);
    return [...claims];
  });
  const stop = new AbortController();
  const running = leases.run(stop.signal);
  leases.hold(claim);
  await clock.advance(10_000);
  expect(renewed).toEqual([[[claim], clock.now() + 30_000]]);
  leases.letGo(claim);
  await clock.advance(30_000);
  expect(renewed).toHaveLength(1);
  stop.abort();
  await running;
});

test('whoever lost a lease is told once', async () => {
  const clock = new FakeClock();
  const leases = keeper(clock, async () => []);
  let told = 0;
  leases.hold(claim, () => (told += 1));
  clock.jump(clock.now() + 10_000);
  await leases.runOnce();
  await leases.runOnce();
  expect(told).toBe(1);
});

test('letting go of an old attempt does not let go of the new one', async () => {
  const clock = new FakeClock();
  const asked: Claim[] = [];
  const leases = keeper(clock, async (claims) => {
    asked.push(...claims);
    return [...claims];
  });
  leases.hold({ ...claim, attempt: 2 });
  leases.letGo(claim);
  clock.jump(clock.now() + 10_000);
  await leases.runOnce();
  expect(asked).toEqual([{ ...claim, attempt: 2 }]);
});

test('a renewal that fails is told and made again before the lease ends', async () => {
  const clock = new FakeClock();
  const faults: unknown[] = [];
  let renewals = 0;
  const leases = new LeaseKeeper({
    ...{ name: 'leases', clock, leaseMs: 30_000, onFault: (error) => faults.push(error) },
    renew: async (claims) => {
      renewals += 1;
      if (renewals < 4) throw new Error('away');
      return claims;
    },
  });
  const stop = new AbortController();
  const running = leases.run(stop.signal);
  leases.hold(claim);
  await clock.advance(10_000);
  for (let pause = 0; pause < 3; pause++) await clock.advance(3_000);
  expect(renewals).toBe(4);
  expect(faults).toHaveLength(3);
  stop.abort();
  await running;
});

test('a lease is renewed by when it began, however long its claim took to be written', async () => {
  const clock = new FakeClock();
  let renewals = 0;
  const leases = keeper(clock, async (claims) => {
    renewals += 1;
    return [...claims];
  });
  const begun = clock.now();
  clock.jump(begun + 10_000);
  leases.hold(claim, undefined, begun);
  await leases.runOnce();
  expect(renewals).toBe(1);
});
