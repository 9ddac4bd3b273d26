import type { ProcessQuery, ProcessStatus } from '#core';
import { fromJson } from './payload-encoding.js';
import type { ListPlace } from './list-cursor.js';

/** How many entries of an index one page looks through at most. */
const SCAN_LIMIT = 20_000;
/** How many of them are read at a time at most where not all match. */
const LARGEST_PIECE = 1_000;
/** A page ends once the requests in it, as text, exceed this. */
export const PAGE_BYTES = 8 * 1024 * 1024;

/** What an index leads to, as far as it tells whether a process belongs into a list. */
export interface ListEntry<Key extends number | string> extends ListPlace<Key> {
  readonly status: ProcessStatus;
  readonly service: string;
  readonly specTraceId: string | null;
  /** As JSON text. */
  readonly error: string | null;
}

/** What an index narrows a list down to, and what remains to be looked at. */
export interface ListPlan<Entry = ListEntry<number | string>> {
  /** At most one of them: each has an index, in the order of lists. No index holds what ended in SUCCESS by status. */
  readonly equal:
    { readonly status: ProcessStatus } | { readonly service: string } | { readonly key: string } | undefined;
  /** Null: everything there matches. */
  readonly isHit: ((entry: Entry) => boolean) | null;
}

/** How to find what a query asks for; null when nothing can match. */
export function planList({ status: asked, service, key, specs, error }: ProcessQuery): ListPlan | null {
  if (error !== undefined && asked !== undefined && asked !== 'ERROR') return null;
  const status = error === undefined ? asked : 'ERROR';
  const equal = narrowest(status, service, key);
  const text = error?.toLowerCase();
  const bound = specs && new Set<string | null>(specs);
  const others = [
    status !== undefined && !(equal && 'status' in equal) && ((entry: Entry) => entry.status === status),
    service !== undefined && !(equal && 'service' in equal) && ((entry: Entry) => entry.service === service),
    bound !== undefined && ((entry: Entry) => bound.has(entry.specTraceId)),
    text !== undefined && ((entry: Entry) => errorOf(entry).toLowerCase().includes(text)),
  ].filter((other) => other !== false);
  return { equal, isHit: others.length === 0 ? null : (entry) => others.every((other) => other(entry)) };
}

type Entry = ListEntry<number | string>;

function narrowest(
  status: ProcessStatus | undefined,
  service: string | undefined,
  key: string | undefined,
): ListPlan['equal'] {
  if (key !== undefined) return { key };
  if (status !== undefined && status !== 'SUCCESS') return { status };
  return service === undefined ? undefined : { service };
}

function errorOf({ error }: Entry): string {
  return (fromJson(error) as string | undefined) ?? '';
}

/**
 * Looks through an index until a page is full, the index ends, or it has looked at enough.
 * @param read gives up to `count` entries behind a place (from the start for null), in the order of lists.
 * @returns the page's entries, and the place that the next page begins behind; null behind the last one.
 */
export async function scanList<Key extends number | string, Entry extends ListPlace<Key> = ListEntry<Key>>(
  { isHit }: Pick<ListPlan<Entry>, 'isHit'>,
  { limit, start }: { readonly limit: number; readonly start: ListPlace<Key> | null },
  read: (place: ListPlace<Key> | null, count: number) => Promise<readonly Entry[]>,
): Promise<{ readonly hits: readonly Entry[]; readonly next: ListPlace<Key> | null }> {
  const hits: Entry[] = [];
  let place: ListPlace<Key> | null = start;
  // One more than asked for tells that there is a next page. Where few match, ever larger pieces find them sooner.
  let count = limit + 1;
  for (let looked = 0; looked < SCAN_LIMIT; looked += count) {
    if (looked > 0) count = Math.min(Math.max(count, Math.min(count * 4, LARGEST_PIECE)), SCAN_LIMIT - looked);
    const entries = await read(place, count);
    for (const entry of entries) {
      if (isHit && !isHit(entry)) continue;
      if (hits.length === limit) return { hits, next: hits.at(-1) ?? null };
      hits.push(entry);
    }
    const last = entries.at(-1);
    if (!last || entries.length < count) return { hits, next: null };
    place = last;
  }
  return { hits, next: place };
}
