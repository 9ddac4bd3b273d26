import { setImmediate } from 'node:timers/promises';
import type {
  AskedOperation,
  Backlog,
  CallRecord,
  Claim,
  HandBack,
  Lease,
  NextCall,
  ProcessOutcome,
  ProcessPage,
  ProcessQuery,
  SchedulerProcess,
  StoredResponse,
  Turn,
} from '#core';
import {
  BACKLOG_COUNTED,
  BACKLOG_SEEN,
  DEFAULT_PRIORITY,
  firstByRank,
  hasEnded,
  PRIORITIES,
  PRIORITY_STEP_MS,
  ProcessStore,
  rankOf,
} from '#core';
import { AskedCount } from '../asked-count.js';
import { traceIdTaken } from '../conflicts.js';
import { toJson } from '../payload-encoding.js';
import { decodeResponse, encodeRequest, encodeResponse } from '../process-encoding.js';
import { EndListeners } from './end-listeners.js';
import { listProcesses } from './process-list.js';
import { decodeProcess } from './process-rows.js';
import { PROCESS_SQL } from './process-sql.js';
import type { SqlParameters, SqlRow, SqlValue, SqliteDatabase } from './sqlite-database.js';
import { isUniqueViolation } from './sqlite-errors.js';

/** How many rows are looked through at a time. */
const PIECE = 2_000;

/** Processes and their responses in SQLite. */
export class SqliteProcessStore extends ProcessStore {
  private readonly cancelListeners: ((traceId: string) => void)[] = [];

  private readonly endListeners = new EndListeners();

  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  /** Ends the leases that a former process left: nobody holds anything when a database is opened. */
  async resume(now: number): Promise<void> {
    await this.database.write(() => this.run(PROCESS_SQL.resume, [now, now]));
  }

