import type { mongo } from 'mongoose';
import type {
  AskedOperation,
  Backlog,
  CallRecord,
  Claim,
  HandBack,
  Lease,
  ListedProcess,
  NextCall,
  ProcessOutcome,
  ProcessPage,
  ProcessQuery,
  SchedulerProcess,
  StoredResponse,
} from '#core';
import { BACKLOG_COUNTED, BACKLOG_SEEN, ProcessStore, newTraceId } from '#core';
import { toJson } from '../payload-encoding.js';
import { AskedCount } from '../asked-count.js';
import { decodeResponse, encodeResponse } from '../process-encoding.js';
import { ownBlobs } from '../old-item.js';
import { deadKey } from './dead-key.js';
import type { ProcessDocument } from './documents.js';
import type { KeptBytesTotal } from './kept-bytes.js';
import type { MongoDatabase } from './mongo-database.js';
import { ProcessBatches } from './process-batches.js';
import { listProcesses } from './process-list.js';
import {
  ALWAYS,
  decodeListedProcess,
  decodeProcess,
  encodeProcess,
  parkedFields,
  waitingFields,
  WITHOUT_BODIES,
} from './process-documents.js';

type Filter = mongo.Filter<ProcessDocument>;

/** How many processes are moved by one command when the clock was set back. */
const CLOCK_BATCH = 100;

const NO_LEASE = { leaseOwner: '', leaseUntil: '', offeredUntil: '' } as const;
const NOT_PARKED = { parkedFor: '', parkedAt: '', timedAt: '' } as const;
/** All that others find a process by, the mark by which a claim of this moment would know itself included. */
const CLEARED = {
  ...NO_LEASE,
  readyAt: '',
  lookAt: '',
  timedAt: '',
  parkedFor: '',
  parkedAt: '',
  sending: '',
  claimMark: '',
} as const;

/** Processes and their responses in MongoDB. */
export class MongoProcessStore extends ProcessStore {
  private readonly collection: mongo.Collection<ProcessDocument>;
  private readonly batches: ProcessBatches;
  private readonly cancelListeners: ((traceId: string) => void)[] = [];

  constructor(
    private readonly database: MongoDatabase,
    private readonly kept: KeptBytesTotal,
  ) {
    super();
    this.collection = database.processes;
    this.batches = new ProcessBatches(database);
  }

  async insert(process: SchedulerProcess): Promise<void> {
    const document = encodeProcess(process);
    await this.batches.insert(document);
    this.kept.add('requests', document.requestBytes ?? 0);
  }

  async find(project: string | null, traceId: string): Promise<SchedulerProcess | null> {
    const document = await this.batches.find(traceId);
    return document && (project === null || document.project === project) ? decodeProcess(document) : null;
  }

  async findResponse(project: string, traceId: string): Promise<StoredResponse | null> {
    const projection = { responseHead: 1, responseBody: 1 };
    const found = await this.database.command(() => this.collection.findOne({ _id: traceId, project }, { projection }));
    return found?.responseHead === undefined ? null : decodeResponse(found.responseHead, found.responseBody ?? null);
  }

  async list(project: string, query: ProcessQuery): Promise<ProcessPage> {
    return listProcesses(this.database, project, query);
  }

  async claim(traceId: string, lease: Lease, steps: readonly string[], now: number): Promise<SchedulerProcess | null> {
    const [time, until] = [new Date(now), new Date(lease.until)];
    const waiting: Filter = { status: 'WAITING', readyAt: { $lte: time } };
    const abandoned: Filter = { status: 'IN_PROGRESS', leaseUntil: { $lte: time } };
    const document = await this.batches.claim({
      traceId,
      filter: { $or: [waiting, abandoned] },
      $set: {
        ...{ status: 'IN_PROGRESS', steps: [...steps], updatedAt: time },
        ...{ leaseOwner: lease.owner, leaseUntil: until, lookAt: until },
      },
      $unset: { offeredUntil: '', timedAt: '' },
    });
    return document && decodeProcess(document);
  }

  async renew(claims: readonly Claim[], until: number): Promise<Claim[]> {
    if (claims.length === 0) return [];
    const end = new Date(until);
    const update = { $set: { leaseUntil: end, lookAt: end }, $unset: { offeredUntil: '' as const } };
    const operations = claims.map((claim) => {
      return { updateOne: { filter: { _id: claim.traceId, ...underClaim(claim) }, update } };
    });
    const { matchedCount } = await this.database.command(() =>
      this.collection.bulkWrite(operations, { ordered: false }),
    );
    return matchedCount === claims.length ? [...claims] : this.held(claims);
  }

