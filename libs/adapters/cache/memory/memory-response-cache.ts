import { LRUCache } from 'lru-cache';
import type { Clock, Response } from '#core';
import { ResponseCache } from '#core';
import { decodeEntry, encodeEntry } from '../entry.js';

/** What an entry costs beside its bytes and its key, about. */
const OVERHEAD_BYTES = 200;

/** How often what has expired is looked for, in milliseconds. */
const SWEEP_EVERY_MS = 30_000;

export interface MemoryResponseCacheOptions {
  readonly clock: Clock;
  /** How much memory the entries may take together (64 MiB); the least recently used go first. */
  readonly maxBytes?: number | undefined;
  /** Answers above this are not kept (1 MiB). */
  readonly maxEntryBytes?: number | undefined;
}

/** A cache for one process. */
export class MemoryResponseCache extends ResponseCache {
  private readonly entries: LRUCache<string, Buffer>;
  private readonly clock: Clock;
  private sweptAt: number;

  constructor({ clock, maxBytes = 64 * 1024 * 1024, maxEntryBytes = 1024 * 1024 }: MemoryResponseCacheOptions) {
    super();
    this.clock = clock;
    this.sweptAt = clock.now();
    this.entries = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.min(maxBytes, maxEntryBytes),
      sizeCalculation: (entry, key) => entry.length + key.length + OVERHEAD_BYTES,
      perf: { now: () => clock.now() },
      // Otherwise it holds the time for a moment with a timer of its own.
      ttlResolution: 0,
    });
  }

  /** The memory taken at present. */
  get bytes(): number {
    return this.entries.calculatedSize;
  }

  async get(key: string): Promise<Response | null> {
    const entry = this.entries.get(key);
    return entry ? decodeEntry(entry) : null;
  }

  async set(key: string, response: Response, ttlSeconds: number): Promise<void> {
    this.sweepAtTimes();
    this.entries.set(key, alone(encodeEntry(response)), { ttl: ttlSeconds * 1_000 });
  }

  /** Else what nobody asks for again stays until all the room is taken, which at a slow pace is hours later. */
  private sweepAtTimes(): void {
    const now = this.clock.now();
    // A clock that was set back begins anew.
    if (now >= this.sweptAt && now < this.sweptAt + SWEEP_EVERY_MS) return;
    this.sweptAt = now;
    this.entries.purgeStale();
  }
}

/** A copy in memory of its own: small buffers share slabs of 8 KiB, and one that is kept keeps all of its slab. */
function alone(entry: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(entry.length);
  entry.copy(copy);
  return copy;
}
