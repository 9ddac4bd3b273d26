import type { AuditOutcome, AuditPage, AuditQuery, AuditRecord } from '../audit.js';

/**
 * Where the record of who did what is kept. It only grows: an action is appended before it is done and its outcome
 * after that, both durably, and nothing changes either; what is old goes as a whole. All methods reject with
 * `Unavailable` when the database does not answer in time.
 */
export abstract class AuditStore {
  /** Keeps an action; one that has ended with its outcome. A second one of the same trace id is left out. */
  abstract append(record: AuditRecord): Promise<void>;

  /** Adds the outcome of an action that was appended without one; a second one is left out. */
  abstract end(traceId: string, outcome: AuditOutcome): Promise<void>;

  /**
   * A page of a project's actions, newest first, with the promises of `ProcessStore.list`: pages give none twice, what a
   * page costs does not grow with what is stored, and where few of many match it may be short and have a `next`.
   * @throws InvalidInput for a cursor that no page has given (`CURSOR_INVALID`).
   */
  abstract list(project: string, query: AuditQuery): Promise<AuditPage>;

  /** Removes up to `limit` of the oldest actions of all projects that were begun before a time. @returns how many. */
  abstract sweep(before: number, limit: number): Promise<number>;
}
