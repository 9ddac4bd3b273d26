import { z } from 'zod';
import { wholeNumber } from '../spec/spec.schemas.js';

/** Where a page begins, in the store's own words. */
export const cursorText = z.string().max(1_000);

/** What every query for a page of a list may say. */
export const PAGE_QUERY = {
  limit: wholeNumber(1, 1_000).default('100').describe('How many results a page holds at most.'),
  cursor: cursorText.optional().describe('The `next_cursor` of the page before, with the same conditions as there.'),
};

/** One page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    count: z.int().min(0).describe('How many results this page holds.'),
    results: z.array(item).describe('Newest first.'),
    next_cursor: z
      .string()
      .nullable()
      .describe('What to give as `cursor` for the next page; null on the last. A page may be short and yet have one.'),
  });
}
