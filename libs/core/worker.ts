/** Something that runs until it is told to stop: the one lifecycle of all background work. */
export interface Worker {
  /** For logs and health, e.g. `reconciler`. */
  readonly name: string;
  /** Whether it is told to stop only once the others have stopped, which need it to the last. */
  readonly stopsLast?: boolean;
  /** Runs until `signal` aborts, then finishes what must be finished and resolves. A rejection is a failure. */
  run(signal: AbortSignal): Promise<void>;
}
