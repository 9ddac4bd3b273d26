import { describe, expect, it } from '@jest/globals';
import type { ListPlace } from './list-cursor.js';
import type { ListEntry, ListPlan } from './list-scan.js';
import { planList, scanList } from './list-scan.js';

/** A list of so many entries, numbered down from the newest, and how many of them were read. */
function entries(count: number) {
  const all = Array.from({ length: count }, (_, index): ListEntry<number> => {
    return {
      createdAt: count - index,
      key: count - index,
      status: 'SUCCESS',
      specTraceId: null,
      service: 'filmot',
      error: null,
    };
  });
  const list = {
    read: 0,
    next: async (place: { key: number } | null, many: number) => {
      const start = place ? count - place.key + 1 : 0;
      const found = all.slice(start, start + many);
      list.read += found.length;
      return found;
    },
  };
  return list;
}

describe('a list', () => {
  it('reads one entry more than the page holds where all match', async () => {
    const list = entries(100_000);
    const plan: ListPlan = { equal: undefined, isHit: null };
    const { hits, next } = await scanList<number>(plan, { limit: 10, start: null }, list.next);
    expect([hits.length, list.read, next?.key]).toEqual([10, 11, hits.at(-1)?.key]);
  });

  it('gives up after 20,000 entries without a match, and goes on there', async () => {
    const list = entries(50_000);
    const plan: ListPlan = { equal: undefined, isHit: (entry) => entry.createdAt === 1 };
    const pages = [];
    let start: ListPlace<number> | null = null;
    do {
      const page: Awaited<ReturnType<typeof scanList<number>>> = await scanList(plan, { limit: 10, start }, list.next);
      pages.push([page.hits.length, list.read]);
      start = page.next;
    } while (start);
    expect(pages).toEqual([
      [0, 20_000],
      [0, 40_000],
      [1, 50_000],
    ]);
  });

  it('is narrowed down by an index, and looks at the rest', () => {
    expect(planList({ limit: 1 })).toEqual({ equal: undefined, isHit: null });
    expect(planList({ limit: 1, service: 'a' })).toEqual({ equal: { service: 'a' }, isHit: null });
    expect(planList({ limit: 1, status: 'WAITING' })).toEqual({ equal: { status: 'WAITING' }, isHit: null });
    const looking = expect.any(Function);
    expect(planList({ limit: 1, status: 'SUCCESS', service: 'a' })).toEqual({
      equal: { service: 'a' },
      isHit: looking,
    });
    expect(planList({ limit: 1, error: 'x' })).toEqual({ equal: { status: 'ERROR' }, isHit: looking });
    expect(planList({ limit: 1, error: 'x', status: 'WAITING' })).toBeNull();
  });
});
