import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type {
  AskedOperation,
  Backlog,
  CallRecord,
  DriftFault,
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
  PRIORITIES,
  PRIORITY_STEP_MS,
  PROCESS_OVERHEAD_BYTES,
  ProcessStore,
  rankOf,
} from '#core';
import type { Encryption, Place } from '#encryption';
import { AskedCount } from '../asked-count.js';
import { traceIdTaken } from '../conflicts.js';
import { toJson } from '../payload-encoding.js';
import {
  decodeResponse,
  encodeCalls,
  encodeDrift,
  encodeKey,
  encodeRequest,
  requestOf,
  encodeResponse,
  processPlace,
} from '../process-encoding.js';
import type { KeptBytesTotal } from './kept-bytes.js';
import { listProcesses } from './process-list.js';
import { RecentRequests } from './recent-requests.js';
import type { RecentRequest } from './recent-requests.js';
import { decodeListedProcess, decodeProcess, decodeProcessState } from './process-rows.js';
import { PROCESS_SQL } from './process-sql.js';
import type { SqlParameters, SqlRow, SqlValue, SqliteDatabase } from './sqlite-database.js';
import { isUniqueViolation } from './sqlite-errors.js';

/** How many rows are looked through at a time. */
const PIECE = 2_000;
/** Of how many claimed processes it is remembered whose they are. */
const MOST_PROJECTS = 2_000;

/** Processes and their responses in SQLite. */
export class SqliteProcessStore extends ProcessStore {
  private readonly cancelListeners: ((traceId: string) => void)[] = [];
  private readonly changeListeners: ((traceId: string) => void)[] = [];

  /** The projects of processes that were just met: whoever ends one names it by its trace id alone. */
  private readonly projects = new LRUCache<string, string>({ max: MOST_PROJECTS });
  private readonly recent = new RecentRequests();

