import type { mongo } from 'mongoose';
import { DEFAULT_PROJECT, hasEnded, isTraceId, PROCESS_OVERHEAD_BYTES, PROCESS_STATUSES, RetentionStore } from '#core';
import type { Archive, KeptBytes, OldItem, OldPiece, OldQuery } from '#core';
import { decodeCursor, encodeCursor } from '../list-cursor.js';
import { mongoArchives, removeArchive, unnamedBlobs } from './archives.js';
import type { ProcessDocument } from './documents.js';
import type { KeptBytesTotal } from './kept-bytes.js';
import type { MongoDatabase } from './mongo-database.js';

type Filter = mongo.Filter<ProcessDocument>;

const ENDED = PROCESS_STATUSES.filter(hasEnded);
const ABOUT = {
  ...{ createdAt: 1, updatedAt: 1, status: 1, requestBytes: 1, responseBytes: 1, bodyBlob: 1, responseBlob: 1 },
  callsBytes: 1,
} as const;
const NO_RESPONSE = { responseHead: '', responseBody: '', responseBytes: '', responseBlob: '' } as const;

/** What is kept of the past in MongoDB. */
export class MongoRetentionStore extends RetentionStore {
  constructor(
    private readonly database: MongoDatabase,
    private readonly kept: KeptBytesTotal,
  ) {
    super();
  }

  async keptBytes(now: number): Promise<KeptBytes> {
    const { requests, responses } = await this.kept.read(now);
    return { requests, responses };
  }

  oldProcesses(query: OldQuery): Promise<OldPiece> {
    return this.piece(query, ({ requestBytes, responseBytes = 0, callsBytes = 0, bodyBlob, responseBlob }) => ({
      bytes: (requestBytes ?? PROCESS_OVERHEAD_BYTES) + callsBytes + responseBytes,
      blobs: [bodyBlob ?? [], responseBlob ?? []].flat(),
    }));
  }

  async removeProcesses(traceIds: readonly string[]): Promise<number> {
    const filter: Filter = { _id: { $in: [...traceIds] }, status: { $in: ENDED } };
    const free = await this.freed(filter);
    const { deletedCount } = await this.database.command(() => this.database.processes.deleteMany(filter));
    free(deletedCount, ['requests', 'responses']);
    return deletedCount;
  }

  async oldResponses(query: OldQuery): Promise<OldPiece> {
    const { items, next } = await this.piece(query, ({ responseBytes = 0, responseBlob }) => ({
      bytes: responseBytes,
      blobs: [responseBlob ?? []].flat(),
    }));
    // Not asked for in the query, which might look at all there are before it finds enough. A response is never empty.
    return { items: items.filter(({ bytes }) => bytes > 0), next };
  }

  async removeResponses(traceIds: readonly string[]): Promise<number> {
    const filter: Filter = {
      ...{ _id: { $in: [...traceIds] }, status: { $in: ENDED }, responseHead: { $exists: true } },
    };
    const free = await this.freed(filter);
    const { matchedCount } = await this.database.command(() =>
      this.database.processes.updateMany(filter, { $unset: NO_RESPONSE }),
    );
    free(matchedCount, ['responses']);
    return matchedCount;
  }

  archives(): AsyncIterable<Archive> {
    return mongoArchives(this.database);
  }

  removeArchive(archive: Archive): Promise<boolean> {
    return removeArchive(this.database, archive);
  }

  unnamed(blobs: readonly string[]): Promise<string[]> {
    return unnamedBlobs(this.database, blobs);
  }

  /** By the index of projects' processes in time, which is there for lists. */
  private async piece(
    { endedBefore, after, limit }: OldQuery,
    about: (document: ProcessDocument) => Omit<OldItem, 'traceId'>,
  ): Promise<OldPiece> {
    const place = decodeCursor(after, isTraceId);
    const from = place && new Date(place.createdAt);
    const range: Filter = {
      ...{ project: await this.projects(), createdAt: { ...(from && { $gte: from }), $lte: new Date(endedBefore) } },
      ...(from && { $or: [{ createdAt: { $gt: from } }, { createdAt: from, _id: { $gt: place.key } }] }),
    };
    const options = { projection: ABOUT, sort: { createdAt: 1, _id: 1 }, limit } as const;
    const documents = await this.database.command(() => this.database.processes.find(range, options).toArray());
    const ended = documents.filter(({ status, updatedAt }) => hasEnded(status) && updatedAt.getTime() <= endedBefore);
    const last = documents.length < limit ? undefined : documents.at(-1);
    return {
      items: ended.map((document) => ({ traceId: document._id, ...about(document) })),
      next: last ? encodeCursor({ createdAt: last.createdAt.getTime(), key: last._id }) : null,
    };
  }

  /** Any of those that are or were there: a single one as such, which every server finds by its index. */
  private async projects(): Promise<string | { $in: string[] }> {
    const options = { projection: { _id: 1 } } as const;
    const others = await this.database.command(() => this.database.projects.find({}, options).toArray());
    const names = new Set([DEFAULT_PROJECT, ...others.map(({ _id }) => _id)]);
    return names.size === 1 ? DEFAULT_PROJECT : { $in: [...names] };
  }

  /** What the processes that match take, to be taken from the totals once so many of them are gone. */
  private async freed(filter: Filter) {
    const documents = await this.database.command(() =>
      this.database.processes.find(filter, { projection: ABOUT }).toArray(),
    );
    const sums = { requests: 0, responses: 0 };
    for (const { requestBytes = 0, responseBytes = 0, callsBytes = 0 } of documents) {
      sums.requests += requestBytes + callsBytes;
      sums.responses += responseBytes;
    }
    return (count: number, kinds: readonly (keyof KeptBytes)[]): void => {
      // Of several who remove the same, each takes its share.
      const share = documents.length === 0 ? 0 : count / documents.length;
      for (const kind of kinds) this.kept.add(kind, -Math.round(sums[kind] * share));
    };
  }
}
