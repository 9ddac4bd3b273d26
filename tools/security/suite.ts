/** What came of a suite of attacks. */
export interface SuiteReport {
  readonly name: string;
  /** How many attacks were made. */
  readonly tried: number;
  /** How many of them did what they should not. */
  readonly through: number;
  /** One sentence for each that was through, and for each that could not be judged. */
  readonly failures: readonly string[];
  /** Why nothing could be tried here; unset: it was. */
  readonly leftOut?: string;
}

/** A suite tells how far it is, as often as it likes. */
export type Tell = (tried: number) => void;

/** A suite: `tools/security/NAME/index.ts` exports it as `run`. */
export type RunSuite = (tell: Tell) => Promise<SuiteReport>;

export interface SuiteEntry {
  /** Fewer attacks than this are a failure of their own: nothing may fall out of a suite unnoticed. */
  readonly wanted: number;
  /** Loads a suite when it is run: what one needs is no matter of another. */
  readonly load: () => Promise<{ run: RunSuite }>;
}
