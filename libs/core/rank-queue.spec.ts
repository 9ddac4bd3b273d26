import { describe, expect, it } from '@jest/globals';
import { firstByRank, PRIORITY_STEP_MS, rankOf } from './priority.js';
import { RankQueue } from './rank-queue.js';

describe('a rank', () => {
  it('lets priority decide among what comes due together, and time in the end', () => {
    const urgent = rankOf({ priority: 9, dueAt: 1_000 });
    expect(urgent).toBeLessThan(rankOf({ dueAt: 0 }));
    expect(rankOf({ dueAt: 0 })).toBe(rankOf({ priority: 5, dueAt: 0 }));
    expect(rankOf({ priority: 0, dueAt: 0 })).toBeLessThan(rankOf({ priority: 9, dueAt: 9 * PRIORITY_STEP_MS + 1 }));
  });

  it('merges lists that are in its order', () => {
    const [low, high] = [
      [1, 2, 3].map((dueAt) => ({ priority: 5, dueAt })),
      [2, PRIORITY_STEP_MS + 2].map((dueAt) => ({ priority: 6, dueAt })),
    ] as const;
    expect(firstByRank([low, [], high], 4)).toEqual([high[0], low[0], low[1], high[1]]);
    expect(firstByRank([low], 2)).toEqual(low.slice(0, 2));
    expect(firstByRank([], 2)).toEqual([]);
  });
});

describe('a rank queue', () => {
  it('gives out by rank, and of equal ranks what came first', () => {
    const queue = new RankQueue<string>();
    for (const [item, rank] of [
      ['c', 3],
      ['a', 1],
      ['b', 2],
      ['a2', 1],
      ['0', -5],
      ['a3', 1],
    ] as const) {
      queue.push(item, rank);
    }
    expect(queue.size).toBe(6);
    expect([1, 2, 3].map(() => queue.shift())).toEqual(['0', 'a', 'a2']);
    queue.push('a4', 1);
    expect(queue.drain()).toEqual(['a3', 'a4', 'b', 'c']);
    expect([queue.size, queue.shift()]).toEqual([0, undefined]);
  });

  it('keeps its order through thousands of pushes and shifts', () => {
    const queue = new RankQueue<number>();
    let seed = 42;
    const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
    const given: number[] = [];
    const waiting: number[] = [];
    for (let turn = 0; turn < 5_000; turn += 1) {
      const rank = random() % 100;
      queue.push(rank, rank);
      waiting.push(rank);
      if (turn % 3 === 0) {
        const least = Math.min(...waiting);
        waiting.splice(waiting.indexOf(least), 1);
        const next = queue.shift();
        given.push(next ?? NaN);
        expect(next).toBe(least);
      }
    }
    expect(queue.drain()).toEqual(waiting.sort((a, b) => a - b));
  });
});
