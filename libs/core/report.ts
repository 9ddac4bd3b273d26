/** What was found in reading one document. */
export interface DocumentReport {
  /** The document's own `info.title` and `info.version`; null when it could not be read. */
  readonly title: string | null;
  readonly documentVersion: string | null;
  /** How many operations can be called. */
  readonly operations: number;
  /** What was repaired or left out, in the document's order; a thousand at most. */
  readonly warnings: readonly DocumentWarning[];
}

/** One repair: what was wrong in a document, where, and what was made of it. */
export interface DocumentWarning {
  /** A stable word for programs, in lower case with hyphens. */
  readonly code: string;
  /** JSON pointer into the document as it was given. */
  readonly pointer: string;
  /** From 1; absent where the place has none, e.g. a field that is not there. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly message: string;
}
