import type {
  Claim,
  Client,
  Lease,
  OperationDrift,
  PauseChange,
  Spec,
  SpecChange,
  SpecProgress,
  SpecStage,
  SpecStatus,
  SpecVersion,
} from '#core';
import { SpecStore } from '#core';
import type { Encryption } from '#encryption';
import { nameTaken, traceIdTaken } from '../conflicts.js';
import { fromJson, sealPayload, toJson } from '../payload-encoding.js';
import { checkPlainTexts, isPlainText } from '../plain-text.js';
import { documentField, specPlace } from '../spec-places.js';
import { decodeClient, decodeSpec, decodeVersion, encodeClient, encodeSpec } from './spec-rows.js';
import { encodeArchivedSpec } from './archived-spec-rows.js';
import { SPEC_SQL } from './spec-sql.js';
import type { SqlParameters, SqlRow, SqliteDatabase } from './sqlite-database.js';
import { isUniqueViolation } from './sqlite-errors.js';

/** Specs and their Clients in SQLite. */
export class SqliteSpecStore extends SpecStore {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  /** Ends the leases that a former process left, and lets `due` give out at once what it was at. */
  async resume(): Promise<void> {
    await this.database.write(() => this.run(SPEC_SQL.resume, []));
  }

  async insert(spec: Spec): Promise<void> {
    const row = encodeSpec(spec, this.encryption);
    await this.database.write(() => {
      this.uniquely(spec, () => this.run(SPEC_SQL.insert, row));
      this.run(SPEC_SQL.addVersion, [spec.traceId]);
    });
  }

  async find(project: string | null, traceId: string): Promise<Spec | null> {
    return this.database.read(() => {
      return project === null ? this.one(SPEC_SQL.find, [traceId]) : this.one(SPEC_SQL.findIn, [traceId, project]);
    });
  }

  async findByName(project: string, name: string): Promise<Spec | null> {
    if (!isPlainText(name)) return null;
    return this.database.read(() => this.one(SPEC_SQL.findByName, [project, name]));
  }

  async list(project: string, page: { offset: number; limit: number }): Promise<{ specs: Spec[]; total: number }> {
    return this.database.read(() => {
      const rows = this.database.statement(SPEC_SQL.list).all([project, page.limit, page.offset]);
      const total = this.database.statement(SPEC_SQL.count).get([project])?.[0];
      return { specs: rows.map((row) => decodeSpec(row, this.encryption)), total: Number(total) };
    });
  }

  async update(project: string, traceId: string, expectedRevision: number, change: SpecChange): Promise<Spec | null> {
    const { name, headers, url, serverVariables, credentials, retry, limits, document, requeue, now } = change;
    checkPlainTexts({ name });
    const place = specPlace({ project, traceId });
    const seal = (field: string, value: unknown) => this.encryption.encryptJson(place, field, value);
    const content = document && sealPayload(this.encryption, place, documentField(document.hash), document.content);
    const row = {
      traceId,
      project,
      revision: expectedRevision,
      name: name ?? null,
      headers: seal('headers', headers),
      url: seal('url', url),
      serverVariables: seal('serverVariables', serverVariables),
      credentials: seal('credentials', credentials),
      retry: toJson(retry),
      limits: toJson(limits),
      documentRef: toJson(content?.ref),
      document: content?.content ?? null,
      documentHash: document?.hash ?? null,
      now,
    };
    return this.database.write(() => {
      const changed = this.uniquely({ traceId, project, name: name ?? '' }, () => this.run(SPEC_SQL.update, row));
      if (changed === 0) return null;
      if (document) this.run(SPEC_SQL.addVersion, [traceId]);
      if (requeue) this.run(SPEC_SQL.requeue, [toJson(requeue.steps), now, traceId]);
      return this.one(SPEC_SQL.find, [traceId]);
    });
  }

  async pause(project: string, traceId: string, { key, paused }: PauseChange): Promise<Spec | null> {
    return this.database.write(() => {
      const spec = this.one(SPEC_SQL.findIn, [traceId, project]);
      if (!spec) return null;
      const others = (spec.pausedKeys ?? []).filter((other) => other !== key);
      const keys = key !== undefined && paused ? [...others, key] : others;
      const isPaused = key === undefined ? paused : spec.paused === true;
      this.run(SPEC_SQL.pause, [isPaused ? 1 : null, keys.length > 0 ? toJson(keys) : null, traceId]);
      return this.one(SPEC_SQL.find, [traceId]);
    });
  }

  async archive(project: string, traceId: string, now: number): Promise<boolean> {
    return this.database.write(() => {
      const spec = this.one(SPEC_SQL.findIn, [traceId, project]);
      if (!spec) return false;
      const [owner, until] = this.database.statement(SPEC_SQL.findLease).get([traceId]) ?? [];
      const lease = owner === null ? null : { owner, until };
      const { record, content } = encodeArchivedSpec({ spec, lease }, this.encryption);
      this.run(SPEC_SQL.archive, [traceId, project, now, record, content]);
      this.run(SPEC_SQL.delete, [traceId]);
      return true;
    });
  }

