/** How an action ended. Without an outcome it was begun, and whether it was done is not known. */
export type AuditOutcomeKind = 'done' | 'failed' | 'refused';

/** One action in the record of who did what. It holds no secret, and is never changed. */
export interface AuditRecord {
  readonly traceId: string;
  readonly project: string;
  /** When it was begun, in epoch milliseconds. */
  readonly at: number;
  /** The id of a principal; `nobody` where none was proved. */
  readonly who: string;
  /** e.g. `spec.change`. */
  readonly action: string;
  /** The trace id or name of what it was done to, if there was one before. */
  readonly target: string | null;
  /** The address that it came from, as trusted proxies tell it. */
  readonly from: string;
  /** The beginning of the program's name for itself. */
  readonly agent: string;
  /** What was asked for, where the target does not tell. */
  readonly asked?: AuditFacts | undefined;
  /** What there was before. */
  readonly before?: AuditFacts | undefined;
  /** Null until it has ended. */
  readonly outcome: AuditOutcome | null;
}

export interface AuditOutcome {
  readonly kind: AuditOutcomeKind;
  readonly at: number;
  /** One sentence where it was not done. */
  readonly reason?: string | undefined;
  /** What there is now, as far as it changed. */
  readonly after?: AuditFacts | undefined;
  /** The trace id of what it made. */
  readonly made?: string | undefined;
  /** How often the same was refused until `at`; unset for once. */
  readonly count?: number | undefined;
}

/** JSON, free of secrets. */
export type AuditFacts = Readonly<Record<string, unknown>>;

export interface AuditFilter {
  readonly who?: string | undefined;
  readonly action?: string | undefined;
  /** The trace id or name that it was done to, or the trace id of what it made. */
  readonly target?: string | undefined;
  /** In epoch milliseconds. */
  readonly from?: number | undefined;
  readonly before?: number | undefined;
}

export interface AuditQuery extends AuditFilter {
  /** From 1. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
}

export interface AuditPage {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** What to give as `cursor` for the next page; null on the last. */
  readonly next: string | null;
}
