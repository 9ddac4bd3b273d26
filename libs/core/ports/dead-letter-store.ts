import type { DeadLetterPage, DeadLetterQuery, DeadMessage } from '../dead-letter.js';

/** The longest text of a message that is kept with its letter, in characters; a longer one cannot be replayed. */
export const LONGEST_LETTER = 1024 * 1024;

/**
 * Where dead letters are found. Those of messages are kept here; those of processes are marks that
 * `ProcessStore.complete` sets in the change that ends the process, so that neither is ever without the other. All
 * methods reject with `Unavailable` when the database does not answer in time.
 */
export abstract class DeadLetterStore {
  /**
   * Keeps the letter of a message, unless one of its trace id is kept already.
   * @param payload the message's text; undefined where it is too long to be kept
   */
  abstract append(letter: DeadMessage, payload: string | undefined): Promise<void>;

  /**
   * A page of letters of both kinds, newest first, with the promises of `ProcessStore.list`: pages give no letter twice,
   * what a page costs does not grow with what is stored, and where few of many match it may be short and have a `next`.
   * @throws InvalidInput for a cursor that no page has given (`CURSOR_INVALID`).
   */
  abstract list(project: string, query: DeadLetterQuery): Promise<DeadLetterPage>;

  /** The text of a message that is kept with its letter; null when there is no such letter or no text. */
  abstract payload(project: string, traceId: string): Promise<string | null>;

  /**
   * Takes letters away, of either kind; processes stay as they ended.
   * @returns how many of them were there: of two who remove the same letter, one is told so.
   */
  abstract remove(project: string, traceIds: readonly string[]): Promise<number>;

  /**
   * Lets letters of messages from before that time go, of all projects, oldest first. Those of processes go with these.
   * @param before epoch milliseconds
   * @param limit how many at most
   * @returns how many went
   */
  abstract sweep(before: number, limit: number): Promise<number>;
}
