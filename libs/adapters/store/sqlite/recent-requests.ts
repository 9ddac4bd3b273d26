import { LRUCache } from 'lru-cache';
import type { RequestOf, requestOf } from '../process-encoding.js';

/** How many are remembered, and how long the text of one may be: some megabytes at most. */
const MOST = 1_000;
const LONGEST = 2_048;

/** What a request is read as. */
type Request = ReturnType<typeof requestOf>;

/** A request, and the text that it was stored as: never the same twice, since it holds a ciphertext. */
export interface RecentRequest {
  readonly text: string;
  readonly request: Request;
}

/** The requests of the processes that came last: most are claimed within a moment, and need not be decrypted for that. */
export class RecentRequests {
  private readonly kept = new LRUCache<string, RecentRequest>({ max: MOST });

  keep({ traceId }: Pick<RequestOf, 'traceId'>, recent: RecentRequest): void {
    if (recent.text.length <= LONGEST) this.kept.set(traceId, recent);
  }

  /** Gives it out once. */
  take(traceId: string): RecentRequest | undefined {
    const recent = this.kept.get(traceId);
    this.kept.delete(traceId);
    return recent;
  }
}
