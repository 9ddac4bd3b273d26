import { LRUCache } from 'lru-cache';
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
  ProcessState,
  SchedulerProcess,
  StoredResponse,
  Turn,
} from '#core';
import {
  BACKLOG_COUNTED,
  BACKLOG_SEEN,
  DEFAULT_PRIORITY,
  firstByRank,
  newTraceId,
  PRIORITIES,
  PRIORITY_STEP_MS,
  ProcessStore,
  rankOf,
} from '#core';
import type { Encryption, Place } from '#encryption';
import { AskedCount } from '../asked-count.js';
import { toJson } from '../payload-encoding.js';
import { decodeResponse, encodeCalls, encodeDrift, encodeResponse, processPlace } from '../process-encoding.js';
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
  decodeProcessState,
  encodeProcess,
  lineFields,
  timedFields,
  waitingFields,
  WITHOUT_BODIES,
} from './process-documents.js';

type Filter = mongo.Filter<ProcessDocument>;

/** How many processes are moved by one command when the clock was set back. */
const CLOCK_BATCH = 100;
/** Among how many of the oldest parked processes the next to be released is chosen by rank. */
const WINDOW = 2_000;
/** Of how many processes it is remembered whose they are. */
const MOST_PROJECTS = 20_000;
const UNENDED = ['WAITING', 'IN_PROGRESS'] as const;
const IN_A_LINE: Filter[] = [{ parkedFor: { $exists: true } }, { heldFor: { $exists: true } }];
const IN_NO_LINE: Filter = { parkedFor: { $exists: false }, heldFor: { $exists: false } };

const NO_LEASE = { leaseOwner: '', leaseUntil: '', offeredUntil: '' } as const;
const NOT_TIMED = { isTimed: '', timedAt: '', timedBand: '' } as const;
const NOT_HELD = { heldFor: '', heldKey: '', heldRank: '', heldWhy: '' } as const;
const NOT_PARKED = { parkedFor: '', parkedAt: '', ...NOT_TIMED } as const;
/** All that others find a process by, the mark by which a claim of this moment would know itself included. */
const CLEARED = {
  ...NO_LEASE,
  ...NOT_PARKED,
  ...NOT_HELD,
  readyAt: '',
  band: '',
  lookAt: '',
  sending: '',
  claimMark: '',
} as const;

/** Of an outcome that holds nothing to encrypt. */
const NO_PLACE: Place = { project: '', kind: '', id: '' };

/** Processes and their responses in MongoDB. */
export class MongoProcessStore extends ProcessStore {
  private readonly collection: mongo.Collection<ProcessDocument>;
  private readonly batches: ProcessBatches;
  private readonly cancelListeners: ((traceId: string) => void)[] = [];
  /** The projects of processes that this worker has seen: whoever ends one names it by its trace id alone. */
  private readonly projects = new LRUCache<string, string>({ max: MOST_PROJECTS });

  constructor(
    private readonly database: MongoDatabase,
    private readonly kept: KeptBytesTotal,
    private readonly encryption: Encryption,
  ) {
    super();
    this.collection = database.processes;
    this.batches = new ProcessBatches(database);
  }

  async insert(process: SchedulerProcess): Promise<void> {
    const document = encodeProcess(process, this.encryption);
    await this.batches.insert(document);
    this.kept.add('requests', document.requestBytes ?? 0);
  }

  async find(project: string | null, traceId: string): Promise<SchedulerProcess | null> {
    const document = await this.batches.find(project, traceId);
    return document && this.decode(document);
  }

  async findState(project: string, traceId: string): Promise<ProcessState | null> {
    const document = await this.batches.find(project, traceId);
    return document && decodeProcessState(document, this.encryption);
  }

  async findResponse(project: string, traceId: string): Promise<StoredResponse | null> {
    const projection = { responseHead: 1, responseBody: 1 };
    const found = await this.database.command(() => this.collection.findOne({ _id: traceId, project }, { projection }));
    if (found?.responseHead === undefined) return null;
    const place = processPlace({ project, traceId });
    return decodeResponse(found.responseHead, found.responseBody ?? null, place, this.encryption);
  }

