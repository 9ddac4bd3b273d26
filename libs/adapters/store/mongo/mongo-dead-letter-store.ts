import type { mongo } from 'mongoose';
import type { DeadLetter, DeadLetterKind, DeadLetterPage, DeadLetterQuery, DeadMessage } from '#core';
import { DeadLetterStore, isTraceId } from '#core';
import type { Encryption } from '#encryption';
import {
  decodeLetterText,
  decodeRecord,
  encodeLetterText,
  encodeRecord,
  entryOf,
  kindsOf,
  letterPlace,
  mergeLetters,
  planLetters,
} from '../dead-letter-scan.js';
import type { LetterEntry, ReadLetters } from '../dead-letter-scan.js';
import { decodeCursor, encodeCursor } from '../list-cursor.js';
import type { ListPlace } from '../list-cursor.js';
import { scanList } from '../list-scan.js';
import { fromJson } from '../payload-encoding.js';
import { deadKey, placeOfDeadKey } from './dead-key.js';
import type { DeadMessageDocument, ProcessDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';

/** How many letters share a command. */
const PIECE = 500;
const NEWEST_FIRST = { deadKey: -1 } as const;
const OF_PROCESS = { project: 1, deadKey: 1, service: 1, specTraceId: 1, error: 1, calls: 1 } as const;
const OF_MESSAGE = { project: 1, deadKey: 1, record: 1 } as const;

/** Dead letters in MongoDB: messages in a collection, processes by their mark. */
export class MongoDeadLetterStore extends DeadLetterStore {
  constructor(
    private readonly database: MongoDatabase,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async append(letter: DeadMessage, payload: string | undefined): Promise<void> {
    const { traceId, project, at } = letter;
    const document: DeadMessageDocument = {
      ...{ _id: traceId, project, deadKey: deadKey(at, traceId), record: encodeRecord(letter, this.encryption) },
      ...(payload === undefined ? undefined : { payload: encodeLetterText(letter, payload, this.encryption) }),
    };
    try {
      await this.database.command(() => this.database.deadMessages.insertOne(document));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async list(project: string, query: DeadLetterQuery): Promise<DeadLetterPage> {
    const { limit, cursor } = query;
    const start = decodeCursor(cursor, isTraceId);
    const read = mergeLetters(kindsOf(query).map((kind) => this.reader(kind, project, query)));
    const { hits, next } = await scanList<string, LetterEntry>(planLetters(query), { limit, start }, read);
    return { letters: hits.map(({ letter }) => letter), next: next && encodeCursor(next) };
  }

  async payload(project: string, traceId: string): Promise<string | null> {
    const filter = { _id: traceId, project };
    const found = await this.database.command(() => this.database.deadMessages.findOne(filter));
    if (!found?.payload) return null;
    return decodeLetterText(found.payload, found.record, letterPlace({ project, traceId }), this.encryption);
  }

  async remove(project: string, traceIds: readonly string[]): Promise<number> {
    const { processes, deadMessages } = this.database;
    let removed = 0;
    for (let from = 0; from < traceIds.length; from += PIECE) {
      const _id = { $in: traceIds.slice(from, from + PIECE) };
      const marked = { _id, project, deadKey: { $exists: true } };
      const [unmarked, deleted] = await Promise.all([
        this.database.command(() => processes.updateMany(marked, { $unset: { deadKey: '' } })),
        this.database.command(() => deadMessages.deleteMany({ _id, project })),
      ]);
      removed += unmarked.matchedCount + deleted.deletedCount;
    }
    return removed;
  }

  async sweep(before: number, limit: number): Promise<number> {
    const { deadMessages } = this.database;
    const options = { projection: { _id: 1 }, sort: { deadKey: 1 }, limit } as const;
    const old = { deadKey: { $lt: deadKey(before, '') } };
    const found = await this.database.command(() => deadMessages.find(old, options).toArray());
    if (found.length === 0) return 0;
    const filter = { _id: { $in: found.map(({ _id }) => _id) } };
    return (await this.database.command(() => deadMessages.deleteMany(filter))).deletedCount;
  }

  private readonly messageLetter = (document: DeadMessageDocument): DeadLetter => {
    const { _id: traceId, project, deadKey: key, record } = document;
    const place = letterPlace({ project, traceId });
    return {
      ...{ kind: 'message', traceId, project, at: placeOfDeadKey(key).createdAt },
      ...decodeRecord(record, place, this.encryption),
    };
  };

  private reader(kind: DeadLetterKind, project: string, query: DeadLetterQuery): ReadLetters {
    return kind === 'process'
      ? this.readerOf(this.database.processes, OF_PROCESS, processLetter, project, query)
      : this.readerOf(this.database.deadMessages, OF_MESSAGE, this.messageLetter, project, query);
  }

  private readerOf<T extends { project: string; deadKey?: string }>(
    collection: mongo.Collection<T>,
    projection: mongo.Document,
    letterOf: (document: T) => DeadLetter,
    project: string,
    query: DeadLetterQuery,
  ): ReadLetters {
    return async (place, count) => {
      const filter = { deadKey: rangeOf(query, place), project } as mongo.Filter<T>;
      const options = { projection, sort: NEWEST_FIRST, limit: count };
      const documents = await this.database.command(() => collection.find(filter, options).toArray());
      return documents.map((document) => entryOf(letterOf(document as unknown as T)));
    };
  }
}

/** Both ends of the time, so that the index is read between them. */
function rangeOf({ from, before }: DeadLetterQuery, place: ListPlace<string> | null): { $gte: string; $lt?: string } {
  const ends = [];
  if (before !== undefined) ends.push(deadKey(before, ''));
  if (place) ends.push(deadKey(place.createdAt, place.key));
  const [end] = ends.sort();
  return { $gte: deadKey(from ?? 0, ''), ...(end === undefined ? undefined : { $lt: end }) };
}

function processLetter(document: ProcessDocument): DeadLetter {
  const { createdAt: at } = placeOfDeadKey(document.deadKey ?? '');
  const calls = (fromJson(document.calls) as readonly unknown[] | undefined) ?? [];
  return {
    ...{ kind: 'process', traceId: document._id, project: document.project, at },
    service: document.service,
    specTraceId: document.specTraceId,
    reason: (fromJson(document.error) as string | undefined) ?? '',
    attempts: calls.length,
  };
}
