import type { AskedOperation } from '#core';

/** Counts what processes ask for, by method and endpoint. */
export class AskedCount {
  private readonly counts = new Map<string, AskedOperation>();

  add(method: string, endpoint: string): void {
    const key = `${method} ${endpoint}`;
    this.counts.set(key, { method, endpoint, count: (this.counts.get(key)?.count ?? 0) + 1 });
  }

  get list(): AskedOperation[] {
    return [...this.counts.values()];
  }
}
