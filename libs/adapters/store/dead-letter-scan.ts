import type { DeadLetter, DeadLetterFilter, DeadLetterKind, DeadMessage } from '#core';
import type { Encryption, Place } from '#encryption';
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

/** Whose the values of a letter of a message are. */
export function letterPlace({ project, traceId }: Pick<DeadMessage, 'project' | 'traceId'>): Place {
  return { project, kind: 'dead message', id: traceId };
}

interface StoredRecord extends Pick<DeadMessage, 'type' | 'reason' | 'bytes'> {
  /** The excerpt, encrypted; an older release has stored it plain. */
  readonly secrets?: string;
  readonly excerpt?: string;
}

/** What a letter of a message holds beside its key and time, as JSON text. */
export function encodeRecord(letter: DeadMessage, encryption: Encryption): string {
  const { type, reason, bytes, excerpt } = letter;
  const secrets = encryption.encryptText(letterPlace(letter), 'excerpt', excerpt);
  return JSON.stringify({ type, reason, bytes, secrets } satisfies StoredRecord);
}

export function decodeRecord(
  text: string,
  place: Place,
  encryption: Encryption,
): Pick<DeadMessage, 'type' | 'reason' | 'bytes' | 'excerpt'> {
  const { secrets, excerpt = '', ...record } = JSON.parse(text) as StoredRecord;
  if (secrets !== undefined) return { ...record, excerpt: encryption.decryptText(place, 'excerpt', secrets) };
  encryption.plain(place, 'excerpt');
  return { ...record, excerpt };
}

/** The text of a message as it is stored beside its record, and read again. */
export function encodeLetterText(letter: DeadMessage, text: string, encryption: Encryption): Buffer {
  return encryption.encrypt(letterPlace(letter), 'payload', Buffer.from(text));
}

export function decodeLetterText(stored: Buffer, record: string, place: Place, encryption: Encryption): string {
  if ((JSON.parse(record) as StoredRecord).secrets !== undefined) {
    return encryption.decrypt(place, 'payload', stored).toString();
  }
  encryption.plain(place, 'payload');
  return stored.toString();
}
