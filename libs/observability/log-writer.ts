import { messageOf, Unavailable } from '#core';
import type { Clock, LogStore, Worker } from '#core';
import { GatheredBatch } from './gathered-batch.js';

export interface LogWriterOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  /** GLOGS_BUFFER_RECORDS: how many records may wait. */
  readonly bufferRecords: number;
  /** How long their texts may be together, in characters (64 Mi). */
  readonly bufferCharacters?: number | undefined;
  /** How long it may take to write what is left when it is told to stop, in milliseconds. */
  readonly deadlineMs: number;
  /** Told once a minute at most how many records were not kept. */
  readonly report: (message: string) => void;
  /** How many records go to the store at once, at most (250); those with large bodies are fewer. */
  readonly batchRecords?: number | undefined;
  /** How long records gather before a batch goes, in milliseconds (50). */
  readonly pauseMs?: number | undefined;
  /** The same while a whole batch or more is waiting (5). */
  readonly hurryMs?: number | undefined;
}

export interface LogWriterHealth {
  readonly waiting: number;
  readonly kept: number;
  /** Not kept, because the buffer was full, the store could make nothing of them, or time ran out at the stop. */
  readonly lost: number;
}

/** An embedded database takes a batch in 2.5 milliseconds of the event loop. */
const BATCH_RECORDS = 250;
const BUFFER_CHARACTERS = 64 * 1024 * 1024;
const BATCH_PAUSE_MS = 50;
/** Leaves the event loop to requests for longer than a batch holds it. */
const HURRY_MS = 5;
const REPORT_EVERY_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** How often a batch is tried that fails for another reason than that the store is out of reach. */
const MOST_ATTEMPTS = 5;

/**
 * Hands log records to the store in batches, beside the work that they tell of, as fast as the store takes them.
 * `push` never waits: when the buffer is full the new record is counted and left out, and those that wait stay. A
 * batch that the store refuses waits for its next try, so that a record whose answer was lost may be kept twice.
 * Give it a supervisor of its own that stops last, so that it also keeps what other workers say while they stop.
 */
export class LogWriter implements Worker {
  readonly name = 'log-writer';
  /** In their order; the batch under way stays in front until the store has it, and only the last one grows. */
  private readonly batches: GatheredBatch[] = [];
  private waiting = 0;
  private characters = 0;
  private sending: Promise<boolean> | undefined;
  private filled: (() => void) | undefined;
  private stopWaiting: (() => void) | undefined;
  private failures = 0;
  private failure: unknown;
  private kept = 0;
  private lost = 0;
  private lostReported = 0;
  private reportedAt = -Infinity;

  constructor(private readonly options: LogWriterOptions) {}

  /** @param record as JSON text. */
  push(record: string): void {
    const { bufferRecords, bufferCharacters = BUFFER_CHARACTERS } = this.options;
    if (this.waiting >= bufferRecords || this.characters + record.length > bufferCharacters) {
      this.lose(1);
      return;
    }
    this.openBatch().add(record);
    this.waiting += 1;
    this.characters += record.length;
    this.filled?.();
  }

  health(): LogWriterHealth {
    return { waiting: this.waiting, kept: this.kept, lost: this.lost };
  }

  async run(signal: AbortSignal): Promise<void> {
    // The only listener for all that is waited for.
    signal.addEventListener('abort', () => this.stopWaiting?.(), { once: true });
    for (;;) {
      if (this.waiting === 0 && !signal.aborted) await this.waitUntil((resolve) => (this.filled = resolve));
      await this.options.clock.sleep(this.pauseMs(), signal);
      if (signal.aborted) break;
      const sending = this.send();
      await this.waitUntil((resolve) => void sending.then(resolve));
    }
    await this.finish();
  }

  /** Resolves when `event` says so, or at the stop. */
  private async waitUntil(event: (resolve: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.stopWaiting = resolve;
      event(resolve);
    });
    this.filled = undefined;
  }

  private pauseMs(): number {
    const { batchRecords = BATCH_RECORDS, pauseMs = BATCH_PAUSE_MS, hurryMs = HURRY_MS } = this.options;
    if (this.failures > 0) return Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS);
    return this.waiting >= batchRecords ? hurryMs : pauseMs;
  }

  /** The batch that takes the next record. */
  private openBatch(): GatheredBatch {
    let last = this.batches.at(-1);
    if (last === undefined || last.isClosed || last.isFull(this.options.batchRecords ?? BATCH_RECORDS)) {
      last = new GatheredBatch();
      this.batches.push(last);
    }
    return last;
  }

  /** Sends the first batch, or goes on with the one under way: whether the store took it. */
  private send(): Promise<boolean> {
    const [first] = this.batches;
    if (!first) return Promise.resolve(true);
    this.sending ??= this.append(first).finally(() => (this.sending = undefined));
    return this.sending;
  }

  private async append(batch: GatheredBatch): Promise<boolean> {
    try {
      await this.options.store.append(batch.close());
    } catch (error) {
      this.failures += 1;
      this.failure = error;
      // One that the store can make nothing of must not keep all others out.
      if (error instanceof Unavailable || this.failures < MOST_ATTEMPTS) return false;
      this.letGo();
      this.lose(batch.count);
      this.failures = 0;
      return false;
    }
    this.letGo();
    this.kept += batch.count;
    this.failures = 0;
    this.failure = undefined;
    this.reportLosses(REPORT_EVERY_MS);
    return true;
  }

  /** The first batch is kept, or lost. */
  private letGo(): void {
    const batch = this.batches.shift();
    this.waiting -= batch?.count ?? 0;
    this.characters -= batch?.characters ?? 0;
  }

  /** What is left, within the deadline; a store that refuses now is not asked again. */
  private async finish(): Promise<void> {
    const { clock, deadlineMs } = this.options;
    const given = new AbortController();
    const deadline = clock.sleep(deadlineMs, given.signal).then(() => false);
    while (this.waiting > 0) {
      if (await Promise.race([this.send(), deadline])) continue;
      this.lost += this.waiting;
      while (this.waiting > 0) this.letGo();
    }
    given.abort();
    this.reportLosses(0);
  }

  private lose(count: number): void {
    this.lost += count;
    this.reportLosses(REPORT_EVERY_MS);
  }

  private reportLosses(everyMs: number): void {
    const count = this.lost - this.lostReported;
    const sinceMs = this.options.clock.now() - this.reportedAt;
    // A clock that was set back must not silence it for long.
    if (count === 0 || (sinceMs >= 0 && sinceMs < everyMs)) return;
    this.lostReported = this.lost;
    this.reportedAt = this.options.clock.now();
    const reason = this.failure === undefined ? 'the database did not take them in time' : messageOf(this.failure);
    this.options.report(`${count} log records were not kept: ${reason}`);
  }
}