  async held(claims: readonly Claim[]): Promise<Claim[]> {
    if (claims.length === 0) return [];
    const filter: Filter = { _id: { $in: claims.map((claim) => claim.traceId) }, status: 'IN_PROGRESS' };
    const documents = await this.database.command(() =>
      this.collection.find(filter, { projection: { attempt: 1 } }).toArray(),
    );
    const held = new Map(documents.map((document) => [document._id, document.attempt]));
    return claims.filter((claim) => held.get(claim.traceId) === claim.attempt);
  }

  async handBack(claim: Claim, { dueAt, expiresAt, steps, specVersion }: HandBack, now: number): Promise<boolean> {
    const common: Partial<ProcessDocument> = {
      ...{ status: 'WAITING', steps: [...steps], updatedAt: new Date(now) },
      ...(specVersion === undefined ? undefined : { specVersion }),
    };
    if (dueAt !== null) {
      return this.batches.settle({
        traceId: claim.traceId,
        filter: underClaim(claim),
        $set: { ...common, dueAt: new Date(dueAt), ...waitingFields(dueAt, now) },
        $unset: NO_LEASE,
      });
    }
    const document = await this.batches.find(claim.traceId);
    if (!document) return false;
    return this.batches.settle({
      traceId: claim.traceId,
      filter: underClaim(claim),
      $set: { ...common, dueAt: null, ...parkedFields(document.specTraceId, document.createdAt, expiresAt) },
      $unset: { ...NO_LEASE, readyAt: '', lookAt: '' },
    });
  }

  async noteSending(claim: Claim): Promise<boolean> {
    const change = {
      filter: underClaim(claim),
      $set: { sending: claim.attempt },
      $unset: { offeredUntil: '' as const },
    };
    return this.batches.settle({ traceId: claim.traceId, ...change });
  }

  async tryLater(claim: Claim, { at, calls, specVersion }: NextCall, now: number): Promise<boolean> {
    const time = new Date(at);
    return this.batches.settle({
      traceId: claim.traceId,
      filter: underClaim(claim),
      $set: {
        // The time of the next call stands where a lease would end. The attempt rises, so that the claim is over.
        ...{ attempt: claim.attempt + 1, leaseUntil: time, lookAt: time, timedAt: time },
        ...{ calls: JSON.stringify(calls), specVersion, updatedAt: new Date(now) },
      },
      $unset: { leaseOwner: '', offeredUntil: '', sending: '' },
    });
  }

  async complete(claim: Claim, outcome: ProcessOutcome, steps: readonly string[], now: number): Promise<boolean> {
    const response = outcome.response && encodeResponse(outcome.response);
    const blobs = outcome.response && ownBlobs(claim.traceId, outcome.response.body);
    const hasEndedIt = await this.batches.settle({
      traceId: claim.traceId,
      filter: underClaim(claim),
      $set: {
        ...{ status: outcome.status, steps: [...steps], updatedAt: new Date(now) },
        ...(outcome.status === 'ERROR' ? { error: toJson(outcome.error) } : undefined),
        ...(outcome.specVersion === undefined ? undefined : { specVersion: outcome.specVersion }),
        ...(outcome.calls && { calls: JSON.stringify(outcome.calls) }),
        ...(outcome.drift && { drift: JSON.stringify(outcome.drift.faults) }),
        ...(outcome.isDead && { deadKey: deadKey(now, claim.traceId) }),
        ...(response && {
          ...{ responseHead: response.head, responseBody: response.content, responseBytes: response.bytes },
          ...(blobs?.[0] !== undefined && { responseBlob: blobs[0] }),
        }),
      },
      $unset: { ...NO_LEASE, readyAt: '', lookAt: '', timedAt: '', sending: '' },
    });
    if (hasEndedIt && response) this.kept.add('responses', response.bytes);
    return hasEndedIt;
  }

  async cancel(project: string, traceId: string, step: string, now: number): Promise<boolean> {
    const filter: Filter = { _id: traceId, project, status: { $in: ['WAITING', 'IN_PROGRESS'] } };
    const time = new Date(now);
    const { matchedCount } = await this.database.command(() =>
      this.collection.updateOne(filter, {
        $set: { status: 'CANCELLED', dueAt: time, updatedAt: time },
        $push: { steps: step },
        $inc: { attempt: 1 },
        $unset: CLEARED,
      }),
    );
    const isCancelled = matchedCount === 1;
    if (isCancelled) for (const listener of this.cancelListeners) listener(traceId);
    return isCancelled;
  }

