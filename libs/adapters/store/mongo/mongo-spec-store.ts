import { newTraceId, SpecStore } from '#core';
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
import type { Encryption } from '#encryption';
import { nameTaken, traceIdTaken } from '../conflicts.js';
import { sealPayload, toJson } from '../payload-encoding.js';
import { checkPlainTexts, isPlainText } from '../plain-text.js';
import { specPlace } from '../spec-places.js';
import type { SpecDocument, VersionFields } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';
import { SharedReads } from './shared-reads.js';
import { decodeClient, decodeSpec, decodeVersion, encodeClient, encodeSpec, encodeVersion } from './spec-documents.js';

const CLAIMABLE: Readonly<Record<SpecStage, readonly SpecStatus[]>> = {
  generate: ['WAITING', 'IN_PROGRESS', 'READY_YAML'],
  review: ['READY_CLIENT'],
};

/** What grows with each document and is asked for apart: every call reads its Spec. */
const WITHOUT_VERSIONS = { versions: 0 } as const;

/** Specs and their Clients in MongoDB. */
export class MongoSpecStore extends SpecStore {
  /** Each call of a service asks for its Spec twice. */
  private readonly finding = new SharedReads<Spec | null>();

  constructor(
    private readonly database: MongoDatabase,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async insert(spec: Spec): Promise<void> {
    await this.uniquely(spec, () => this.specs.insertOne(encodeSpec(spec, this.encryption)));
  }

  async find(project: string | null, traceId: string): Promise<Spec | null> {
    if (!isPlainText(traceId)) return null;
    // In the query, so that one of another project costs what none costs.
    const filter = project === null ? { _id: traceId } : { _id: traceId, project };
    return this.finding.read(JSON.stringify(filter), () => this.findOne(filter));
  }

  async findByName(project: string, name: string): Promise<Spec | null> {
    if (!isPlainText(name)) return null;
    return this.finding.read(JSON.stringify({ project, name }), () => this.findOne({ project, name }));
  }

  async list(project: string, page: { offset: number; limit: number }): Promise<{ specs: Spec[]; total: number }> {
    const [documents, total] = await Promise.all([
      this.database.command(() =>
        this.specs
          .find({ project }, { projection: WITHOUT_VERSIONS })
          .sort({ createdAt: -1, _id: 1 })
          .skip(page.offset)
          .limit(page.limit)
          .toArray(),
      ),
      this.database.command(() => this.specs.countDocuments({ project })),
    ]);
    return { specs: documents.map((document) => this.decode(document)), total };
  }

  async update(project: string, traceId: string, expectedRevision: number, change: SpecChange): Promise<Spec | null> {
    const { name, headers, url, serverVariables, credentials, retry, limits, document, requeue, now } = change;
    checkPlainTexts({ name });
    const time = new Date(now);
    const place = specPlace({ project, traceId });
    const seal = (field: string, value: unknown) => this.encryption.encryptJson(place, field, value);
    const version = document && encodeVersion(document.content, document.hash, time, place, this.encryption);
    const removed = {
      ...(url === null && { url: '' as const }),
      ...(serverVariables === null && { serverVariables: '' as const }),
      ...(credentials === null && { credentials: '' as const }),
      ...(retry === null && { retry: '' as const }),
      ...(limits === null && { limits: '' as const }),
      ...(requeue && { error: '' as const, leaseOwner: '' as const, leaseUntil: '' as const }),
    };
    const update = {
      $set: {
        ...(name === undefined ? undefined : { name }),
        ...(headers && { headers: seal('headers', headers) ?? '{}' }),
        ...(typeof url === 'string' && { url: seal('url', url) }),
        ...(serverVariables && { serverVariables: seal('serverVariables', serverVariables) }),
        ...(credentials && { credentials: seal('credentials', credentials) }),
        ...(retry && { retry: toJson(retry) }),
        ...(limits && { limits: toJson(limits) }),
        ...(version && {
          ...{ documentRef: version.documentRef, document: version.document, documentHash: version.documentHash },
          ...(await this.addedVersion(traceId, expectedRevision, version)),
        }),
        ...(requeue && { status: 'WAITING' as const, steps: [...requeue.steps], touchedAt: time }),
        updatedAt: time,
      },
      $inc: { revision: 1, ...(document && { version: 1 }), ...(requeue && { attempt: 1 }) },
      // MongoDB before 5.0 refuses an operator without fields.
      ...(Object.keys(removed).length > 0 && { $unset: removed }),
    };
    const updated = await this.uniquely({ traceId, project, name: name ?? '' }, () =>
      this.specs.findOneAndUpdate({ _id: traceId, project, revision: expectedRevision }, update, {
        returnDocument: 'after',
      }),
    );
    return updated && this.decode(updated);
  }

  async pause(project: string, traceId: string, { key, paused }: PauseChange): Promise<Spec | null> {
    const whole = paused ? { $set: { paused: true } } : { $unset: { paused: '' as const } };
    const one = (keys: string) => (paused ? { $addToSet: { pausedKeys: keys } } : { $pull: { pausedKeys: keys } });
    const changed = await this.database.command(() =>
      this.specs.findOneAndUpdate({ _id: traceId, project }, key === undefined ? whole : one(key), {
        returnDocument: 'after',
      }),
    );
    return changed && this.decode(changed);
  }

  async archive(project: string, traceId: string, now: number): Promise<boolean> {
    const archive = this.database.archivedSpecs;
    const archivedAt = new Date(now);
    const spec = await this.database.command(() => this.specs.findOne({ _id: traceId, project }));
    if (!spec) return false;
    // A copy first, so that nothing is lost between the two; then the Spec as it was in its last moment over it.
    const { _id, ...copy } = spec;
    await this.database.command(() =>
      archive.updateOne({ _id }, { $setOnInsert: { ...copy, archivedAt } }, { upsert: true }),
    );
    const last = await this.database.command(() => this.specs.findOneAndDelete({ _id, project }));
    if (!last) return false;
    const { _id: _, ...final } = last;
    await this.database.command(() => archive.replaceOne({ _id }, { ...final, archivedAt }, { upsert: true }));
    return true;
  }

  async claim(
    traceId: string,
    stage: SpecStage,
    lease: Lease,
    steps: readonly string[],
    now: number,
  ): Promise<Spec | null> {
    const time = new Date(now);
    const filter = { _id: traceId, status: { $in: [...CLAIMABLE[stage]] }, ...unheld(time) };
    const update = {
      $set: {
        ...(stage === 'generate' ? { status: 'IN_PROGRESS' as const, steps: [...steps] } : undefined),
        leaseOwner: lease.owner,
        leaseUntil: new Date(lease.until),
        updatedAt: time,
        touchedAt: time,
      },
      $inc: { attempt: 1 },
    };
    const claimed = await this.database.command(() =>
      this.specs.findOneAndUpdate(filter, update, { returnDocument: 'after' }),
    );
    return claimed && this.decode(claimed);
  }

  async advance(claim: Claim, progress: SpecProgress, now: number): Promise<boolean> {
    const { status, steps, error, report, release } = progress;
    const time = new Date(now);
    const ended = status === 'SUCCESS' || status === 'ERROR';
    // The version cannot change under a claim: a new one raises the attempt.
    const under = ended || report ? await this.versionUnder(claim) : null;
    if ((ended || report) && under === null) return false;
    const version = under?.version ?? null;
    const place = specPlace({ project: under?.project ?? '', traceId: claim.traceId });
    const found = report && sealPayload(this.encryption, place, 'report', report);
    const update = {
      $set: {
        status,
        steps: [...steps],
        updatedAt: time,
        ...(error === undefined ? undefined : { error: toJson(error) }),
        ...(ended ? { [`versions.${version}.outcome`]: status } : { touchedAt: time }),
        ...(ended && error !== undefined && { [`versions.${version}.error`]: toJson(error) }),
        ...(found && {
          [`versions.${version}.reportRef`]: JSON.stringify(found.ref),
          [`versions.${version}.report`]: found.content,
        }),
        ...(status === 'SUCCESS' && { servingVersion: version }),
      },
      $unset: {
        ...(error === undefined ? { error: '' as const } : undefined),
        ...(ended ? { touchedAt: '' as const } : undefined),
        ...(ended && error === undefined && { [`versions.${version}.error`]: '' as const }),
        ...(release ? { leaseOwner: '' as const, leaseUntil: '' as const } : undefined),
      },
    };
    const { matchedCount } = await this.database.command(() => this.specs.updateOne(underClaim(claim), update));
    return matchedCount === 1;
  }

  async renew(claim: Claim, until: number): Promise<boolean> {
    const update = { $set: { leaseUntil: new Date(until) } };
    const { matchedCount } = await this.database.command(() => this.specs.updateOne(underClaim(claim), update));
    return matchedCount === 1;
  }

  async due(untouchedSince: number, limit: number, now: number): Promise<{ traceId: string; status: SpecStatus }[]> {
    const time = new Date(now);
    const filter = { touchedAt: { $lt: new Date(untouchedSince) }, ...unheld(time) };
    const options = { projection: { _id: 1 }, sort: { touchedAt: 1 }, limit } as const;
    const found = await this.database.command(() => this.specs.find(filter, options).toArray());
    const traceIds = found.map((document) => document._id);
    if (traceIds.length === 0) return [];
    // Of two who found the same, one gets each: the mark tells whose.
    const takeMark = newTraceId();
    await this.database.command(() =>
      this.specs.updateMany({ ...filter, _id: { $in: traceIds } }, { $set: { touchedAt: time, takeMark } }),
    );
    const taken = await this.database.command(() =>
      this.specs.find({ _id: { $in: traceIds }, takeMark }, { projection: { status: 1 } }).toArray(),
    );
    const statuses = new Map(taken.map((document) => [document._id, document.status]));
    return traceIds.flatMap((traceId) => {
      const status = statuses.get(traceId);
      return status ? { traceId, status } : [];
    });
  }

  async versions(
    project: string,
    traceId: string,
    page: { before?: number | undefined; limit: number },
  ): Promise<SpecVersion[]> {
    const all = Object.entries(await this.versionsOf(project, traceId));
    return all
      .map(([version, fields]) => this.decodeVersion(project, traceId, Number(version), fields))
      .filter(({ version }) => version < (page.before ?? Infinity))
      .sort((a, b) => b.version - a.version)
      .slice(0, page.limit);
  }

  async findVersion(project: string, traceId: string, version: number): Promise<SpecVersion | null> {
    const fields = (await this.versionsOf(project, traceId))[version];
    return fields ? this.decodeVersion(project, traceId, version, fields) : null;
  }

  async countDrift(specTraceId: string, drift: Omit<OperationDrift, 'count'>): Promise<void> {
    const { version, method, path, lastAt } = drift;
    const _id = `${specTraceId}:${version}:${method} ${toJson(path)}`;
    const update = {
      $inc: { count: 1 },
      $max: { lastAt: new Date(lastAt) },
      $setOnInsert: { specTraceId, version, method, path: JSON.stringify(path) },
    };
    const count = (): Promise<unknown> => this.database.drifts.updateOne({ _id }, update, { upsert: true });
    try {
      await this.database.command(count);
    } catch (error) {
      // Of two who insert at once the second finds it there when it tries again.
      if (!isDuplicateKey(error)) throw error;
      await this.database.command(count);
    }
  }

  async drifts(specTraceId: string, version: number): Promise<OperationDrift[]> {
    const found = await this.database.command(() => this.database.drifts.find({ specTraceId, version }).toArray());
    return found.map(({ method, path, count, lastAt }) => {
      return { version, method, path: JSON.parse(path) as string, count, lastAt: lastAt.getTime() };
    });
  }

  async saveClient(client: Client): Promise<void> {
    const { _id, ...document } = encodeClient(client, this.encryption);
    const { clients } = this.database;
    const save = (): Promise<unknown> => clients.replaceOne({ _id }, document, { upsert: true });
    try {
      await this.database.command(save);
    } catch (error) {
      // Of two who insert at once the second finds it there when it tries again.
      if (!isDuplicateKey(error)) throw error;
      await this.database.command(save);
    }
  }

  async findClient(specTraceId: string, version?: number): Promise<Client | null> {
    const { clients } = this.database;
    const filter = { specTraceId, ...(version === undefined ? undefined : { version }) };
    const found = await this.database.command(() => clients.findOne(filter, { sort: { version: -1 } }));
    return found && decodeClient(found, this.encryption);
  }

  private decode(document: SpecDocument): Spec {
    return decodeSpec(document, this.encryption);
  }

  private decodeVersion(project: string, traceId: string, version: number, fields: VersionFields): SpecVersion {
    return decodeVersion(version, fields, specPlace({ project, traceId }), this.encryption);
  }

  private get specs() {
    return this.database.specs;
  }

  /** The field of the version that an update adds: one above that of the revision which it changes. */
  private async addedVersion(
    traceId: string,
    revision: number,
    fields: VersionFields,
  ): Promise<Record<string, VersionFields>> {
    const spec = await this.findOne({ _id: traceId, revision });
    // Without it the update will not match either.
    return spec ? { [`versions.${spec.version + 1}`]: fields } : {};
  }

  private async versionUnder(claim: Claim): Promise<Pick<SpecDocument, 'version' | 'project'> | null> {
    const options = { projection: { version: 1, project: 1 } };
    return this.database.command(() => this.specs.findOne(underClaim(claim), options));
  }

  private async versionsOf(project: string, traceId: string): Promise<Record<string, VersionFields>> {
    if (!isPlainText(traceId)) return {};
    const options = { projection: { versions: 1 } };
    const found = await this.database.command(() => this.specs.findOne({ _id: traceId, project }, options));
    return found?.versions ?? {};
  }

  private async findOne(filter: Partial<SpecDocument>): Promise<Spec | null> {
    const found = await this.database.command(() => this.specs.findOne(filter, { projection: WITHOUT_VERSIONS }));
    return found && this.decode(found);
  }

  /** Sends a command that may give a Spec a name. @throws Conflict when another active one has it. */
  private async uniquely<T>(
    { traceId, project, name }: Pick<Spec, 'traceId' | 'project' | 'name'>,
    send: () => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.database.command(send);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const holder = await this.findByName(project, name);
        if (holder) throw nameTaken(name, holder.traceId, error);
        // Whoever held the name is gone since, unless it was the trace id that was taken.
        if (attempt === 3) throw traceIdTaken(traceId, error);
      }
    }
  }
}

function unheld(now: Date) {
  return { $or: [{ leaseUntil: { $exists: false } }, { leaseUntil: { $lte: now } }] };
}

/** Matches while the claim is the latest and its lease has not been dropped. */
function underClaim(claim: Claim) {
  return { _id: claim.traceId, attempt: claim.attempt, leaseUntil: { $exists: true } };
}
