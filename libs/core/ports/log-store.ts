/** One line of the log as it is kept: the keys of the REST contract's log table, secrets already masked. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** Where log records are kept. Written in batches by one writer that never holds up a request. */
export abstract class LogStore {
  /**
   * Appends records, in order.
   * @param records each as the JSON text of an object.
   * @throws Unavailable when the database does not answer in time; the caller counts the loss.
   */
  abstract append(records: readonly string[]): Promise<void>;

  /** The newest `limit` records, newest first. */
  abstract latest(limit: number): Promise<LogRecord[]>;
}