  constructor(
    private readonly database: SqliteDatabase,
    private readonly kept: KeptBytesTotal,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  /** Ends the leases that a former process left: nobody holds anything when a database is opened. */
  async resume(now: number): Promise<void> {
    await this.database.write(() => this.run(PROCESS_SQL.resume, [now, now]));
  }

  async insert(process: SchedulerProcess): Promise<void> {
    const { request, body, bytes } = encodeRequest(process, this.encryption);
    // Bodies would take too much.
    if (!body) this.recent.keep(process, { text: request, request: requestOf(process) });
    const row = [
      process.traceId,
      process.project,
      process.kind,
      process.service,
      process.specTraceId,
      request,
      process.status,
      JSON.stringify(process.steps),
      toJson(process.error),
      process.createdAt,
      process.updatedAt,
      process.dueAt,
      process.attempt,
      process.dueAt,
      timedAt(process, process.updatedAt),
      process.priority ?? DEFAULT_PRIORITY,
      encodeKey(process.key),
    ];
    await this.database.write(() => {
      const id = this.insertRow(process.traceId, row);
      if (body) this.run(PROCESS_SQL.insertBody, [id, body]);
      this.kept.add('requests', bytes + PROCESS_OVERHEAD_BYTES);
    });
  }

  async find(project: string | null, traceId: string): Promise<SchedulerProcess | null> {
    return this.database.read(() => {
      const row =
        project === null
          ? this.database.statement(PROCESS_SQL.find).get([traceId])
          : this.database.statement(PROCESS_SQL.findIn).get([traceId, project]);
      return this.decode(row);
    });
  }

  async findState(project: string, traceId: string): Promise<ProcessState | null> {
    return this.database.read(() => {
      const row = this.database.statement(PROCESS_SQL.findState).get([traceId, project]);
      return row ? decodeProcessState(row, { project, traceId }, this.encryption) : null;
    });
  }

  async findResponse(project: string, traceId: string): Promise<StoredResponse | null> {
    return this.database.read(() => {
      const row = this.database.statement(PROCESS_SQL.findResponse).get([traceId, project]);
      if (!row) return null;
      const [head, content] = row as [string, Buffer | null];
      return decodeResponse(head, content, processPlace({ project, traceId }), this.encryption);
    });
  }

  async list(project: string, query: ProcessQuery): Promise<ProcessPage> {
    return listProcesses(this.database, this.encryption, project, query);
  }

  async claim(traceId: string, lease: Lease, steps: readonly string[], now: number): Promise<SchedulerProcess | null> {
    const { owner, until } = lease;
    const row = [JSON.stringify(steps), owner, until, until, now, traceId, now, now];
    const recent = this.recent.take(traceId);
    const claimed = await this.database.write(() =>
      this.decode(this.database.statement(PROCESS_SQL.claim).get(row), recent),
    );
    if (claimed) this.projects.set(traceId, claimed.project);
    this.tell(claimed !== null, traceId);
    return claimed;
  }

  async renew(claims: readonly Claim[], until: number): Promise<Claim[]> {
    return this.database.write(() => {
      return claims.filter(
        ({ traceId, attempt }) => this.run(PROCESS_SQL.renew, [until, until, traceId, attempt]) === 1,
      );
    });
  }

  async held(claims: readonly Claim[]): Promise<Claim[]> {
    return this.database.read(() => {
      const statement = this.database.statement(PROCESS_SQL.held);
      return claims.filter(({ traceId, attempt }) => statement.get([traceId, attempt]) !== undefined);
    });
  }

  async handBack(claim: Claim, next: HandBack, now: number): Promise<boolean> {
    const { dueAt, steps, specVersion, held } = next;
    const line = held ? [held.key, rankOf(held), held.why] : [null, null, null];
    const state = [JSON.stringify(steps), dueAt, dueAt, now, specVersion ?? null, timedAt(next, now), ...line];
    const row = [...state, claim.traceId, claim.attempt];
    return this.tell(await this.database.write(() => this.run(PROCESS_SQL.handBack, row) === 1), claim.traceId);
  }

  async noteSending({ traceId, attempt }: Claim): Promise<boolean> {
    return this.database.write(() => this.run(PROCESS_SQL.noteSending, [traceId, attempt]) === 1);
  }

  async noteUnsent({ traceId, attempt }: Claim): Promise<boolean> {
    return this.database.write(() => this.run(PROCESS_SQL.noteUnsent, [traceId, attempt]) === 1);
  }

  async tryLater({ traceId, attempt }: Claim, next: NextCall, now: number): Promise<boolean> {
    const { at, calls, specVersion } = next;
    const isChanged = await this.database.write(() => {
      const row = [this.encodeCalls(traceId, calls), specVersion, now, at, at, at, traceId, attempt];
      return this.run(PROCESS_SQL.tryLater, row) === 1;
    });
    return this.tell(isChanged, traceId);
  }

  async complete(claim: Claim, outcome: ProcessOutcome, steps: readonly string[], now: number): Promise<boolean> {
    const error = outcome.status === 'ERROR' ? toJson(outcome.error) : null;
    const { status, specVersion, drift, calls } = outcome;
    const deadAt = outcome.isDead ? now : null;
    const row = [status, JSON.stringify(steps), error, now, specVersion ?? null];
    const hasEndedIt = await this.database.write(() => {
      const stored = [
        drift ? this.encodeDrift(claim.traceId, drift.faults) : null,
        calls ? this.encodeCalls(claim.traceId, calls) : null,
      ];
      const ended = this.database
        .statement(PROCESS_SQL.complete)
        .get([...row, ...stored, deadAt, claim.traceId, claim.attempt]);
      if (!ended) return false;
      this.kept.add('requests', Number(ended[2] ?? 0));
      if (!outcome.response) return true;
      const place = processPlace({ project: ended[1] as string, traceId: claim.traceId });
      const response = encodeResponse(outcome.response, place, this.encryption);
      this.run(PROCESS_SQL.insertResponse, [ended[0] ?? null, response.head, response.content]);
      this.kept.add('responses', response.bytes);
      return true;
    });
    return this.tell(hasEndedIt, claim.traceId);
  }

  async cancel(project: string, traceId: string, step: string, now: number): Promise<boolean> {
    const row = [step, now, now, traceId, project];
    const isCancelled = await this.database.write(() => {
      const ended = this.database.statement(PROCESS_SQL.cancel).get(row);
      this.kept.add('requests', Number(ended?.[0] ?? 0));
      return ended !== undefined;
    });
    this.tell(isCancelled, traceId);
    if (isCancelled) for (const listener of this.cancelListeners) listener(traceId);
    return isCancelled;
  }

  async findMany(traceIds: readonly string[]): Promise<ListedProcess[]> {
    return this.database.read(() => {
      const statement = this.database.statement(PROCESS_SQL.find);
      return traceIds.flatMap((traceId) => {
        const row = statement.get([traceId]);
        return row ? decodeListedProcess(row, this.encryption) : [];
      });
    });
  }

  /** Nobody else has this file: whatever changes, changes here. */
  onChanged(listener: (traceId: string) => void): boolean {
    this.changeListeners.push(listener);
    return true;
  }

  onCancelled(listener: (traceId: string) => void): void {
    this.cancelListeners.push(listener);
  }

  async noteCalls({ traceId, attempt }: Claim, calls: readonly CallRecord[]): Promise<void> {
    await this.database.write(() => {
      const cancelled = [traceId, attempt + 1];
      const before = this.database.statement(PROCESS_SQL.findCallsBytes).get(cancelled);
      const text = before && this.encodeCalls(traceId, calls);
      if (typeof text !== 'string') return;
      this.run(PROCESS_SQL.noteCalls, [text, ...cancelled]);
      this.kept.add('requests', Buffer.byteLength(text) - Number(before?.[0] ?? 0));
    });
  }

  async unended(specTraceId: string): Promise<AskedOperation[]> {
    const asked = new AskedCount();
    const take = (sql: string, first: readonly SqlValue[], place: readonly SqlValue[]): readonly SqlValue[] | null => {
      const rows = this.database.read(() => this.database.statement(sql).all([...first, ...place, PIECE]));
      for (const [, , , spec, method, endpoint] of rows) {
        if (spec === specTraceId) asked.add(method as string, endpoint as string);
      }
      const last = rows.at(-1);
      return rows.length < PIECE || !last ? null : last.slice(0, 3);
    };
    for (const [sql, first, start] of [
      [PROCESS_SQL.unendedDue, [], [-1, 0, 0]],
      [PROCESS_SQL.unendedParked, [specTraceId], [-1, 0, 0]],
      [PROCESS_SQL.unendedHeld, [specTraceId], ['', Number.MIN_SAFE_INTEGER, 0]],
    ] as const) {
      let place: readonly SqlValue[] | null = start;
      while ((place = take(sql, first, place))) await setImmediate();
    }
    return asked.list;
  }

  async release(specTraceId: string, limit: number, now: number): Promise<Turn[]> {
    const released = await this.database.write(() => {
      const parked = this.byRank(limit, (priority) => {
        const rows = this.database.statement(PROCESS_SQL.parked).all([specTraceId, priority, limit]);
        return rows.map(([id, traceId, , createdAt]) => ({ id, traceId, priority, dueAt: createdAt as number }));
      });
      return parked.map(({ id, traceId, priority }) => {
        this.run(PROCESS_SQL.release, [now, now, now, id ?? null]);
        return { traceId: traceId as string, priority, dueAt: now };
      });
    });
    for (const { traceId } of released) this.tell(true, traceId);
    return released;
  }

  async parkedSpecs(after: string | null, limit: number): Promise<string[]> {
    return this.firstColumn(PROCESS_SQL.parkedSpecs, { after: after ?? '', limit });
  }

  async heldSpecs(after: string | null, limit: number): Promise<string[]> {
    return this.firstColumn(PROCESS_SQL.heldSpecs, { after: after ?? '', limit });
  }

  async heldKeys(spec: string, after: string | null, limit: number): Promise<string[]> {
    // Nothing is before the empty text, which is a key as well.
    const isFirst = after === null && limit > 0 && (await this.heldLine(spec, '', 1)).length > 0;
    const rest = await this.firstColumn(PROCESS_SQL.heldKeys, { spec, after: after ?? '', limit });
    return isFirst ? ['', ...rest].slice(0, limit) : rest;
  }

  async heldLine(specTraceId: string, key: string, limit: number): Promise<Turn[]> {
    return this.database.read(() => {
      const rows = this.database.statement(PROCESS_SQL.heldLine).all([specTraceId, key, limit]);
      return rows.map((row) => {
        const [traceId, priority, rank] = row as [string, number, number];
        return { traceId, priority, dueAt: rank + priority * PRIORITY_STEP_MS };
      });
    });
  }

  async releaseHeld(traceIds: readonly string[], repeatAfter: number, now: number): Promise<string[]> {
    const times = [repeatAfter, repeatAfter, now];
    const released = await this.database.write(() =>
      traceIds.filter((traceId) => this.run(PROCESS_SQL.releaseHeld, [...times, traceId]) === 1),
    );
    for (const traceId of released) this.tell(true, traceId);
    return released;
  }

  async dueTimed({ limit, now, repeatAfter }: Parameters<ProcessStore['dueTimed']>[0]): Promise<Turn[]> {
    return this.database.write(() => {
      const due = this.byRank(limit, (priority) => this.places(PROCESS_SQL.dueTimed, [priority, now, limit]));
      return due.map(({ id, priority, dueAt }) => {
        const row = [now, repeatAfter, repeatAfter, id];
        const [traceId] = this.database.statement(PROCESS_SQL.giveOutTimed).get(row) ?? [];
        return { traceId: traceId as string, priority, dueAt };
      });
    });
  }

  async nextTimed(): Promise<number | null> {
    return this.database.read(() => this.least(PROCESS_SQL.nextTimed, []));
  }

  async followClock(now: number): Promise<void> {
    await this.database.write(() => {
      this.run(PROCESS_SQL.followClockDue, [now, now, now, now]);
      this.run(PROCESS_SQL.followClock, [now, now, now, now, now, now]);
    });
  }

  async backlog(now: number): Promise<Backlog> {
    return this.database.read(() => {
      const [pending] = this.database.statement(PROCESS_SQL.countPending).get([BACKLOG_COUNTED]) ?? [];
      return { pending: pending as number, oldestDueAt: this.least(PROCESS_SQL.oldestDue, [BACKLOG_SEEN, now]) };
    });
  }

  async countUnended(most: number, project?: string): Promise<number> {
    const { countPending, countParked, countHeld, countOf } = PROCESS_SQL;
    const asked: [string, SqlValue[]][] =
      project === undefined
        ? [countPending, countParked, countHeld].map((sql) => [sql, [most]])
        : ['WAITING', 'IN_PROGRESS'].map((status) => [countOf, [project, status, most]]);
    const counts = asked.map(([sql, row]) =>
      this.database.read(() => Number(this.database.statement(sql).get(row)?.[0])),
    );
    return Math.min(
      most,
      counts.reduce((sum, count) => sum + count),
    );
  }

  async due(query: { dueBefore: number; repeatAfter: number; limit: number; now: number }): Promise<Turn[]> {
    const { dueBefore, repeatAfter, limit, now } = query;
    const range = [Math.max(dueBefore, now), now, dueBefore, now, now, limit];
    return this.database.write(() => {
      const due = this.byRank(limit, (priority) => this.places(PROCESS_SQL.due, [priority, ...range]));
      return due.map(({ id, priority }) => {
        const row = [repeatAfter, repeatAfter, now, id];
        const [traceId, dueAt] = this.database.statement(PROCESS_SQL.offer).get(row) ?? [];
        return { traceId: traceId as string, priority, dueAt: (dueAt ?? now) as number };
      });
    });
  }

  /** The first `limit` of a list, given the first of each of its bands. */
  private byRank<T extends Pick<Turn, 'priority' | 'dueAt'>>(limit: number, band: (priority: number) => T[]): T[] {
    return firstByRank(PRIORITIES.map(band), limit);
  }

  private places(sql: string, parameters: readonly SqlValue[]): { id: number; priority: number; dueAt: number }[] {
    const rows = this.database.statement(sql).all(parameters);
    return rows.map(([id, priority, time]) => {
      return { id: id as number, priority: priority as number, dueAt: time as number };
    });
  }

  /** The least of what a statement gives for each priority, or null. */
  private least(sql: string, parameters: readonly SqlValue[]): number | null {
    const all = PRIORITIES.map((priority) => this.database.statement(sql).get([priority, ...parameters])?.[0] ?? null);
    return all.reduce<number | null>((least, next) => {
      if (next === null) return least;
      return least === null ? (next as number) : Math.min(least, next as number);
    }, null);
  }

  private async firstColumn(sql: string, parameters: SqlParameters): Promise<string[]> {
    return this.database.read(() => {
      const rows = this.database.statement(sql).all(parameters);
      return rows.map((row) => row[0] as string);
    });
  }

  /** Tells of a process that was changed; `isChanged` is passed on. */
  private tell(isChanged: boolean, traceId: string): boolean {
    if (isChanged) for (const listener of this.changeListeners) listener(traceId);
    return isChanged;
  }

  private insertRow(traceId: string, row: readonly SqlValue[]): number {
    try {
      return this.database.statement(PROCESS_SQL.insert).run(row).id;
    } catch (error) {
      throw isUniqueViolation(error) ? traceIdTaken(traceId, error) : error;
    }
  }

  private run(sql: string, parameters: readonly SqlValue[]): number {
    return this.database.statement(sql).run(parameters).changes;
  }

  private encodeCalls(traceId: string, calls: readonly CallRecord[]): string | null {
    const place = this.placeOf(traceId);
    return place && encodeCalls(calls, place, this.encryption);
  }

  private encodeDrift(traceId: string, faults: readonly DriftFault[]): string | null {
    const place = this.placeOf(traceId);
    return place && encodeDrift(faults, place, this.encryption);
  }

  /** Inside a read or a change. Of a process that is not there it gives nothing, as nothing will be changed. */
  private placeOf(traceId: string): Place | null {
    const project = this.projects.get(traceId) ?? this.findProject(traceId);
    return project === undefined ? null : processPlace({ project, traceId });
  }

  private findProject(traceId: string): string | undefined {
    const [project] = this.database.statement(PROCESS_SQL.findProject).get([traceId]) ?? [];
    return project as string | undefined;
  }

  private decode(row: SqlRow | undefined, recent?: RecentRequest): SchedulerProcess | null {
    if (!row) return null;
    const bodyOf = (id: number) => {
      const [content] = this.database.statement(PROCESS_SQL.findBody).get([id]) ?? [];
      return (content ?? null) as Buffer | null;
    };
    return decodeProcess(row, this.encryption, bodyOf, recent);
  }
}

/** What is due already is told of at once by whoever wrote it; what is parked becomes due when it expires. */
function timedAt({ dueAt, expiresAt }: Pick<HandBack, 'dueAt' | 'expiresAt'>, now: number): number | null {
  if (dueAt === null) return expiresAt ?? null;
  return dueAt > now ? dueAt : null;
}
