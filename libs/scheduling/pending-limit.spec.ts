import { expect, it } from '@jest/globals';
import { DEFAULT_PROJECT, Unavailable } from '#core';
import { eventually, FakeClock } from '#testing';
import { PendingLimit } from './pending-limit.js';

function open(all: number | null, countUnended: () => Promise<number>) {
  const clock = new FakeClock();
  let asked = 0;
  const count = { countUnended: () => ((asked += 1), countUnended()) };
  const limit = new PendingLimit(count, { list: async () => [] }, clock, { all, ofProject: null });
  return { clock, limit: { admit: () => limit.admit(DEFAULT_PROJECT) }, asked: () => asked };
}

/** What each project has, and whether any is there beside the default one. */
function shared(ofProject: number | null, counts: Readonly<Record<string, number>>, others: readonly string[]) {
  const clock = new FakeClock();
  const countUnended = async (_most: number, project?: string) => counts[project ?? 'all'] ?? 0;
  const list = async () => others.map((name) => ({ name, title: null, createdAt: 0, updatedAt: 0, removedAt: null }));
  return { clock, limit: new PendingLimit({ countUnended }, { list }, clock, { all: 10, ofProject }) };
}

it('one project cannot fill the queue of all', async () => {
  const { clock, limit } = shared(null, { all: 5, a: 5, b: 0 }, ['a', 'b']);
  limit.admit('a');
  await eventually('the share of a project', async () => {
    await clock.advance(0);
    try {
      limit.admit('a');
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'PENDING_FULL' });
      return true;
    }
  });
  expect(() => limit.admit('a')).toThrow('Expected fewer than 5 processes of one project that have not ended');
  limit.admit('b');
});

it('a share that was set holds for a project that is alone too', async () => {
  const { clock, limit } = shared(2, {}, []);
  for (let n = 0; n < 2; n += 1) limit.admit('a');
  expect(() => limit.admit('a')).toThrow('Expected fewer than 2 processes of one project');
  await clock.advance(0);
  limit.admit('b');
});

it('calls are refused while as many wait as may, with what was accepted since the last count', async () => {
  let unended = 3;
  const { clock, limit, asked } = open(5, () => Promise.resolve(unended));
  limit.admit();
  await eventually('the first count', async () => {
    await clock.advance(0);
    return asked() === 1;
  });
  await clock.advance(0);
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
