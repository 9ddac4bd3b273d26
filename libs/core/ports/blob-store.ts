import type { Readable } from 'node:stream';
import type { OpenPayload } from '../payload.js';

/**
 * Where large bytes live, by name. Names are made by us, never by a user: segments of `[A-Za-z0-9._-]` joined by `/`,
 * none of them `.` or `..`, 200 characters at most.
 */
export abstract class BlobStore {
  /**
   * Stores bytes under a name, in place of what was there; readers see all of it or nothing of it. Memory stays flat
   * however long the stream is. Durable when it resolves; when the stream fails, nothing is stored and it rejects
   * with that error.
   * @returns how many bytes were stored.
   * @throws InvalidInput for a bad name; Unavailable when the store does not answer.
   */
  abstract put(name: string, content: Buffer | Readable): Promise<number>;

  /** Opens a blob, or null when there is none of that name. */
  abstract open(name: string): Promise<OpenPayload | null>;

  /** Removes a blob; none of that name is fine. */
  abstract remove(name: string): Promise<void>;

  /**
   * Gives what a blob holds a second name, which lives on by itself.
   * @returns false when there is none of the first name.
   */
  abstract copy(from: string, to: string): Promise<boolean>;

  /**
   * All blobs whose names begin with `folder` and a `/`, in no promised order; what is put or removed meanwhile may be
   * among them. Memory stays flat however many there are.
   */
  abstract list(folder: string): AsyncIterable<StoredBlob>;
}

/** A blob as a list has it. */
export interface StoredBlob {
  readonly name: string;
  readonly bytes: number;
  /** By the clock of the store, in epoch milliseconds. */
  readonly storedAt: number;
}
