import { Unavailable } from '#core';

/** How one item of a batch ended. */
export type Settled<Out> = { readonly value: Out } | { readonly error: unknown };

export interface BatcherOptions<In, Out> {
  /** Handles a batch; answers in its order. A rejection is the answer of every item. */
  readonly send: (items: readonly In[]) => Promise<readonly Settled<Out>[]>;
  /** How many items at most go together. */
  readonly limit: number;
  /** How many items may wait (20,000). */
  readonly maxWaiting?: number | undefined;
}

interface Entry<In, Out> {
  readonly item: In;
  readonly resolve: (value: Out) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins what is asked for within one turn of the event loop, and whatever is asked for while a batch is under way,
 * into batches of one command each. A lone item goes at once; under load the batches grow and the commands do not.
 */
export class Batcher<In, Out> {
  private queue: Entry<In, Out>[] = [];
  private busy = false;

  constructor(private readonly options: BatcherOptions<In, Out>) {}

  /** @throws Unavailable at once when too many items wait already. */
  add(item: In): Promise<Out> {
    const { maxWaiting = 20_000 } = this.options;
    if (this.queue.length >= maxWaiting) return Promise.reject(tooBusy(maxWaiting));
    return new Promise((resolve, reject) => {
      this.queue.push({ item, resolve, reject });
      if (this.busy) return;
      this.busy = true;
      setImmediate(() => void this.drain());
    });
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, this.options.limit);
      try {
        const settled = await this.options.send(batch.map((entry) => entry.item));
        for (const [index, entry] of batch.entries()) settle(entry, settled[index]);
      } catch (error) {
        // What waits behind it would only wait for the same failure, each batch its full time.
        for (const entry of [...batch, ...this.queue.splice(0)]) entry.reject(error);
      }
    }
    this.busy = false;
  }
}

function settle<Out>(entry: Entry<unknown, Out>, settled: Settled<Out> | undefined): void {
  if (!settled) entry.reject(new Error('Expected an answer for each item of a batch, got fewer.'));
  else if ('error' in settled) entry.reject(settled.error);
  else entry.resolve(settled.value);
}

function tooBusy(most: number): Unavailable {
  return new Unavailable(
    'DATABASE_BUSY',
    `Expected at most ${most} changes to wait for the database, and there are as many: try again in a moment.`,
  );
}
