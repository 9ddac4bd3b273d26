import { expect, it } from '@jest/globals';
import { Unavailable } from '#core';
import { eventually, FakeClock } from '#testing';
import { PendingLimit } from './pending-limit.js';

function open(most: number | null, countUnended: () => Promise<number>) {
  const clock = new FakeClock();
  let asked = 0;
  const limit = new PendingLimit({ countUnended: () => ((asked += 1), countUnended()) }, clock, most);
  return { clock, limit, asked: () => asked };
}

it('calls are refused while as many wait as may, with what was accepted since the last count', async () => {
  let unended = 3;
  const { clock, limit, asked } = open(5, () => Promise.resolve(unended));
  limit.admit();
  await eventually('the first count', async () => {
    await clock.advance(0);
    return asked() === 1;
  });
  // Of the first it is not known whether it was among those counted.
  limit.admit();
  expect(() => limit.admit()).toThrow(Unavailable);
  expect(() => limit.admit()).toThrow('Expected fewer than 5 processes that have not ended');
  expect(asked()).toBe(1);
  unended = 0;
  await clock.advance(5_000);
  expect(() => limit.admit()).toThrow(Unavailable);
  await eventually('the next count', () => {
    try {
      limit.admit();
      return true;
    } catch {
      return false;
    }
  });
  expect(asked()).toBe(2);
});

it('the last count holds while the database is away', async () => {
  let isAway = false;
  const { clock, limit, asked } = open(2, () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(0)));
  limit.admit();
  await eventually('a count', () => asked() === 1);
  isAway = true;
  await clock.advance(5_000);
  limit.admit();
  expect(() => limit.admit()).toThrow(Unavailable);
});

it('without a limit nothing is counted', () => {
  const { limit, asked } = open(null, () => Promise.resolve(9));
  for (let n = 0; n < 100; n += 1) limit.admit();
  expect(asked()).toBe(0);
});
