import type { LogBatch, LogRecord } from '#core';

/** These records as they are appended together. */
export function logBatch(...records: readonly LogRecord[]): LogBatch {
  return { count: records.length, json: Buffer.from(JSON.stringify(records)) };
}
