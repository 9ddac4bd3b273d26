import type { mongo } from 'mongoose';
import { IdempotencyStore, isBusy } from '#core';
import type { KeyTaken, WantedKey } from '#core';
import type { IdempotencyDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';

/** Idempotency keys in MongoDB. A new key costs one command. */
export class MongoIdempotencyStore extends IdempotencyStore {
  constructor(private readonly database: MongoDatabase) {
    super();
  }

  async take(wanted: WantedKey, now: number): Promise<KeyTaken> {
    for (;;) {
      if (await this.insert(wanted)) return { state: 'mine', traceId: wanted.traceId };
      const found = await this.database.command(() => this.keys.findOne({ _id: wanted.key }));
      // Else it was removed, or changed by another, since: look again.
      const taken = found && (await this.takeFound(found, wanted, now));
      if (taken) return taken;
    }
  }

  async end(key: string, traceId: string): Promise<void> {
    await this.database.command(() => this.keys.updateOne({ _id: key, traceId }, { $unset: { busyUntil: '' } }));
  }

  async giveUp(key: string, traceId: string, busyUntil: number): Promise<void> {
    const left = { _id: key, traceId, busyUntil: new Date(busyUntil) };
    await this.database.command(() => this.keys.deleteOne(left));
  }

  async sweep(limit: number, now: number): Promise<number> {
    const expired = { expiresAt: { $lte: new Date(now) } };
    const found = await this.database.command(() =>
      this.keys.find(expired, { projection: { _id: 1 }, sort: { expiresAt: 1 }, limit }).toArray(),
    );
    if (found.length === 0) return 0;
    // One that was taken anew meanwhile is no longer to go.
    const ids = { _id: { $in: found.map(({ _id }) => _id) } };
    return (await this.database.command(() => this.keys.deleteMany({ ...ids, ...expired }))).deletedCount;
  }

  private async insert(wanted: WantedKey): Promise<boolean> {
    const { key, project } = wanted;
    try {
      await this.database.command(() => this.keys.insertOne({ _id: key, project, ...fieldsOf(wanted) }));
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  private async takeFound(found: IdempotencyDocument, wanted: WantedKey, now: number): Promise<KeyTaken | null> {
    const { traceId, fingerprint, busyUntil, expiresAt } = found;
    if (expiresAt.getTime() <= now) {
      const isMine = await this.change({ _id: wanted.key, traceId, expiresAt }, fieldsOf(wanted));
      return isMine ? { state: 'mine', traceId: wanted.traceId } : null;
    }
    if (fingerprint !== wanted.fingerprint) return { state: 'other', traceId };
    if (!busyUntil) return { state: 'done', traceId };
    if (isBusy(busyUntil.getTime(), wanted, now)) return { state: 'busy', traceId };
    const change = { busyUntil: new Date(wanted.busyUntil) };
    return (await this.change({ _id: wanted.key, traceId, busyUntil }, change)) ? { state: 'mine', traceId } : null;
  }

  private async change(
    filter: mongo.Filter<IdempotencyDocument>,
    fields: Partial<IdempotencyDocument>,
  ): Promise<boolean> {
    const { matchedCount } = await this.database.command(() => this.keys.updateOne(filter, { $set: fields }));
    return matchedCount === 1;
  }

  private get keys() {
    return this.database.idempotency;
  }
}

function fieldsOf({ fingerprint, traceId, busyUntil, expiresAt }: WantedKey) {
  return { fingerprint, traceId, busyUntil: new Date(busyUntil), expiresAt: new Date(expiresAt) };
}
