/**
 * What of the past is kept, oldest first, and how it is let go. Whoever sweeps removes the blobs of a thing before the
 * thing itself: if it dies between the two, the next one finds the thing again. Several may sweep at once; of two that
 * remove the same thing nobody fails. Nothing that has not ended is ever told of or removed. All methods reject with
 * `Unavailable` when the database does not answer in time.
 */
export abstract class RetentionStore {
  /**
   * How many bytes the processes of all projects take: their requests, 1 KiB beside each for all else, the lists of the
   * calls of those that have ended, and their responses with headers, whether inline or in blobs. Kept along with each change
   * and never counted anew for this. Where several processes of the operating system write, it may be some seconds behind.
   */
  abstract keptBytes(now: number): Promise<KeptBytes>;

  /** A piece of the processes of all projects that ended at or before `endedBefore`, in the order in which they were accepted. */
  abstract oldProcesses(query: OldQuery): Promise<OldPiece>;

  /** Removes processes with all that is kept of them, if they have ended. @returns how many. */
  abstract removeProcesses(traceIds: readonly string[]): Promise<number>;

  /** The same as `oldProcesses` for processes that still have a response; `bytes` and `blobs` are those of it. */
  abstract oldResponses(query: OldQuery): Promise<OldPiece>;

  /** Removes the responses of processes, which stay without. @returns how many. */
  abstract removeResponses(traceIds: readonly string[]): Promise<number>;

  /** All archives of all projects, in no promised order. Memory stays flat. */
  abstract archives(): AsyncIterable<Archive>;

  /** Removes an archive unless it has changed since it was given. */
  abstract removeArchive(archive: Archive): Promise<boolean>;

  /**
   * Which of these blobs, of `bodies/`, `responses/`, `specs/`, `clients/` and `sdks/`, nothing kept names. What
   * belongs to a process that has not ended counts as named.
   */
  abstract unnamed(blobs: readonly string[]): Promise<string[]>;
}

export interface KeptBytes {
  /** Of requests and all else but responses. */
  readonly requests: number;
  readonly responses: number;
}

export interface OldQuery {
  /** In epoch milliseconds. */
  readonly endedBefore: number;
  /** The `next` of the piece before. */
  readonly after?: string | undefined;
  /** How many processes are looked at, from 1: those among them that have ended are given. */
  readonly limit: number;
}

export interface OldPiece {
  readonly items: readonly OldItem[];
  /** Where to look on; null behind the last process that could have ended by then. */
  readonly next: string | null;
}

export interface OldItem {
  readonly traceId: string;
  /** What its removal frees, as `keptBytes` counts. */
  readonly bytes: number;
  /** The blobs that belong to it alone. */
  readonly blobs: readonly string[];
}

/** What every process counts beside its request and response, in bytes: its row, its keys in indexes. */
export const PROCESS_OVERHEAD_BYTES = 1024;

/**
 * What is no longer in use: a deleted Spec, with all its versions; a version of an active Spec that neither serves nor
 * is the newest, with its Client; an SDK that has ended, which can be made again.
 */
export interface Archive {
  readonly kind: 'spec' | 'version' | 'sdk';
  /** Of the Spec, or of the SDK. */
  readonly traceId: string;
  /** Only of a version. */
  readonly version?: number | undefined;
  /** Since when it is no longer in use, in epoch milliseconds; of an SDK when it was made. */
  readonly since: number;
  readonly bytes: number;
  readonly blobs: readonly string[];
}
