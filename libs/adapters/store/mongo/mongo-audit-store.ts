import type { mongo } from 'mongoose';
import { AuditStore, isTraceId } from '#core';
import type { AuditOutcome, AuditPage, AuditQuery, AuditRecord } from '#core';
import { decodeAudit, encodeAudit, planAudit } from '../audit-encoding.js';
import type { AuditEntry } from '../audit-encoding.js';
import { decodeCursor, encodeCursor } from '../list-cursor.js';
import type { ListPlace } from '../list-cursor.js';
import { scanList } from '../list-scan.js';
import type { AuditDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';

const NEWEST_FIRST = { at: -1, _id: -1 } as const;
const LATEST_TIME = 8.64e15;

/** The audit log in MongoDB: actions and outcomes in collections of their own, to which is only added. */
export class MongoAuditStore extends AuditStore {
  constructor(private readonly database: MongoDatabase) {
    super();
  }

  async append(record: AuditRecord): Promise<void> {
    const { traceId, project, at, outcome } = record;
    const document: AuditDocument = {
      ...{ _id: traceId, project, at: new Date(at), record: encodeAudit(record) },
      ...(outcome && { outcome: JSON.stringify(outcome) }),
    };
    await this.unlessThere(() => this.database.audit.insertOne(document));
  }

  async end(traceId: string, outcome: AuditOutcome): Promise<void> {
    const document = { _id: traceId, outcome: JSON.stringify(outcome) };
    await this.unlessThere(() => this.database.auditOutcomes.insertOne(document));
  }

  async list(project: string, query: AuditQuery): Promise<AuditPage> {
    const { limit, cursor } = query;
    const start = decodeCursor(cursor, isTraceId);
    const plan = { isHit: planAudit(query) };
    const read = (place: ListPlace<string> | null, count: number) => {
      return this.entries({ project, ...rangeOf(query, place) }, count);
    };
    const { hits, next } = await scanList<string, AuditEntry>(plan, { limit, start }, read);
    return { records: hits.map(({ record }) => record), next: next && encodeCursor(next) };
  }

  async sweep(before: number, limit: number): Promise<number> {
    const { audit, auditOutcomes } = this.database;
    const options = { projection: { _id: 1 }, sort: { at: 1 }, limit } as const;
    const old = { at: { $lt: new Date(before) } };
    const found = await this.database.command(() => audit.find(old, options).toArray());
    if (found.length === 0) return 0;
    const filter = { _id: { $in: found.map(({ _id }) => _id) } };
    // Outcomes first: should it break off between the two, the next look finds the rest.
    await this.database.command(() => auditOutcomes.deleteMany(filter));
    return (await this.database.command(() => audit.deleteMany(filter))).deletedCount;
  }

  private async entries(filter: mongo.Filter<AuditDocument>, limit: number): Promise<AuditEntry[]> {
    const { audit, auditOutcomes } = this.database;
    const options = { sort: NEWEST_FIRST, limit };
    const documents = await this.database.command(() => audit.find(filter, options).toArray());
    const begun = documents.filter(({ outcome }) => outcome === undefined).map(({ _id }) => _id);
    const ended = begun.length > 0 ? auditOutcomes.find({ _id: { $in: begun } }) : null;
    const outcomes = ended ? await this.database.command(() => ended.toArray()) : [];
    const outcomeOf = new Map(outcomes.map(({ _id, outcome }) => [_id, outcome]));
    return documents.map(({ _id, project, at, record, outcome = outcomeOf.get(_id) }) => {
      return decodeAudit(record, { traceId: _id, project, at: at.getTime() }, outcome);
    });
  }

  private async unlessThere(insert: () => Promise<unknown>): Promise<void> {
    try {
      await this.database.command(insert);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

/** Both ends of the time, so that the index is read between them, and the keys where the page before ended. */
function rangeOf(query: AuditQuery, place: ListPlace<string> | null): mongo.Filter<AuditDocument> {
  const from = query.from === undefined ? undefined : { $gte: new Date(query.from) };
  const before = query.before ?? LATEST_TIME;
  if (!place || place.createdAt >= before) {
    const at = { ...from, ...(query.before === undefined ? undefined : { $lt: new Date(before) }) };
    return Object.keys(at).length > 0 ? { at } : {};
  }
  const time = new Date(place.createdAt);
  return { at: { ...from, $lte: time }, $or: [{ at: { $lt: time } }, { at: time, _id: { $lt: place.key } }] };
}
