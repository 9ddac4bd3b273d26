/**
 * Reads that many ask for at once. Who asks while a read of the same thing is under way shares the next one with all
 * others that do: nobody gets what was read before it asked, and there are never more than two reads of a thing.
 */
export class SharedReads<Value> {
  private readonly underWay = new Map<string, Promise<Value>>();
  private readonly next = new Map<string, Promise<Value>>();

  read(key: string, ask: () => Promise<Value>): Promise<Value> {
    const queued = this.next.get(key);
    if (queued) return queued;
    const underWay = this.underWay.get(key);
    if (!underWay) return this.begin(key, ask);
    const begin = () => {
      this.next.delete(key);
      return this.begin(key, ask);
    };
    const following = underWay.then(begin, begin);
    this.next.set(key, following);
    return following;
  }

  private begin(key: string, ask: () => Promise<Value>): Promise<Value> {
    const end = () => {
      if (this.underWay.get(key) === reading) this.underWay.delete(key);
    };
    const reading = ask().finally(end);
    this.underWay.set(key, reading);
    return reading;
  }
}
