import { SdkStore } from '#core';
import type { Claim, Lease, Sdk, SdkOutcome, WantedSdk } from '#core';
import type { PayloadRef } from '../payload-encoding.js';
import { fromJson, joinPayload, splitPayload, toJson } from '../payload-encoding.js';
import { isPlainText } from '../plain-text.js';
import type { SdkDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';

/** SDKs in MongoDB. */
export class MongoSdkStore extends SdkStore {
  constructor(private readonly database: MongoDatabase) {
    super();
  }

  async ask(wanted: WantedSdk, now: number): Promise<Sdk> {
    const { traceId, project, specTraceId, version, generator } = wanted;
    const key = { project, specTraceId, generator, version };
    const time = new Date(now);
    const anew = {
      $set: { status: 'WAITING' as const, updatedAt: time },
      $unset: { error: '' as const },
      $inc: { attempt: 1 },
    };
    const fresh = { status: 'WAITING' as const, createdAt: time, updatedAt: time, attempt: 0 };
    const again = await this.database.command(() =>
      this.sdks.findOneAndUpdate({ ...key, status: 'ERROR' }, anew, { returnDocument: 'after' }),
    );
    if (again) return decode(again);
    const add = () =>
      this.sdks.findOneAndUpdate(
        key,
        { $setOnInsert: { _id: traceId, ...fresh } },
        { upsert: true, returnDocument: 'after' },
      );
    const document = await this.database.command(add).catch((error: unknown) => {
      // Of two who insert at once the second finds it there when it tries again.
      if (!isDuplicateKey(error)) throw error;
      return this.database.command(add);
    });
    if (!document) throw new Error(`Expected the SDK ${generator} of ${specTraceId} after adding it.`);
    return decode(document);
  }

  async find(project: string, specTraceId: string, generator: string, version?: number): Promise<Sdk | null> {
    if (!isPlainText(specTraceId + generator)) return null;
    const filter = { project, specTraceId, generator, ...(version === undefined ? undefined : { version }) };
    const found = await this.database.command(() => this.sdks.findOne(filter, { sort: { version: -1 } }));
    return found && decode(found);
  }

  async list(project: string, specTraceId: string): Promise<Sdk[]> {
    const sort = { generator: 1, version: -1 } as const;
    const found = await this.database.command(() => this.sdks.find({ project, specTraceId }, { sort }).toArray());
    return found.map(decode);
  }

  async claim(lease: Lease, now: number): Promise<Sdk | null> {
    const time = new Date(now);
    const unheld = { $or: [{ leaseUntil: { $exists: false } }, { leaseUntil: { $lte: time } }] };
    const update = {
      $set: {
        status: 'IN_PROGRESS' as const,
        leaseOwner: lease.owner,
        leaseUntil: new Date(lease.until),
        updatedAt: time,
      },
      $inc: { attempt: 1 },
    };
    const claimed = await this.database.command(() =>
      this.sdks.findOneAndUpdate({ status: { $in: ['WAITING', 'IN_PROGRESS'] }, ...unheld }, update, {
        sort: { createdAt: 1, _id: 1 },
        returnDocument: 'after',
      }),
    );
    return claimed && decode(claimed);
  }

  async renew(claim: Claim, until: number): Promise<boolean> {
    const update = { $set: { leaseUntil: new Date(until) } };
    const { matchedCount } = await this.database.command(() => this.sdks.updateOne(underClaim(claim), update));
    return matchedCount === 1;
  }

  async finish(claim: Claim, outcome: SdkOutcome, now: number): Promise<boolean> {
    const made = 'archive' in outcome ? splitPayload(outcome.archive) : undefined;
    const update = {
      $set: {
        status: made ? ('SUCCESS' as const) : ('ERROR' as const),
        updatedAt: new Date(now),
        ...('error' in outcome && { error: toJson(outcome.error) }),
        ...(made && { archiveRef: JSON.stringify(made.ref), archive: made.content }),
      },
      $unset: { leaseOwner: '' as const, leaseUntil: '' as const },
    };
    const { matchedCount } = await this.database.command(() => this.sdks.updateOne(underClaim(claim), update));
    return matchedCount === 1;
  }

  private get sdks() {
    return this.database.sdks;
  }
}

/** Matches while the claim is the latest and its lease has not been dropped. */
function underClaim(claim: Claim) {
  return { _id: claim.traceId, attempt: claim.attempt, leaseUntil: { $exists: true } };
}

function decode(document: SdkDocument): Sdk {
  const error = fromJson(document.error) as string | undefined;
  const ref = fromJson(document.archiveRef) as PayloadRef | undefined;
  return {
    traceId: document._id,
    project: document.project,
    specTraceId: document.specTraceId,
    version: document.version,
    generator: document.generator,
    status: document.status,
    ...(error === undefined ? undefined : { error }),
    ...(ref && { archive: joinPayload(ref, document.archive ?? null) }),
    createdAt: document.createdAt.getTime(),
    updatedAt: document.updatedAt.getTime(),
    attempt: document.attempt,
  };
}
