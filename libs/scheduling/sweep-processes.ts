import type { BlobStore, OldItem, RetentionStore } from '#core';
import type { SweepObserver } from './observers.js';

/** How much of one kind is kept; null: no limit. */
export interface KeepLimit {
  readonly ageMs: number | null;
  readonly bytes: number | null;
}

type Kind = 'process' | 'response';

const KINDS = {
  process: { find: 'oldProcesses', remove: 'removeProcesses' },
  response: { find: 'oldResponses', remove: 'removeResponses' },
} as const;

/** How many are looked at, and at most removed, at a time: an embedded database does nothing else meanwhile. */
const PIECE = 100;
/** After this what was passed over, because it had not ended, is looked at again. */
const ANEW_MS = 24 * 60 * 60 * 1_000;

/** Lets ended processes, or their responses, go: by age, and then the oldest while there are too many bytes. */
export class SweepProcesses {
  /** Where each walk over the oldest goes on: what lies before it was passed over or removed. */
  private readonly places = new Map<'age' | 'bytes', string | undefined>();
  private begunAt = -Infinity;

  constructor(
    private readonly kind: Kind,
    private readonly retention: RetentionStore,
    private readonly blobs: BlobStore,
    private readonly limit: KeepLimit,
    private readonly observer?: SweepObserver,
  ) {}

  /** One look. @param pause awaited between two pieces; false from it ends the look. */
  async execute(now: number, pause: () => Promise<boolean>): Promise<void> {
    if (Math.abs(now - this.begunAt) >= ANEW_MS) {
      this.places.clear();
      this.begunAt = now;
    }
    const { ageMs, bytes } = this.limit;
    if (ageMs !== null) await this.walk('age', now - ageMs, Infinity, pause);
    const excess = bytes === null ? 0 : (await this.keptBytes(now)) - bytes;
    if (excess > 0 && !(await this.walk('bytes', now, excess, pause))) this.places.delete('bytes');
  }

  private async keptBytes(now: number): Promise<number> {
    const { requests, responses } = await this.retention.keptBytes(now);
    return this.kind === 'process' ? requests + responses : responses;
  }

  /** @returns false when it came to the end before so many bytes were freed. */
  private async walk(
    by: 'age' | 'bytes',
    endedBefore: number,
    bytes: number,
    pause: () => Promise<boolean>,
  ): Promise<boolean> {
    let rest = bytes;
    do {
      const after = this.places.get(by);
      const query = { endedBefore, after, limit: PIECE };
      const { items, next } = await this.retention[KINDS[this.kind].find](query);
      const enough = items.findIndex((item) => (rest -= item.bytes) <= 0);
      await this.remove(enough < 0 ? items : items.slice(0, enough + 1));
      if (enough >= 0) return true;
      if (next === null) return false;
      this.places.set(by, next);
    } while (await pause());
    return true;
  }

  /** Blobs first: should it break off between the two, the next look finds the rest. */
  private async remove(items: readonly OldItem[]): Promise<void> {
    if (items.length === 0) return;
    await Promise.all(items.flatMap((item) => item.blobs).map((blob) => this.blobs.remove(blob)));
    const removed = await this.retention[KINDS[this.kind].remove](items.map(({ traceId }) => traceId));
    this.observer?.swept(this.kind, removed);
  }
}
