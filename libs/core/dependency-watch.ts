import type { Clock } from './clock.js';
import type { BlobStore } from './ports/blob-store.js';
import type { MessageBus } from './ports/message-bus.js';
import type { ProcessStore } from './ports/process-store.js';
import type { ResponseCache } from './ports/response-cache.js';

export type DependencyName = 'database' | 'bus' | 'cache' | 'blobs';

export interface DependencyHealth {
  readonly state: 'up' | 'down';
  /** When it was first seen in this state, in epoch milliseconds. */
  readonly since: number;
}

export interface WatchedDependencies {
  readonly processes: Pick<ProcessStore, 'nextTimed'>;
  readonly bus: Pick<MessageBus, 'ready'>;
  readonly cache: Pick<ResponseCache, 'ready'>;
  readonly blobs: Pick<BlobStore, 'open'>;
  readonly clock: Clock;
}

/** However often it is asked for, a look is taken no sooner than this after the last one. */
const FRESH_MS = 1_000;
/** What has not answered a look by then is down. */
const PATIENCE_MS = 2_000;
/** A blob that nobody stores. */
const NO_BLOB = 'health';

/** Looks at what a process depends on when it is asked to, and remembers since when each is as it is. */
export class DependencyWatch {
  private readonly known = new Map<DependencyName, DependencyHealth>();
  private lookedAt = -Infinity;
  private looking: Promise<void> | undefined;

  constructor(private readonly dependencies: WatchedDependencies) {}

  /** How each of them is, as of at most a second ago. Resolves within about two seconds; never rejects. */
  async health(): Promise<Readonly<Record<DependencyName, DependencyHealth>>> {
    const { clock } = this.dependencies;
    if (Math.abs(clock.now() - this.lookedAt) >= FRESH_MS) {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }
    await this.looking;
    const since = clock.now();
    const of = (name: DependencyName) => this.known.get(name) ?? { state: 'down', since };
    return { database: of('database'), bus: of('bus'), cache: of('cache'), blobs: of('blobs') };
  }

  private async look(): Promise<void> {
    const { processes, bus, cache, blobs, clock } = this.dependencies;
    const [database, blobStore] = await Promise.all([
      this.answers(() => processes.nextTimed()),
      this.answers(async () => (await blobs.open(NO_BLOB))?.stream.destroy()),
    ]);
    const now = clock.now();
    this.note('database', database, now);
    this.note('blobs', blobStore, now);
    this.note('bus', bus.ready(), now);
    this.note('cache', cache.ready(), now);
    this.lookedAt = now;
  }

  private async answers(question: () => Promise<unknown>): Promise<boolean> {
    const timer = new AbortController();
    const late = this.dependencies.clock.sleep(PATIENCE_MS, timer.signal).then(() => false);
    const answer = question().then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answer, late]);
    } finally {
      timer.abort();
    }
  }

  private note(name: DependencyName, isUp: boolean, now: number): void {
    const state = isUp ? 'up' : 'down';
    if (this.known.get(name)?.state !== state) this.known.set(name, { state, since: now });
  }
}
