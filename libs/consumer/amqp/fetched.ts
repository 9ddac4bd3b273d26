interface Entry<T> {
  readonly rank: number;
  readonly item: T;
}

/**
 * What was fetched and not yet handed over: the lowest rank first, and of equal ranks what came first. It is as short as
 * what a channel fetches ahead, and most comes in order, so that a sorted list does.
 */
export class Fetched<T> {
  private entries: Entry<T>[] = [];

  get size(): number {
    return this.entries.length;
  }

  push(item: T, rank: number): void {
    const { entries } = this;
    let place = entries.length;
    while (place > 0 && (entries[place - 1]?.rank ?? rank) > rank) place -= 1;
    if (place === entries.length) entries.push({ rank, item });
    else entries.splice(place, 0, { rank, item });
  }

  shift(): T | undefined {
    return this.entries.shift()?.item;
  }

  /** Takes out all that is in it, in order. */
  drain(): T[] {
    return this.entries.splice(0).map(({ item }) => item);
  }
}
