import { expect, it } from '@jest/globals';
import { FakeClock, runCallerLimitsConformance } from '#testing';
import { MemoryCallerLimits } from './memory-caller-limits.js';

runCallerLimitsConformance('MemoryCallerLimits', async () => {
  const clock = new FakeClock();
  const limits = new MemoryCallerLimits(clock);
  return { limits, other: limits, pass: (ms) => clock.advance(ms), close: async () => undefined };
});

it('an attack from many addresses with many names takes no more memory than a fixed number of entries', () => {
  const limits = new MemoryCallerLimits(new FakeClock());
  for (let each = 0; each < 70_000; each += 1) {
    const login = { network: `10.${each >> 16}.${each & 65_535}`, name: `user:${each}`, credential: 'x' };
    limits.failed(login, { failures: 3, windowMs: 900_000 });
  }
  expect(limits.size).toBe(40_000);
});
