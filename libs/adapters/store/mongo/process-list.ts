import type { mongo } from 'mongoose';
import type { ListedProcess, ProcessPage, ProcessQuery } from '#core';
import { isTraceId } from '#core';
import type { Encryption } from '#encryption';
import { decodeCursor, encodeCursor } from '../list-cursor.js';
import type { ListPlace } from '../list-cursor.js';
import { PAGE_BYTES, planList, scanList } from '../list-scan.js';
import type { ProcessDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { encodeKey } from '../process-encoding.js';
import { decodeListedProcess, WITHOUT_BODIES } from './process-documents.js';

type Filter = mongo.Filter<ProcessDocument>;
type Place = ListPlace<string>;

const OF_ENTRIES = { createdAt: 1, status: 1, service: 1, specTraceId: 1, error: 1 } as const;
const NEWEST_FIRST = { createdAt: -1, _id: -1 } as const;
const LATEST_TIME = 8.64e15;

/** A page of processes: straight from an index where all there match, else by the keys of those that do. */
export async function listProcesses(
  database: MongoDatabase,
  encryption: Encryption,
  project: string,
  query: ProcessQuery,
): Promise<ProcessPage> {
  const { limit } = query;
  const start = decodeCursor(query.cursor, isTraceId);
  const plan = planList(query);
  if (!plan) return { processes: [], next: null };
  const filterFrom = (place: Place | null): Filter => ({
    project,
    ...(plan.equal && 'key' in plan.equal ? { key: encodeKey(plan.equal.key) ?? '' } : plan.equal),
    ...rangeOf(query, place),
  });
  if (!plan.isHit) return readPage(database, encryption, filterFrom(start), limit, null);
  const { hits, next } = await scanList<string>(plan, { limit, start }, async (place, count) => {
    const options = { projection: OF_ENTRIES, sort: NEWEST_FIRST, limit: count };
    const documents = await database.command(() => database.processes.find(filterFrom(place), options).toArray());
    return documents.map(({ _id, createdAt, status, service, specTraceId, error = null }) => {
      return { createdAt: createdAt.getTime(), key: _id, status, service, specTraceId, error };
    });
  });
  return readPage(database, encryption, { _id: { $in: hits.map((hit) => hit.key) } }, limit, next);
}

/** Both ends of the time, so that the index is read between them, and the keys where the page before ended. */
function rangeOf({ createdFrom, createdBefore }: ProcessQuery, place: Place | null): Filter {
  const from = createdFrom === undefined ? undefined : { $gte: new Date(createdFrom) };
  const before = createdBefore ?? LATEST_TIME;
  if (!place || place.createdAt >= before) {
    const createdAt = { ...from, ...(createdBefore === undefined ? undefined : { $lt: new Date(before) }) };
    return Object.keys(createdAt).length > 0 ? { createdAt } : {};
  }
  const time = new Date(place.createdAt);
  return {
    createdAt: { ...from, $lte: time },
    $or: [{ createdAt: { $lt: time } }, { createdAt: time, _id: { $lt: place.key } }],
  };
}

/** @param next where the next page begins if this one holds all that the filter finds. */
async function readPage(
  database: MongoDatabase,
  encryption: Encryption,
  filter: Filter,
  limit: number,
  next: Place | null,
): Promise<ProcessPage> {
  const processes: ListedProcess[] = [];
  const options = { projection: WITHOUT_BODIES, sort: NEWEST_FIRST, limit: limit + 1 };
  return database.command(async () => {
    let bytes = 0;
    for await (const document of database.processes.find(filter, options)) {
      const last = processes.at(-1);
      if (last && (processes.length === limit || bytes > PAGE_BYTES)) {
        return { processes, next: encodeCursor({ createdAt: last.createdAt, key: last.traceId }) };
      }
      processes.push(decodeListedProcess(document, encryption));
      bytes += document.request.length;
    }
    return { processes, next: next && encodeCursor(next) };
  });
}
