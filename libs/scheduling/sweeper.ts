import type { AuditStore, BlobStore, Clock, DeadLetterStore, LogStore, RetentionStore, Worker } from '#core';
import type { SweepObserver } from './observers.js';
import { SweepArchives } from './sweep-archives.js';
import type { KeepLimit } from './sweep-processes.js';
import { SweepProcesses } from './sweep-processes.js';

/** Where the past lies, but for blobs. */
export interface SweptStores {
  readonly retention: RetentionStore;
  readonly deadLetters: DeadLetterStore;
  readonly logs: LogStore;
  readonly audit: AuditStore;
}

export interface SweeperOptions {
  /** The age goes for messages that nobody could read as well. */
  readonly processes: KeepLimit;
  readonly responses: KeepLimit;
  readonly logs: KeepLimit;
  readonly archives: KeepLimit;
  /** Of the audit log only age counts: whoever could fill it up must not be able to push out what they did. */
  readonly audit: Pick<KeepLimit, 'ageMs'>;
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
  /** The same for archives, which are few and large. */
  readonly archivesEveryMs: number;
  /** The same for blobs that nothing names, for which all blobs are listed. */
  readonly unnamedEveryMs: number;
  /** Between two pieces of one look, in milliseconds: the time of whoever else uses the database. */
  readonly pauseMs: number;
  /** Told when a part of a look fails; the others go on, and the next look comes all the same. */
  readonly onFault: (error: unknown) => void;
  readonly observer?: SweepObserver | undefined;
}

/** How many records of a log, or letters, go at a time. */
const PIECE = 500;
/** A clock that moved on by more than this between two looks is not believed before the next one. */
const LEAP_MS = 60 * 60 * 1_000;

/**
 * Lets the past go, by age and by bytes, beside all other work: small pieces, oldest first, with pauses between them.
 * Only what has ended goes. Each worker sweeps; several at once do each other no harm.
 */
export class Sweeper implements Worker {
  readonly name = 'sweeper';
  private readonly processes: SweepProcesses;
  private readonly responses: SweepProcesses;
  private readonly archives: SweepArchives;
  private archivesAt = -Infinity;
  private unnamedAt = -Infinity;

  /** @throws Error for an age or number of bytes below 0. */
  constructor(
    private readonly stores: SweptStores,
    blobs: BlobStore,
    private readonly clock: Clock,
    private readonly options: SweeperOptions,
  ) {
    const { retention } = stores;
    const { processes, responses, archives, observer } = options;
    for (const { ageMs, bytes } of [processes, responses, options.logs, archives, { ...options.audit, bytes: 0 }]) {
      if ((ageMs ?? 0) < 0 || (bytes ?? 0) < 0) throw new Error(`Expected limits from 0, got ${ageMs} and ${bytes}.`);
    }
    this.responses = new SweepProcesses('response', retention, blobs, responses, observer);
    this.processes = new SweepProcesses('process', retention, blobs, processes, observer);
    this.archives = new SweepArchives(retention, blobs, archives, observer);
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let last: number | null = null; !signal.aborted;) {
      const now = this.clock.now();
      const hasLeapt = last !== null && now - last > this.options.everyMs + LEAP_MS;
      if (!hasLeapt) await this.runOnce(now, signal);
      last = this.clock.now();
      await this.clock.sleep(this.options.everyMs, signal);
    }
  }

  /** One look at everything whose time has come. Never rejects. */
  async runOnce(now: number, signal?: AbortSignal): Promise<void> {
    const { archivesEveryMs, unnamedEveryMs } = this.options;
    const pause = async () => {
      await this.clock.sleep(this.options.pauseMs, signal);
      return signal?.aborted !== true;
    };
    await this.part(() => this.responses.execute(now, pause));
    await this.part(() => this.processes.execute(now, pause));
    await this.part(() => this.sweepLogs(now, pause));
    const { audit, deadLetters } = this.stores;
    await this.part(() => this.sweepByAge('audit', now, this.options.audit, audit, pause));
    await this.part(() => this.sweepByAge('letter', now, this.options.processes, deadLetters, pause));
    if (Math.abs(now - this.archivesAt) >= archivesEveryMs) {
      this.archivesAt = now;
      await this.part(() => this.archives.execute(now, pause));
    }
    if (Math.abs(now - this.unnamedAt) >= unnamedEveryMs) {
      this.unnamedAt = now;
      await this.part(() => this.archives.removeUnnamed(now, pause));
    }
  }

  private async sweepLogs(now: number, pause: () => Promise<boolean>): Promise<void> {
    const { ageMs, bytes } = this.options.logs;
    const keep = { since: ageMs === null ? null : now - ageMs, maxBytes: bytes };
    do {
      const removed = await this.stores.logs.sweep(keep, PIECE);
      this.options.observer?.swept('log', removed);
      if (removed === 0) return;
    } while (await pause());
  }

  private async sweepByAge(
    kind: 'audit' | 'letter',
    now: number,
    { ageMs }: Pick<KeepLimit, 'ageMs'>,
    store: AuditStore | DeadLetterStore,
    pause: () => Promise<boolean>,
  ): Promise<void> {
    if (ageMs === null) return;
    do {
      const removed = await store.sweep(now - ageMs, PIECE);
      this.options.observer?.swept(kind, removed);
      if (removed === 0) return;
    } while (await pause());
  }

  private async part(sweep: () => Promise<void>): Promise<void> {
    try {
      await sweep();
    } catch (error) {
      this.options.onFault(error);
    }
  }
}