  onCancelled(listener: (traceId: string) => void): void {
    this.cancelListeners.push(listener);
  }

  async noteCalls({ traceId, attempt }: Claim, calls: readonly CallRecord[]): Promise<void> {
    const filter: Filter = { _id: traceId, attempt: attempt + 1, status: 'CANCELLED' };
    const update = { $set: { calls: JSON.stringify(calls) } };
    await this.database.command(() => this.collection.updateOne(filter, update));
  }

  async findMany(traceIds: readonly string[]): Promise<ListedProcess[]> {
    if (traceIds.length === 0) return [];
    const filter: Filter = { _id: { $in: [...traceIds] } };
    const documents = await this.database.command(() =>
      this.collection.find(filter, { projection: WITHOUT_BODIES }).toArray(),
    );
    return documents.map(decodeListedProcess);
  }

  /** Other processes change what is here, and tell nobody. */
  onChanged(): boolean {
    return false;
  }

  async unended(specTraceId: string): Promise<AskedOperation[]> {
    const asked = new AskedCount();
    const filters: Filter[] = [{ lookAt: { $exists: true }, specTraceId }, { parkedFor: specTraceId }];
    for (const filter of filters) {
      await this.database.command(async () => {
        for await (const { request } of this.collection.find(filter, { projection: { request: 1 } })) {
          const { method, endpoint } = JSON.parse(request) as AskedOperation;
          asked.add(method, endpoint);
        }
      });
    }
    return asked.list;
  }

  async release(specTraceId: string, limit: number, now: number): Promise<string[]> {
    const time = new Date(now);
    const parked: Filter = { parkedFor: specTraceId };
    const options = { projection: { _id: 1 }, sort: { parkedAt: 1 }, limit } as const;
    const found = await this.database.command(() => this.collection.find(parked, options).toArray());
    return this.take(found, parked, {
      $set: { ...dueNow(now), updatedAt: time },
      $unset: NOT_PARKED,
    });
  }

  async parkedSpecs(limit: number): Promise<string[]> {
    const specs = await this.database.command(() => this.collection.distinct('parkedFor', { parkedFor: { $gt: '' } }));
    return specs.slice(0, limit) as string[];
  }

  async dueTimed(limit: number, now: number): Promise<string[]> {
    const filter: Filter = { timedAt: { $lte: new Date(now) } };
    const options = { projection: { parkedFor: 1 }, sort: { timedAt: 1 }, limit } as const;
    const due = await this.database.command(() => this.collection.find(filter, options).toArray());
    const expired = due.filter(({ parkedFor }) => parkedFor !== undefined);
    const [timed, parked] = await Promise.all([
      this.take(
        due.filter(({ parkedFor }) => parkedFor === undefined),
        { ...filter, parkedFor: { $exists: false } },
        { $set: {}, $unset: { timedAt: '' } },
      ),
      this.take(expired, { ...filter, parkedFor: { $exists: true } }, { $set: dueNow(now), $unset: NOT_PARKED }),
    ]);
    return [...timed, ...parked];
  }

  async nextTimed(): Promise<number | null> {
    const options = { projection: { timedAt: 1 }, sort: { timedAt: 1 } } as const;
    const next = await this.database.command(() => this.collection.findOne({ timedAt: { $exists: true } }, options));
    return next?.timedAt?.getTime() ?? null;
  }

  async followClock(now: number): Promise<void> {
    const time = new Date(now);
    const filter: Filter = {
      ...{ attempt: { $gt: 0 }, updatedAt: { $gt: time }, lookAt: { $exists: true }, leaseOwner: { $exists: false } },
      $or: [{ timedAt: { $exists: true } }, { status: 'IN_PROGRESS' }],
    };
    const options = {
      projection: { attempt: 1, status: 1, updatedAt: 1, dueAt: 1, leaseUntil: 1 },
      limit: CLOCK_BATCH,
    } as const;
    for (;;) {
      const ahead = await this.database.command(() => this.collection.find(filter, options).toArray());
      const operations = ahead.map(({ _id, attempt, status, updatedAt, dueAt, leaseUntil }) => {
        const before = (status === 'WAITING' ? dueAt : leaseUntil) ?? updatedAt;
        const at = new Date(now + before.getTime() - updatedAt.getTime());
        const waiting: Partial<ProcessDocument> = { dueAt: at, readyAt: at };
        const $set = {
          timedAt: at,
          lookAt: at,
          updatedAt: time,
          ...(status === 'WAITING' ? waiting : { leaseUntil: at }),
        };
        return {
          updateOne: {
            filter: { ...filter, _id, attempt, status },
            update: { $set, $unset: { offeredUntil: '' as const } },
          },
        };
      });
      if (operations.length > 0)
        await this.database.command(() => this.collection.bulkWrite(operations, { ordered: false }));
      if (operations.length < CLOCK_BATCH) return;
    }
  }

