import type { DeadLetter, DeadLetterFilter, DeadLetterStore } from '#core';

/** How many pages that are not full one request reads at most: what few of many match is found over several requests. */
const MOST_PAGES = 10;
/** How many letters are read at a time where they are only counted. */
const COUNTED_AT_ONCE = 500;

/** What is asked for in bulk. */
export interface DeadLetterBulk extends DeadLetterFilter {
  /** Only count. */
  readonly dryRun: boolean;
  /** How many letters it is done to at most. */
  readonly limit: number;
  /** The `next` of an earlier one with the same filter. */
  readonly cursor?: string | undefined;
}

/** What came of letters: done as asked, or failed, so that they stay; neither for those that somebody else dealt with. */
export interface BulkCount {
  readonly done: number;
  readonly failed: number;
}

export interface BulkResult extends BulkCount {
  /** How many letters met the filter. */
  readonly matched: number;
  /** Where to go on; null when all letters have been looked at. */
  readonly next: string | null;
}

/**
 * Goes through the letters that meet a filter, newest first and piece by piece, and acts on each piece unless it is only
 * to count.
 * @param pieceSize how many letters come to `act` at once, at most.
 */
export async function walkDeadLetters(
  store: DeadLetterStore,
  project: string,
  { dryRun, limit, cursor, ...filter }: DeadLetterBulk,
  pieceSize: number,
  act: (letters: readonly DeadLetter[]) => Promise<BulkCount>,
): Promise<BulkResult> {
  let [matched, done, failed] = [0, 0, 0];
  let next = cursor ?? null;
  for (let pages = 0; pages < MOST_PAGES && matched < limit;) {
    const wanted = Math.min(dryRun ? COUNTED_AT_ONCE : pieceSize, limit - matched);
    const page = await store.list(project, { ...filter, limit: wanted, cursor: next ?? undefined });
    // A full page cost no more than it gave.
    if (page.letters.length < wanted) pages += 1;
    matched += page.letters.length;
    next = page.next;
    if (!dryRun && page.letters.length > 0) {
      const count = await act(page.letters);
      done += count.done;
      failed += count.failed;
    }
    if (next === null) break;
  }
  return { matched, done, failed, next };
}
