/** One kind of what is stored. */
export interface RewritablePart {
  /** What they are called, in the plural. */
  readonly name: string;
  /** How many there are, or null where nobody can tell without looking at each. */
  count(): Promise<number | null>;
  /** Rewrites what needs it, piece by piece. What others change meanwhile is left to the next time. */
  rewrite(): AsyncIterable<RewrittenPiece>;
}

export interface RewrittenPiece {
  /** How many were looked at. */
  readonly seen: number;
  /** How many of them were to be rewritten, whether they were or somebody else came first. */
  readonly stale: number;
  /** A sentence for each that could not be read. */
  readonly unreadable: readonly string[];
}

/** A database whose contents can be rewritten: encrypted again where that is wanted. */
export interface RewritableDatabase {
  readonly parts: readonly RewritablePart[];
  /** Whether anything in it, or in the blobs that it names, may have to be rewritten. */
  mayNeedIt(): Promise<boolean>;
  /** Notes that nothing has to be any more. */
  finish(): Promise<void>;
  /** Ends the use of it. Safe to call twice. */
  close(): Promise<void>;
}