  async backlog(now: number): Promise<Backlog> {
    const live = { lookAt: { $exists: true } };
    const oldest = [
      { $match: live },
      { $sort: { lookAt: 1 } },
      { $limit: BACKLOG_SEEN },
      { $match: { status: 'WAITING', dueAt: { $lte: new Date(now) } } },
      { $sort: { dueAt: 1 } },
      { $limit: 1 },
      { $project: { dueAt: 1 } },
    ];
    const [pending, [first]] = await Promise.all([
      this.database.command(() => this.collection.countDocuments(live, { limit: BACKLOG_COUNTED })),
      this.database.command(() => this.collection.aggregate<{ dueAt: Date }>(oldest).toArray()),
    ]);
    return { pending, oldestDueAt: first?.dueAt.getTime() ?? null };
  }

  async countUnended(most: number): Promise<number> {
    const filters: Filter[] = [{ lookAt: { $exists: true } }, { parkedFor: { $exists: true } }];
    const counts = await Promise.all(
      filters.map((filter) =>
        this.database.command(() => this.collection.countDocuments(filter, { limit: Math.max(1, most) })),
      ),
    );
    return Math.min(
      most,
      counts.reduce((sum, count) => sum + count),
    );
  }

  async due(query: { dueBefore: number; repeatAfter: number; limit: number; now: number }): Promise<string[]> {
    const now = new Date(query.now);
    const dueBefore = new Date(query.dueBefore);
    const repeatAfter = new Date(query.repeatAfter);
    const filter: Filter = {
      lookAt: { $lte: new Date(Math.max(query.dueBefore, query.now)) },
      $and: [
        { $or: [{ offeredUntil: { $exists: false } }, { offeredUntil: { $lte: now } }] },
        {
          $or: [
            { status: 'WAITING', dueAt: { $lt: dueBefore } },
            { status: 'IN_PROGRESS', leaseUntil: { $lt: now } },
          ],
        },
      ],
    };
    const options = { projection: { _id: 1 }, sort: { lookAt: 1 }, limit: query.limit } as const;
    const due = await this.database.command(() => this.collection.find(filter, options).toArray());
    return this.take(due, filter, { $set: { offeredUntil: repeatAfter, lookAt: repeatAfter } });
  }

  /** Changes those of the documents that still match, and names them: of two who found the same, one gets each. */
  private async take(
    documents: readonly { readonly _id: string }[],
    filter: Filter,
    update: { $set: Partial<ProcessDocument>; $unset?: Partial<Record<keyof ProcessDocument, ''>> },
  ): Promise<string[]> {
    const traceIds = documents.map((document) => document._id);
    if (traceIds.length === 0) return [];
    const takeMark = newTraceId();
    const marked = { ...update, $set: { ...update.$set, takeMark } };
    const { matchedCount } = await this.database.command(() =>
      this.collection.updateMany({ ...filter, _id: { $in: traceIds } }, marked),
    );
    if (matchedCount === traceIds.length) return traceIds;
    const taken = await this.database.command(() =>
      this.collection.find({ _id: { $in: traceIds }, takeMark }, { projection: { _id: 1 } }).toArray(),
    );
    const own = new Set(taken.map((document) => document._id));
    return traceIds.filter((traceId) => own.has(traceId));
  }
}

function dueNow(now: number): { dueAt: Date; readyAt: Date; lookAt: Date } {
  const time = new Date(now);
  return { dueAt: time, readyAt: ALWAYS, lookAt: time };
}

/** Matches while the claim is the latest and neither handed back nor ended. */
function underClaim(claim: Claim): Filter {
  return { attempt: claim.attempt, status: 'IN_PROGRESS' };
}
