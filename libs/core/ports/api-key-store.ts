import type { ApiKey } from '../api-key.js';

/** How many keys a project may have. */
export const MOST_KEYS = 1_000;

/** Where API keys are kept, as hashes. All methods reject with `Unavailable` when the database does not answer in time. */
export abstract class ApiKeyStore {
  /**
   * Keeps a new key.
   * @throws Conflict when the project has as many as `MOST_KEYS` (`TOO_MANY_KEYS`; of several at once a few may come
   *   through beyond that) or when there is one of its trace id (`TRACE_ID_TAKEN`).
   */
  abstract insert(key: ApiKey): Promise<void>;

  /** The key of this trace id; null once it was removed. @param project null: of any */
  abstract find(project: string | null, traceId: string): Promise<ApiKey | null>;

  /** All keys of a project, newest first. */
  abstract list(project: string): Promise<ApiKey[]>;

  /** Takes a key away for good. @returns whether it was there: of two who remove it, one is told so. */
  abstract remove(project: string, traceId: string): Promise<boolean>;

  /** Takes away all keys of a project. */
  abstract removeAll(project: string): Promise<number>;

  /** Notes when a key was used; an earlier time than the one that is noted changes nothing. */
  abstract noteUse(traceId: string, at: number): Promise<void>;
}
