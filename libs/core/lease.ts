/**
 * A worker's claim on a piece of work. It ends at `until`; past that another worker may take over, which raises
 * the attempt number, and the late worker's writes (made with the old number) are refused.
 */
export interface Lease {
  /** Who holds it: a name unique to one running process. */
  readonly owner: string;
  /** When it ends, in epoch milliseconds. */
  readonly until: number;
}

/** What a fenced write names: the work and the attempt it was done under. */
export interface Claim {
  readonly traceId: string;
  readonly attempt: number;
}
