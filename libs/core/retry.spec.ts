import { describe, expect, it } from '@jest/globals';
import { isUsedUp, nextCallAt, RETRY_REASONS } from './retry.js';
import type { RetryChoice, RetryPolicy } from './retry.js';

const POLICY: RetryPolicy = {
  attempts: 4,
  firstPauseMs: 1_000,
  longestPauseMs: 3_000,
  on: RETRY_REASONS,
  unsafe: false,
};
const NOW = 1_000_000;

function next(choice: Partial<RetryChoice> = {}, policy: Partial<RetryPolicy> = {}): number | null {
  const failure = { reason: 'network', mayHaveActed: true } as const;
  const whole = { calls: 1, failure, isRepeatable: true, now: NOW, random: 0.5, ...choice };
  const at = nextCallAt({ ...POLICY, ...policy }, whole, 60_000);
  return at === null ? null : at - NOW;
}

describe('a call that failed', () => {
  it.each([
    [1, 0, 0],
    [1, 0.5, 500],
    [1, 0.999, 999],
    [2, 0.5, 1_000],
    [3, 0.5, 1_500],
    [3, 0, 0],
    [4, 0.5, null],
    [9, 0.5, null],
  ])('after %d calls, by the lot %d, is made again after %j ms', (calls, random, pause) => {
    expect(next({ calls, random })).toBe(pause);
  });

  it('is not made again for what would fail in the same way, or is not on the list', () => {
    expect(next({ failure: { reason: null, mayHaveActed: false } })).toBeNull();
    expect(next({}, { on: ['429'] })).toBeNull();
    expect(next({ failure: { reason: '429', mayHaveActed: false } }, { on: ['429'] })).toBe(500);
  });

  it('is not made twice where the service may have acted, unless that does no harm or is allowed', () => {
    expect(next({ isRepeatable: false })).toBeNull();
    expect(next({ isRepeatable: false }, { unsafe: true })).toBe(500);
    expect(next({ isRepeatable: false, failure: { reason: 'network', mayHaveActed: false } })).toBe(500);
  });

  it.each([
    ['the last of its attempts', 4, 'network', {}, true],
    ['one attempt where there is one', 1, '5xx', { attempts: 1 }, true],
    ['fewer than it may have', 3, 'network', {}, false],
    ['a reason that would not pass', 4, null, {}, false],
    ['a reason that is not on the list', 4, 'network', { on: ['429'] as const }, false],
  ] as const)('with %s is used up, or is not', (_, calls, reason, policy, expected) => {
    expect(isUsedUp({ ...POLICY, ...policy }, { calls, failure: { reason, mayHaveActed: true } })).toBe(expected);
  });

  it('waits as long as the service asks, up to a limit', () => {
    const asking = (ms: number) => ({ failure: { reason: '5xx', mayHaveActed: false, notBefore: NOW + ms } as const });
    expect(next(asking(30_000))).toBe(30_000);
    expect(next(asking(100))).toBe(500);
    expect(next(asking(-5_000))).toBe(500);
    expect(next(asking(60_001))).toBeNull();
  });
});
