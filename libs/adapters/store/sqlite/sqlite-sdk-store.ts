import type { Claim, Lease, Sdk, SdkOutcome, SdkStatus, WantedSdk } from '#core';
import { SdkStore } from '#core';
import type { PayloadRef } from '../payload-encoding.js';
import { fromJson, joinPayload, splitPayload, toJson } from '../payload-encoding.js';
import { isPlainText } from '../plain-text.js';
import type { SqlParameters, SqlRow, SqliteDatabase } from './sqlite-database.js';

const COLUMNS =
  'trace_id, project, spec_trace_id, version, generator, status, error, archive_ref, archive, created_at, updated_at, ' +
  'attempt';
const UNDER_CLAIM = 'WHERE trace_id = :traceId AND attempt = :attempt AND lease_until IS NOT NULL';

type Row = readonly [
  traceId: string,
  project: string,
  specTraceId: string,
  version: number,
  generator: string,
  status: SdkStatus,
  error: string | null,
  archiveRef: string | null,
  archive: Buffer | null,
  createdAt: number,
  updatedAt: number,
  attempt: number,
];

const SQL = {
  ask: `
  INSERT INTO sdk (trace_id, project, spec_trace_id, version, generator, status, created_at, updated_at, attempt)
  VALUES (:traceId, :project, :specTraceId, :version, :generator, 'WAITING', :now, :now, 0)
  ON CONFLICT (spec_trace_id, generator, version) DO UPDATE
  SET status = 'WAITING', error = NULL, attempt = attempt + 1, updated_at = :now
  WHERE status = 'ERROR'`,
  find: `
  SELECT ${COLUMNS} FROM sdk WHERE spec_trace_id = :specTraceId AND generator = :generator AND project = :project
    AND (:version IS NULL OR version = :version)
  ORDER BY version DESC LIMIT 1`,
  list: `SELECT ${COLUMNS} FROM sdk WHERE spec_trace_id = ? AND project = ? ORDER BY generator, version DESC`,
  claim: `
  UPDATE sdk
  SET status = 'IN_PROGRESS', attempt = attempt + 1, lease_owner = :owner, lease_until = :until, updated_at = :now
  WHERE id = (
    SELECT id FROM sdk
    WHERE status IN ('WAITING', 'IN_PROGRESS') AND (lease_until IS NULL OR lease_until <= :now)
    ORDER BY created_at, id LIMIT 1
  )
  RETURNING ${COLUMNS}`,
  renew: `UPDATE sdk SET lease_until = :until ${UNDER_CLAIM}`,
  finish: `
  UPDATE sdk
  SET status = :status, error = :error, archive_ref = :archiveRef, archive = :archive, updated_at = :now,
      lease_owner = NULL, lease_until = NULL
  ${UNDER_CLAIM}`,
  resume: 'UPDATE sdk SET lease_until = 0 WHERE lease_until IS NOT NULL',
} as const;

/** SDKs in SQLite. */
export class SqliteSdkStore extends SdkStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  /** Ends the leases that a former process left. */
  async resume(): Promise<void> {
    await this.database.write(() => this.run(SQL.resume, []));
  }

  async ask(wanted: WantedSdk, now: number): Promise<Sdk> {
    const { traceId, project, specTraceId, version, generator } = wanted;
    return this.database.write(() => {
      this.run(SQL.ask, { traceId, project, specTraceId, version, generator, now });
      const sdk = this.one(SQL.find, { project, specTraceId, generator, version });
      if (!sdk) throw new Error(`Expected the SDK ${generator} of ${specTraceId} in the project that asked for it.`);
      return sdk;
    });
  }

  async find(project: string, specTraceId: string, generator: string, version?: number): Promise<Sdk | null> {
    if (!isPlainText(specTraceId + generator)) return null;
    const row = { project, specTraceId, generator, version: version ?? null };
    return this.database.read(() => this.one(SQL.find, row));
  }

  async list(project: string, specTraceId: string): Promise<Sdk[]> {
    return this.database.read(() => this.database.statement(SQL.list).all([specTraceId, project]).map(decode));
  }

  async claim(lease: Lease, now: number): Promise<Sdk | null> {
    const { owner, until } = lease;
    return this.database.write(() => this.one(SQL.claim, { owner, until, now }));
  }

  async renew({ traceId, attempt }: Claim, until: number): Promise<boolean> {
    return this.database.write(() => this.run(SQL.renew, { traceId, attempt, until }) === 1);
  }

  async finish({ traceId, attempt }: Claim, outcome: SdkOutcome, now: number): Promise<boolean> {
    const made = 'archive' in outcome ? splitPayload(outcome.archive) : undefined;
    const row = {
      traceId,
      attempt,
      now,
      status: made ? 'SUCCESS' : 'ERROR',
      error: 'error' in outcome ? toJson(outcome.error) : null,
      archiveRef: toJson(made?.ref),
      archive: made?.content ?? null,
    };
    return this.database.write(() => this.run(SQL.finish, row) === 1);
  }

  private one(sql: string, parameters: SqlParameters): Sdk | null {
    const row = this.database.statement(sql).get(parameters);
    return row ? decode(row) : null;
  }

  private run(sql: string, parameters: SqlParameters): number {
    return this.database.statement(sql).run(parameters).changes;
  }
}

function decode(row: SqlRow): Sdk {
  const [traceId, project, specTraceId, version, generator, status, errorText, archiveRef, archive, ...rest] =
    row as Row;
  const [createdAt, updatedAt, attempt] = rest;
  const error = fromJson(errorText) as string | undefined;
  const ref = fromJson(archiveRef) as PayloadRef | undefined;
  return {
    traceId,
    project,
    specTraceId,
    version,
    generator,
    status,
    ...(error === undefined ? undefined : { error }),
    ...(ref && { archive: joinPayload(ref, archive) }),
    createdAt,
    updatedAt,
    attempt,
  };
}
