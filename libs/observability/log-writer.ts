import { messageOf } from '#core';
import type { Clock, LogRecord, LogStore, Worker } from '#core';

export interface LogWriterOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  /** GLOGS_BUFFER_RECORDS: how many records may wait. */
  readonly bufferRecords: number;
  /** How long it may take to write what is left when it is told to stop, in milliseconds. */
  readonly deadlineMs: number;
  /** Told once a minute at most how many records were not kept. */
  readonly report: (message: string) => void;
  /** How many records go to the store at once; with the pause it bounds the load that logs put on it. */
  readonly batchRecords?: number | undefined;
  /** How long records gather before a batch goes, in milliseconds. */
  readonly pauseMs?: number | undefined;
}

export interface LogWriterHealth {
  readonly waiting: number;
  readonly kept: number;
  /** Not kept, because the buffer was full or the store did not take them. */
  readonly lost: number;
}

/** 2,000 records a second at most; an embedded database takes one batch in a millisecond, which no request feels. */
const BATCH_RECORDS = 100;
const BATCH_PAUSE_MS = 50;
const REPORT_EVERY_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Hands log records to the store in batches, beside the work that they tell of. `push` never waits: when the buffer is
 * full the record is counted and left out. Give it a supervisor of its own that stops last, so that it also keeps what
 * other workers say while they stop.
 */
export class LogWriter implements Worker {
  readonly name = 'log-writer';
  private buffer: LogRecord[] = [];
  private wake: (() => void) | undefined;
  private kept = 0;
  private lost = 0;
  private lostReported = 0;
  private reportedAt = -Infinity;

  constructor(private readonly options: LogWriterOptions) {}

  push(record: LogRecord): void {
    if (this.buffer.length >= this.options.bufferRecords) {
      this.lose(1);
      return;
    }
    this.buffer.push(record);
    this.wake?.();
  }

  health(): LogWriterHealth {
    return { waiting: this.buffer.length, kept: this.kept, lost: this.lost };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, pauseMs = BATCH_PAUSE_MS } = this.options;
    signal.addEventListener('abort', () => this.wake?.(), { once: true });
    for (let failures = 0; ;) {
      if (this.buffer.length === 0 && !signal.aborted) await new Promise<void>((resolve) => (this.wake = resolve));
      await clock.sleep(pauseMs, signal);
      if (signal.aborted) break;
      failures = (await this.appendBatch()) ? 0 : failures + 1;
      if (failures > 0) await clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), signal);
    }
    await this.finish();
  }

  /** Whether the store took it. A batch that it refused is not tried again: it may have been written all the same. */
  private async appendBatch(): Promise<boolean> {
    const { store, batchRecords = BATCH_RECORDS } = this.options;
    const batch = this.buffer.splice(0, batchRecords);
    try {
      await store.append(batch);
      this.kept += batch.length;
      this.reportLosses(REPORT_EVERY_MS);
      return true;
    } catch (error) {
      this.lose(batch.length, error);
      return false;
    }
  }

  private async finish(): Promise<void> {
    const { clock, deadlineMs } = this.options;
    const given = new AbortController();
    const deadline = clock.sleep(deadlineMs, given.signal).then(() => 'late' as const);
    while (this.buffer.length > 0) {
      const batch = Math.min(this.buffer.length, this.options.batchRecords ?? BATCH_RECORDS);
      const outcome = await Promise.race([this.appendBatch(), deadline]);
      if (outcome === true) continue;
      this.lost += this.buffer.length + (outcome === 'late' ? batch : 0);
      this.buffer = [];
    }
    given.abort();
    this.reportLosses(0);
  }

  private lose(count: number, error?: unknown): void {
    this.lost += count;
    this.reportLosses(REPORT_EVERY_MS, error);
  }

  private reportLosses(everyMs: number, error?: unknown): void {
    const count = this.lost - this.lostReported;
    const sinceMs = this.options.clock.now() - this.reportedAt;
    // A clock that was set back must not silence it for long.
    if (count === 0 || (sinceMs >= 0 && sinceMs < everyMs)) return;
    this.lostReported = this.lost;
    this.reportedAt = this.options.clock.now();
    const reason = error === undefined ? 'the database did not take them in time' : messageOf(error);
    this.options.report(`${count} log records were not kept: ${reason}`);
  }
}
