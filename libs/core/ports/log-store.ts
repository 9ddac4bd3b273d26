/** One line of the log as it is kept: the keys of the REST contract's log table, secrets already masked. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** Log records that are kept together. */
export interface LogBatch {
  readonly count: number;
  /** A JSON array of so many objects, in UTF-8. */
  readonly json: Uint8Array;
}

/** Where log records are kept. Written in batches by one writer that never holds up a request. */
export abstract class LogStore {
  /**
   * Appends records, in order.
   * @throws Unavailable when the database does not answer in time; the caller counts the loss.
   */
  abstract append(batch: LogBatch): Promise<void>;

  /** The newest `limit` records, newest first. */
  abstract latest(limit: number): Promise<LogRecord[]>;

  /**
   * Removes up to `limit` of the oldest records: those that are beyond an age or, while they take more than so many
   * bytes together, any; what was appended together may go together, and be more. Repeat until none is removed.
   * @returns how many.
   */
  abstract sweep(keep: KeptLogs, limit: number): Promise<number>;
}

export interface KeptLogs {
  /** Records appended before this are removed, in epoch milliseconds; null: none is for its age. */
  readonly since: number | null;
  /** How many bytes may be kept; null: any number. What counts is the store's to say, roughly the length of their texts. */
  readonly maxBytes: number | null;
}