  async insert(process: SchedulerProcess): Promise<void> {
    const { request, body } = encodeRequest(process);
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
    ];
    await this.database.write(() => {
      const id = this.insertRow(process.traceId, row);
      if (body) this.run(PROCESS_SQL.insertBody, [id, body]);
    });
  }

  async find(project: string | null, traceId: string): Promise<SchedulerProcess | null> {
    return this.database.read(() => {
      const process = this.decode(this.database.statement(PROCESS_SQL.find).get([traceId]));
      return process && (project === null || process.project === project) ? process : null;
    });
  }

  async findResponse(project: string, traceId: string): Promise<StoredResponse | null> {
    return this.database.read(() => {
      const row = this.database.statement(PROCESS_SQL.findResponse).get([traceId, project]);
      if (!row) return null;
      const [head, content] = row as [string, Buffer | null];
      return decodeResponse(head, content);
    });
  }

  async list(project: string, query: ProcessQuery): Promise<ProcessPage> {
    return listProcesses(this.database, project, query);
  }

  async claim(traceId: string, lease: Lease, steps: readonly string[], now: number): Promise<SchedulerProcess | null> {
    const { owner, until } = lease;
    const row = [JSON.stringify(steps), owner, until, until, now, traceId, now, now];
    return this.database.write(() => this.decode(this.database.statement(PROCESS_SQL.claim).get(row)));
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
    return this.database.write(() => this.run(PROCESS_SQL.handBack, [...state, claim.traceId, claim.attempt]) === 1);
  }

  async noteSending({ traceId, attempt }: Claim): Promise<boolean> {
    return this.database.write(() => this.run(PROCESS_SQL.noteSending, [traceId, attempt]) === 1);
  }

  async tryLater({ traceId, attempt }: Claim, next: NextCall, now: number): Promise<boolean> {
    const { at, calls, specVersion } = next;
    const row = [JSON.stringify(calls), specVersion, now, at, at, at, traceId, attempt];
    return this.database.write(() => this.run(PROCESS_SQL.tryLater, row) === 1);
  }

  async complete(claim: Claim, outcome: ProcessOutcome, steps: readonly string[], now: number): Promise<boolean> {
    const error = outcome.status === 'ERROR' ? toJson(outcome.error) : null;
    const { status, specVersion, drift, calls } = outcome;
    const row = [status, JSON.stringify(steps), error, now, specVersion ?? null, toJson(drift?.faults), toJson(calls)];
    const response = outcome.response && encodeResponse(outcome.response);
    const hasEndedIt = await this.database.write(() => {
      const ended = this.database.statement(PROCESS_SQL.complete).get([...row, claim.traceId, claim.attempt]);
      if (ended && response) this.run(PROCESS_SQL.insertResponse, [ended[0] ?? null, response.head, response.content]);
      return ended !== undefined;
    });
    if (hasEndedIt) this.endListeners.tell(claim.traceId);
    return hasEndedIt;
  }

  async cancel(project: string, traceId: string, step: string, now: number): Promise<boolean> {
    const row = [step, now, now, traceId, project];
    const isCancelled = await this.database.write(() => this.run(PROCESS_SQL.cancel, row) === 1);
    if (isCancelled) this.endListeners.tell(traceId);
    if (isCancelled) for (const listener of this.cancelListeners) listener(traceId);
    return isCancelled;
  }

  async whenEnded(traceId: string, signal: AbortSignal): Promise<boolean> {
    const process = await this.find(null, traceId);
    if (!process || hasEnded(process.status)) return process !== null;
    // Nobody else has this file: whatever ends, ends here.
    return this.endListeners.next(traceId, signal);
  }

  onCancelled(listener: (traceId: string) => void): void {
    this.cancelListeners.push(listener);
  }

  async noteCalls({ traceId, attempt }: Claim, calls: readonly CallRecord[]): Promise<void> {
    await this.database.write(() => this.run(PROCESS_SQL.noteCalls, [JSON.stringify(calls), traceId, attempt + 1]));
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
    return this.database.write(() => {
      const parked = this.byRank(limit, (priority) => {
        const rows = this.database.statement(PROCESS_SQL.parked).all([specTraceId, priority, limit]);
        return rows.map(([id, traceId, , createdAt]) => ({ id, traceId, priority, dueAt: createdAt as number }));
      });
      return parked.map(({ id, traceId, priority }) => {
        this.run(PROCESS_SQL.release, [now, now, now, id ?? null]);
        return { traceId: traceId as string, priority, dueAt: now };
      });
    });
  }

  async parkedSpecs(limit: number): Promise<string[]> {
    return this.firstColumn(PROCESS_SQL.parkedSpecs, { limit });
  }

  async heldSpecs(limit: number): Promise<string[]> {
    return this.firstColumn(PROCESS_SQL.heldSpecs, { limit });
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
    return this.database.write(() => {
      const times = [repeatAfter, repeatAfter, now];
      return traceIds.filter((traceId) => this.run(PROCESS_SQL.releaseHeld, [...times, traceId]) === 1);
    });
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

  async backlog(now: number): Promise<Backlog> {
    return this.database.read(() => {
      const [pending] = this.database.statement(PROCESS_SQL.countPending).get([BACKLOG_COUNTED]) ?? [];
      return { pending: pending as number, oldestDueAt: this.least(PROCESS_SQL.oldestDue, [BACKLOG_SEEN, now]) };
    });
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

  private decode(row: SqlRow | undefined): SchedulerProcess | null {
    if (!row) return null;
    return decodeProcess(row, (id) => {
      const [content] = this.database.statement(PROCESS_SQL.findBody).get([id]) ?? [];
      return (content ?? null) as Buffer | null;
    });
  }
}

/** What is due already is told of at once by whoever wrote it; what is parked becomes due when it expires. */
function timedAt({ dueAt, expiresAt }: Pick<HandBack, 'dueAt' | 'expiresAt'>, now: number): number | null {
  if (dueAt === null) return expiresAt ?? null;
  return dueAt > now ? dueAt : null;
}
