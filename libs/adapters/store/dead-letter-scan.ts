import type { DeadLetter, DeadLetterFilter, DeadLetterKind, DeadMessage } from '#core';
import type { ListPlace } from './list-cursor.js';
import type { ListPlan } from './list-scan.js';

/** A letter at its place in the list: by when it was given up, and its trace id. */
export interface LetterEntry extends ListPlace<string> {
  readonly letter: DeadLetter;
}

/** Gives up to `count` letters of one kind behind a place (from the start for null), newest first. */
export type ReadLetters = (place: ListPlace<string> | null, count: number) => Promise<readonly LetterEntry[]>;

export function entryOf(letter: DeadLetter): LetterEntry {
  return { createdAt: letter.at, key: letter.traceId, letter };
}

/** Which kinds can hold what a filter asks for: only processes have a service, only messages a type. */
export function kindsOf({ kind, service, type }: DeadLetterFilter): DeadLetterKind[] {
  const kinds: DeadLetterKind[] = kind === undefined ? ['process', 'message'] : [kind];
  return kinds.filter((each) => (each === 'process' ? type === undefined : service === undefined));
}

/** What remains to be looked at once the kind and the time are narrowed down. */
export function planLetters({ service, type, reason }: DeadLetterFilter): Pick<ListPlan<LetterEntry>, 'isHit'> {
  if (service === undefined && type === undefined && reason === undefined) return { isHit: null };
  const wanted = reason?.toLowerCase();
  return {
    isHit: ({ letter }) =>
      (service === undefined || (letter.kind === 'process' && letter.service === service)) &&
      (type === undefined || (letter.kind === 'message' && letter.type === type)) &&
      (wanted === undefined || letter.reason.toLowerCase().includes(wanted)),
  };
}

/** Reads several kinds as one list. */
export function mergeLetters(reads: readonly ReadLetters[]): ReadLetters {
  const [only] = reads;
  if (only && reads.length === 1) return only;
  return async (place, count) => {
    const lists = await Promise.all(reads.map((read) => read(place, count)));
    return lists.flat().sort(newestFirst).slice(0, count);
  };
}

function newestFirst(a: LetterEntry, b: LetterEntry): number {
  return b.createdAt - a.createdAt || (a.key < b.key ? 1 : -1);
}

/** What a letter of a message holds beside its key and time, as JSON text. */
export function encodeRecord({ type, reason, bytes, excerpt }: DeadMessage): string {
  return JSON.stringify({ type, reason, bytes, excerpt });
}

export function decodeRecord(text: string): Pick<DeadMessage, 'type' | 'reason' | 'bytes' | 'excerpt'> {
  return JSON.parse(text) as Pick<DeadMessage, 'type' | 'reason' | 'bytes' | 'excerpt'>;
}