  async list(project: string, query: ProcessQuery): Promise<ProcessPage> {
    return listProcesses(this.database, this.encryption, project, query);
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
      $unset: { offeredUntil: '', ...NOT_TIMED },
    });
    return document && this.decode(document);
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

  async handBack(claim: Claim, next: HandBack, now: number): Promise<boolean> {
    const { dueAt, steps, specVersion } = next;
    const common: Partial<ProcessDocument> = {
      ...{ status: 'WAITING', steps: [...steps], updatedAt: new Date(now) },
      ...(specVersion === undefined ? undefined : { specVersion }),
    };
    const change = { traceId: claim.traceId, filter: underClaim(claim) };
    if (dueAt !== null) {
      const $set = {
        ...common,
        dueAt: new Date(dueAt),
        ...waitingFields(dueAt, now, await this.bandOf(claim, dueAt, now)),
      };
      return this.batches.settle({ ...change, $set, $unset: NO_LEASE });
    }
    const document = await this.batches.find(null, claim.traceId);
    if (!document) return false;
    return this.batches.settle({
      ...change,
      $set: { ...common, dueAt: null, ...lineFields(document, next) },
      $unset: { ...NO_LEASE, readyAt: '', lookAt: '' },
    });
  }

  /** The priority of what is written to wait for a time; nobody asks for that of what is due. */
  private async bandOf({ traceId }: Claim, at: number, now: number): Promise<number> {
    const document = at > now ? await this.batches.find(null, traceId) : null;
    return document?.band ?? DEFAULT_PRIORITY;
  }

  async noteSending(claim: Claim): Promise<boolean> {
    const change = {
      filter: underClaim(claim),
      $set: { sending: claim.attempt },
      $unset: { offeredUntil: '' as const },
    };
    return this.batches.settle({ traceId: claim.traceId, ...change });
  }

  async noteUnsent(claim: Claim): Promise<boolean> {
    const filter: Filter = { ...underClaim(claim), sending: claim.attempt };
    return this.batches.settle({ traceId: claim.traceId, filter, $set: {}, $unset: { sending: '' } });
  }

  async tryLater(claim: Claim, { at, calls, specVersion }: NextCall, now: number): Promise<boolean> {
    const time = new Date(at);
    const [timed, place] = [timedFields(at, await this.bandOf(claim, at, now)), await this.placeOf(claim.traceId)];
    if (!place) return false;
    return this.batches.settle({
      traceId: claim.traceId,
      filter: underClaim(claim),
      $set: {
        // The time of the next call stands where a lease would end. The attempt rises, so that the claim is over.
        ...{ attempt: claim.attempt + 1, leaseUntil: time, lookAt: time, ...timed },
        ...{ ...this.callsFields(calls, place), specVersion, updatedAt: new Date(now) },
      },
      $unset: { leaseOwner: '', offeredUntil: '', sending: '' },
    });
  }

  async complete(claim: Claim, outcome: ProcessOutcome, steps: readonly string[], now: number): Promise<boolean> {
    const place = outcome.response || outcome.calls || outcome.drift ? await this.placeOf(claim.traceId) : NO_PLACE;
    if (!place) return false;
    const response = outcome.response && encodeResponse(outcome.response, place, this.encryption);
    const blobs = outcome.response && ownBlobs(claim.traceId, outcome.response.body);
    const calls = outcome.calls && this.callsFields(outcome.calls, place);
    const hasEndedIt = await this.batches.settle({
      traceId: claim.traceId,
      filter: underClaim(claim),
      $set: {
        ...{ status: outcome.status, steps: [...steps], updatedAt: new Date(now) },
        ...(outcome.status === 'ERROR' ? { error: toJson(outcome.error) } : undefined),
        ...(outcome.specVersion === undefined ? undefined : { specVersion: outcome.specVersion }),
        ...calls,
        ...(outcome.drift && { drift: encodeDrift(outcome.drift.faults, place, this.encryption) }),
        ...(outcome.isDead && { deadKey: deadKey(now, claim.traceId) }),
        ...(response && {
          ...{ responseHead: response.head, responseBody: response.content, responseBytes: response.bytes },
          ...(blobs?.[0] !== undefined && { responseBlob: blobs[0] }),
        }),
      },
      $unset: { ...NO_LEASE, ...NOT_TIMED, readyAt: '', band: '', lookAt: '', sending: '' },
    });
    if (hasEndedIt && calls) this.kept.add('requests', calls.callsBytes);
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
    const place = await this.placeOf(traceId);
    if (!place) return;
    const update = { $set: this.callsFields(calls, place) };
    await this.database.command(() => this.collection.updateOne(filter, update));
  }

  async findMany(traceIds: readonly string[]): Promise<ListedProcess[]> {
    if (traceIds.length === 0) return [];
    const filter: Filter = { _id: { $in: [...traceIds] } };
    const documents = await this.database.command(() =>
      this.collection.find(filter, { projection: WITHOUT_BODIES }).toArray(),
    );
    return documents.map((document) => decodeListedProcess(document, this.encryption));
  }

  /** Other processes change what is here, and tell nobody. */
  onChanged(): boolean {
    return false;
  }

  async unended(specTraceId: string): Promise<AskedOperation[]> {
    const asked = new AskedCount();
    const filters: Filter[] = [
      { lookAt: { $exists: true }, band: { $in: [...PRIORITIES] }, specTraceId },
      { parkedFor: specTraceId },
      { heldFor: specTraceId },
    ];
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

  async release(specTraceId: string, limit: number, now: number): Promise<Turn[]> {
    const parked: Filter = { parkedFor: specTraceId };
    const options = { projection: { parkedAt: 1, band: 1 }, sort: { parkedAt: 1 }, limit: WINDOW } as const;
    const found = await this.database.command(() => this.collection.find(parked, options).toArray());
    const turns = inOrder(found.map(({ _id, band, parkedAt }) => turnOf(_id, band, parkedAt?.getTime() ?? now)));
    const update = { $set: { ...dueNow(now), updatedAt: new Date(now) }, $unset: NOT_PARKED };
    const taken = await this.take(turns.slice(0, limit), parked, update);
    return taken.map((turn) => ({ ...turn, dueAt: now }));
  }

  async parkedSpecs(after: string | null, limit: number): Promise<string[]> {
    const specs = await this.database.command(() =>
      this.collection.distinct('parkedFor', { status: 'WAITING', parkedFor: { $gt: after ?? '' } }),
    );
    return (specs as string[]).sort(byCodeUnits).slice(0, limit);
  }

  async heldSpecs(after: string | null, limit: number): Promise<string[]> {
    const specs = await this.database.command(() =>
      this.collection.distinct('heldFor', { status: 'WAITING', heldFor: { $gt: after ?? '' } }),
    );
    return (specs as string[]).sort(byCodeUnits).slice(0, limit);
  }

  async heldKeys(specTraceId: string, after: string | null, limit: number): Promise<string[]> {
    const behind = after === null ? { $gte: '' } : { $gt: after };
    const keys = await this.database.command(() =>
      this.collection.distinct('heldKey', { heldFor: specTraceId, heldKey: behind }),
    );
    return (keys as string[]).sort(byCodeUnits).slice(0, limit);
  }

  async heldLine(specTraceId: string, key: string, limit: number): Promise<Turn[]> {
    const filter: Filter = { heldFor: specTraceId, heldKey: key };
    const options = { projection: { band: 1, heldRank: 1 }, sort: { heldRank: 1 }, limit } as const;
    const line = await this.database.command(() => this.collection.find(filter, options).toArray());
    return line.map(({ _id, band = DEFAULT_PRIORITY, heldRank = 0 }) => turnOf(_id, band, dueAtOf(heldRank, band)));
  }

  async releaseHeld(traceIds: readonly string[], repeatAfter: number, now: number): Promise<string[]> {
    const filter: Filter = { _id: { $in: [...traceIds] }, heldFor: { $exists: true } };
    const options = { projection: { band: 1, heldRank: 1 } } as const;
    const found = await this.database.command(() => this.collection.find(filter, options).toArray());
    const isReleased = await Promise.all(
      found.map(({ _id, band = DEFAULT_PRIORITY, heldRank = 0 }) => {
        return this.batches.settle({
          traceId: _id,
          filter: { status: 'WAITING', heldFor: { $exists: true } },
          $set: {
            ...{ dueAt: new Date(dueAtOf(heldRank, band)), readyAt: ALWAYS, updatedAt: new Date(now) },
            ...{ lookAt: new Date(repeatAfter), offeredUntil: new Date(repeatAfter) },
          },
          $unset: { ...NOT_HELD, ...NOT_TIMED },
        });
      }),
    );
    return found.filter((_, index) => isReleased[index]).map(({ _id }) => _id);
  }

  async dueTimed({ limit, now, repeatAfter }: Parameters<ProcessStore['dueTimed']>[0]): Promise<Turn[]> {
    const come: Filter = { isTimed: true, timedAt: { $lte: new Date(now) }, timedBand: { $exists: true } };
    const due = await this.firstOf(come, 'timedAt', limit);
    const again = new Date(repeatAfter);
    const offered = { offeredUntil: again, lookAt: again };
    const [timed, waiting] = await Promise.all([
      this.take(
        due.filter(({ isParked }) => !isParked),
        { ...come, ...IN_NO_LINE },
        { $set: offered, $unset: NOT_TIMED },
      ),
      this.take(
        due.filter(({ isParked }) => isParked),
        { ...come, $or: IN_A_LINE },
        { $set: { ...dueNow(now), ...offered }, $unset: { ...NOT_PARKED, ...NOT_HELD } },
      ),
    ]);
    return inOrder([...timed, ...waiting]).map(asTurn);
  }

  async nextTimed(): Promise<number | null> {
    const options = { projection: { timedAt: 1 }, sort: { timedAt: 1 } } as const;
    const next = await this.database.command(() => this.collection.findOne({ isTimed: true }, options));
    return next?.timedAt?.getTime() ?? null;
  }

  async followClock(now: number): Promise<void> {
    const time = new Date(now);
    await this.followClockDue(time);
    const filter: Filter = {
      ...{ attempt: { $gt: 0 }, updatedAt: { $gt: time }, lookAt: { $exists: true }, leaseOwner: { $exists: false } },
      $or: [{ timedAt: { $exists: true } }, { status: 'IN_PROGRESS' }],
    };
    const options = {
      projection: { attempt: 1, status: 1, band: 1, updatedAt: 1, dueAt: 1, leaseUntil: 1 },
      limit: CLOCK_BATCH,
    } as const;
    for (;;) {
      const ahead = await this.database.command(() => this.collection.find(filter, options).toArray());
      const operations = ahead.map(
        ({ _id, attempt, status, band = DEFAULT_PRIORITY, updatedAt, dueAt, leaseUntil }) => {
          const before = (status === 'WAITING' ? dueAt : leaseUntil) ?? updatedAt;
          const at = new Date(now + before.getTime() - updatedAt.getTime());
          const waiting: Partial<ProcessDocument> = { dueAt: at, readyAt: at };
          const $set = {
            ...timedFields(at.getTime(), band),
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
        },
      );
      if (operations.length > 0)
        await this.database.command(() => this.collection.bulkWrite(operations, { ordered: false }));
      if (operations.length < CLOCK_BATCH) return;
    }
  }

  /** What was due when it was written: its message may be lost, or never have been sent. */
  private async followClockDue(time: Date): Promise<void> {
    const ahead: Filter = {
      ...{ band: { $in: [...PRIORITIES] }, lookAt: { $gt: time } },
      ...{ status: 'WAITING', readyAt: { $lte: ALWAYS }, updatedAt: { $gt: time } },
    };
    const update = { $set: { dueAt: time, lookAt: time }, $unset: { offeredUntil: '' as const } };
    await this.database.command(() => this.collection.updateMany(ahead, update));
  }

  async backlog(now: number): Promise<Backlog> {
    // Over the bands, each in the order of its index, which the server merges.
    const live = { band: { $in: [...PRIORITIES] }, lookAt: { $exists: true } };
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

  async countUnended(most: number, project?: string): Promise<number> {
    const waiting: Filter = { band: { $in: [...PRIORITIES] }, lookAt: { $exists: true } };
    const filters: Filter[] =
      project === undefined ? [waiting, ...IN_A_LINE] : UNENDED.map((status) => ({ project, status }));
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

  async due(query: { dueBefore: number; repeatAfter: number; limit: number; now: number }): Promise<Turn[]> {
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
    const due = await this.firstOf({ ...filter, band: { $in: [...PRIORITIES] } }, 'lookAt', query.limit);
    const update = { $set: { offeredUntil: repeatAfter, lookAt: repeatAfter } };
    const taken = await this.take(due, filter, update);
    await this.forgetTimes(taken, now);
    return taken.map(asTurn);
  }

  /** What was given out needs no telling when its time comes. */
  private async forgetTimes(turns: readonly Turn[], now: Date): Promise<void> {
    const timed = { _id: { $in: turns.map(({ traceId }) => traceId) }, timedAt: { $lte: now } };
    if (turns.length > 0) await this.database.command(() => this.collection.updateMany(timed, { $unset: NOT_TIMED }));
  }

  /**
   * The first of a list by rank. Where all of it fits, one query does; else each band is asked for its own first.
   * @param field the time by which each band is in order.
   */
  private async firstOf(filter: Filter, field: 'lookAt' | 'timedAt', limit: number): Promise<Candidate[]> {
    const find = async (which: Filter, most: number) => {
      const options = { projection: CANDIDATE, sort: { [field]: 1 } as const, limit: most };
      const found = await this.database.command(() => this.collection.find(which, options).toArray());
      return found.map((document) => candidateOf(document, document[field]));
    };
    const first = await find(filter, limit + 1);
    if (first.length <= limit) return inOrder(first);
    const band = field === 'lookAt' ? 'band' : 'timedBand';
    const bands = await Promise.all(PRIORITIES.map((priority) => find({ ...filter, [band]: priority }, limit)));
    return firstByRank(bands, limit);
  }

  private decode(document: ProcessDocument): SchedulerProcess {
    this.projects.set(document._id, document.project);
    return decodeProcess(document, this.encryption);
  }

  private callsFields(calls: readonly CallRecord[], place: Place): { calls: string; callsBytes: number } {
    const text = encodeCalls(calls, place, this.encryption);
    return { calls: text, callsBytes: Buffer.byteLength(text) };
  }

  /** Whose the values of a process are; null when there is none. */
  private async placeOf(traceId: string): Promise<Place | null> {
    const project = this.projects.get(traceId) ?? (await this.batches.find(null, traceId))?.project;
    return project === undefined ? null : processPlace({ project, traceId });
  }

  /** Changes those of the processes that still match, and names them: of two who found the same, one gets each. */
  private async take<T extends Turn>(
    turns: readonly T[],
    filter: Filter,
    update: { $set: Partial<ProcessDocument>; $unset?: Partial<Record<keyof ProcessDocument, ''>> },
  ): Promise<T[]> {
    const traceIds = turns.map(({ traceId }) => traceId);
    if (traceIds.length === 0) return [];
    const takeMark = newTraceId();
    const marked = { ...update, $set: { ...update.$set, takeMark } };
    const { matchedCount } = await this.database.command(() =>
      this.collection.updateMany({ ...filter, _id: { $in: traceIds } }, marked),
    );
    if (matchedCount === traceIds.length) return [...turns];
    const taken = await this.database.command(() =>
      this.collection.find({ _id: { $in: traceIds }, takeMark }, { projection: { _id: 1 } }).toArray(),
    );
    const own = new Set(taken.map((document) => document._id));
    return turns.filter(({ traceId }) => own.has(traceId));
  }
}

/** A process that may be given out, as `firstOf` finds it. */
interface Candidate extends Turn {
  readonly isParked: boolean;
}

const CANDIDATE = { band: 1, dueAt: 1, lookAt: 1, timedAt: 1, parkedFor: 1, heldFor: 1 } as const;

function candidateOf(document: ProcessDocument, time: Date | undefined): Candidate {
  const { _id, band, parkedFor, heldFor } = document;
  const isParked = parkedFor !== undefined || heldFor !== undefined;
  return { ...turnOf(_id, band, (time ?? document.dueAt ?? ALWAYS).getTime()), isParked };
}

function turnOf(traceId: string, priority: number = DEFAULT_PRIORITY, dueAt: number): Turn {
  return { traceId, priority, dueAt };
}

function asTurn({ traceId, priority, dueAt }: Turn): Turn {
  return { traceId, priority, dueAt };
}

function inOrder<T extends Turn>(turns: readonly T[]): T[] {
  return [...turns].sort((a, b) => rankOf(a) - rankOf(b));
}

function dueAtOf(rank: number, priority: number): number {
  return rank + priority * PRIORITY_STEP_MS;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function dueNow(now: number): { dueAt: Date; readyAt: Date; lookAt: Date } {
  const time = new Date(now);
  return { dueAt: time, readyAt: ALWAYS, lookAt: time };
}

/** Matches while the claim is the latest and neither handed back nor ended. */
function underClaim(claim: Claim): Filter {
  return { attempt: claim.attempt, status: 'IN_PROGRESS' };
}