  async claim(
    traceId: string,
    stage: SpecStage,
    lease: Lease,
    steps: readonly string[],
    now: number,
  ): Promise<Spec | null> {
    const { owner, until } = lease;
    const row = { traceId, owner, until, now, ...(stage === 'generate' ? { steps: toJson(steps) } : undefined) };
    return this.database.write(() => this.one(SPEC_SQL[stage], row));
  }

  async advance(claim: Claim, progress: SpecProgress, now: number): Promise<boolean> {
    const { status, steps, error, report, release } = progress;
    const ended = status === 'SUCCESS' || status === 'ERROR';
    const row = {
      ...{ traceId: claim.traceId, attempt: claim.attempt, status, steps: toJson(steps), error: toJson(error) },
      ...{ release: Number(release), now, touchedAt: ended ? null : now },
    };
    return this.database.write(() => {
      if (this.run(SPEC_SQL.advance, row) === 0) return false;
      if (ended) this.run(SPEC_SQL.noteOutcome, [status, toJson(error), claim.traceId]);
      if (report) {
        const [project] = this.database.statement(SPEC_SQL.findProject).get([claim.traceId]) as [string];
        const place = specPlace({ project, traceId: claim.traceId });
        const found = sealPayload(this.encryption, place, 'report', report);
        this.run(SPEC_SQL.noteReport, [toJson(found.ref), found.content, claim.traceId]);
      }
      return true;
    });
  }

  async renew(claim: Claim, until: number): Promise<boolean> {
    const { traceId, attempt } = claim;
    return this.database.write(() => this.run(SPEC_SQL.renew, { traceId, attempt, until }) === 1);
  }

  async due(untouchedSince: number, limit: number, now: number): Promise<{ traceId: string; status: SpecStatus }[]> {
    return this.database.write(() => {
      const due = this.database.statement(SPEC_SQL.due).all([untouchedSince, now, limit]);
      return due.map((row) => {
        const [traceId, status] = row as [string, SpecStatus];
        this.run(SPEC_SQL.touch, [now, traceId]);
        return { traceId, status };
      });
    });
  }

  async versions(
    project: string,
    traceId: string,
    page: { before?: number | undefined; limit: number },
  ): Promise<SpecVersion[]> {
    return this.database.read(() => {
      if (!this.one(SPEC_SQL.findIn, [traceId, project])) return [];
      const range = [traceId, page.before ?? Number.MAX_SAFE_INTEGER, page.limit];
      return this.database
        .statement(SPEC_SQL.versions)
        .all(range)
        .map((row) => decodeVersion(row, specPlace({ project, traceId }), this.encryption));
    });
  }

  async findVersion(project: string, traceId: string, version: number): Promise<SpecVersion | null> {
    return this.database.read(() => {
      if (!this.one(SPEC_SQL.findIn, [traceId, project])) return null;
      const row = this.database.statement(SPEC_SQL.findVersion).get([traceId, version]);
      return row ? decodeVersion(row, specPlace({ project, traceId }), this.encryption) : null;
    });
  }

  async countDrift(specTraceId: string, drift: Omit<OperationDrift, 'count'>): Promise<void> {
    const row = [specTraceId, drift.version, drift.method, toJson(drift.path), drift.lastAt];
    await this.database.write(() => this.run(SPEC_SQL.countDrift, row));
  }

  async drifts(specTraceId: string, version: number): Promise<OperationDrift[]> {
    return this.database.read(() => {
      const rows = this.database.statement(SPEC_SQL.drifts).all([specTraceId, version]);
      return rows.map((row) => {
        const [of, method, path, count, lastAt] = row as [number, string, string, number, number];
        return { version: of, method, path: fromJson(path) as string, count, lastAt };
      });
    });
  }

  async saveClient(client: Client): Promise<void> {
    const row = encodeClient(client, this.encryption);
    await this.database.write(() => this.run(SPEC_SQL.saveClient, row));
  }

  async findClient(specTraceId: string, version?: number): Promise<Client | null> {
    return this.database.read(() => {
      const row =
        version === undefined
          ? this.database.statement(SPEC_SQL.findNewestClient).get([specTraceId])
          : this.database.statement(SPEC_SQL.findClient).get([specTraceId, version]);
      return row ? decodeClient(row, this.encryption) : null;
    });
  }

  private one(sql: string, parameters: SqlParameters): Spec | null {
    const row: SqlRow | undefined = this.database.statement(sql).get(parameters);
    return row ? decodeSpec(row, this.encryption) : null;
  }

  private run(sql: string, parameters: SqlParameters): number {
    return this.database.statement(sql).run(parameters).changes;
  }

  /** Runs a statement that may give a Spec a name. @throws Conflict when another active one has it. */
  private uniquely<T>({ traceId, project, name }: Pick<Spec, 'traceId' | 'project' | 'name'>, statement: () => T): T {
    try {
      return statement();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const holder = this.one(SPEC_SQL.findByName, [project, name]);
      throw holder ? nameTaken(name, holder.traceId, error) : traceIdTaken(traceId, error);
    }
  }
}
