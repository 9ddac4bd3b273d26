interface Entry<T> {
  readonly rank: number;
  /** Decides among equal ranks. */
  readonly number: number;
  readonly item: T;
}

/**
 * A queue that gives out the lowest rank first, and of equal ranks the one that came first: a binary heap, so that what
 * comes in order costs next to nothing.
 */
export class RankQueue<T> {
  private readonly heap: Entry<T>[] = [];
  private pushed = 0;

  get size(): number {
    return this.heap.length;
  }

  push(item: T, rank: number): void {
    const { heap } = this;
    const entry = { rank, number: (this.pushed += 1), item };
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || isBefore(parent, entry)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
  }

  shift(): T | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first && last && first !== last) this.sink(last);
    return first?.item;
  }

  /** Takes out all that is in it, in order. */
  drain(): T[] {
    return this.heap
      .splice(0)
      .sort((a, b) => (isBefore(a, b) ? -1 : 1))
      .map(({ item }) => item);
  }

  private sink(entry: Entry<T>): void {
    const { heap } = this;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = heap[below];
      const other = heap[below + 1];
      if (child && other && isBefore(other, child)) {
        below += 1;
        child = other;
      }
      if (!child || isBefore(entry, child)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = entry;
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.number < b.number);
}
