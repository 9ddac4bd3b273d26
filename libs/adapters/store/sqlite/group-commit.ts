import { AppError, Unavailable } from '#core';

/** The three commands of a transaction. All of them are synchronous: nothing else runs between them. */
export interface Transactions {
  begin(): void;
  /** Makes the changes durable before it returns. */
  commit(): void;
  /** Undoes whatever is open; no fault when nothing is. */
  rollback(): void;
}

export interface GroupCommitOptions {
  /** How many changes at most join one transaction, so that the event loop gets its turn (200). */
  readonly limit?: number | undefined;
  /** Under load, how long changes gather after a transaction before the next one, in milliseconds (2). */
  readonly gatherMs?: number | undefined;
  /** How many changes may wait (20,000). */
  readonly maxWaiting?: number | undefined;
  /** What callers get to see of an error. */
  readonly translate?: ((error: unknown) => unknown) | undefined;
}

interface Entry {
  readonly change: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  value?: unknown;
  error?: AppError;
}

/** A transaction of fewer changes than this is no sign of load. */
const BUSY = 4;

/**
 * Joins the changes that are asked for within one turn of the event loop into one transaction, so that many share
 * one wait for the disk; while they come in numbers, those of two milliseconds. Each promise settles only after its
 * commit. An idle database commits a lone change at once.
 */
export class GroupCommit {
  private queue: Entry[] = [];
  private scheduled = false;
  /** When changes that come now may be committed, by the monotonic clock. */
  private notBefore = 0;
  private readonly limit: number;
  private readonly gatherMs: number;
  private readonly maxWaiting: number;
  private readonly translate: (error: unknown) => unknown;

  constructor(
    private readonly transactions: Transactions,
    options: GroupCommitOptions = {},
  ) {
    this.limit = options.limit ?? 200;
    this.gatherMs = options.gatherMs ?? 2;
    this.maxWaiting = options.maxWaiting ?? 20_000;
    this.translate = options.translate ?? ((error) => error);
  }

  /**
   * Runs `change` inside the next transaction, in the order asked for. An AppError that it throws is its own answer
   * and must be thrown before it has written anything; its neighbours are committed. With any other error the
   * transaction is undone, and the neighbours are tried again, each alone.
   * @throws Unavailable at once when too many changes wait already.
   */
  run<T>(change: () => T): Promise<T> {
    if (this.queue.length >= this.maxWaiting) return Promise.reject(tooBusy(this.maxWaiting));
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ change, resolve, reject });
      this.schedule();
    });
  }

  /** Commits everything that was asked for up to now. */
  flushAll(): void {
    while (this.queue.length > 0) this.flush();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const waitMs = this.queue.length < this.limit ? this.notBefore - performance.now() : 0;
    if (waitMs > 0) setTimeout(() => this.turn(), waitMs);
    else setImmediate(() => this.turn());
  }

  private turn(): void {
    this.scheduled = false;
    const busy = this.queue.length >= BUSY;
    this.flush();
    this.notBefore = busy ? performance.now() + this.gatherMs : 0;
    if (this.queue.length > 0) this.schedule();
  }

  private flush(): void {
    const batch = this.queue.splice(0, this.limit);
    if (batch.length === 0) return;
    const failure = this.commitTogether(batch);
    if (failure === null) return;
    // Where the environment failed, it would fail each alone just as well.
    if (batch.length === 1 || failure instanceof AppError) {
      for (const entry of batch) entry.reject(failure);
      return;
    }
    for (const entry of batch) {
      const own = this.commitTogether([entry]);
      if (own !== null) entry.reject(own);
    }
  }

  /** Settles the batch and returns null, or undoes it and returns why. */
  private commitTogether(batch: readonly Entry[]): unknown {
    try {
      this.transactions.begin();
      for (const entry of batch) {
        delete entry.error;
        try {
          entry.value = entry.change();
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          entry.error = error;
        }
      }
      this.transactions.commit();
    } catch (error) {
      this.transactions.rollback();
      return this.translate(error) ?? new Error('A change of the database failed without a reason.');
    }
    for (const entry of batch) {
      if (entry.error) entry.reject(entry.error);
      else entry.resolve(entry.value as never);
    }
    return null;
  }
}

function tooBusy(most: number): Unavailable {
  return new Unavailable(
    'DATABASE_BUSY',
    `Expected at most ${most} changes to wait for the database, and there are as many: try again in a moment.`,
  );
}
