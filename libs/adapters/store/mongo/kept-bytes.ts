import type { mongo } from 'mongoose';
import type { MongoDatabase } from './mongo-database.js';

export type KeptKind = 'requests' | 'responses' | 'logs';
const KINDS: readonly KeptKind[] = ['requests', 'responses', 'logs'];

/** How long changes gather before they are written. */
const GATHER_MS = 1_000;
/** How often all is counted anew: what was lost with a process of the operating system that died is made good then. */
const RECOUNT_MS = 24 * 60 * 60 * 1_000;
/** How many documents are counted by one command. */
const PIECE = 10_000;

/**
 * How many bytes are kept of each kind, in a document of its own: every writer adds what it has written a second later,
 * so that no change waits for it.
 */
export class KeptBytesTotal {
  private changes = new Map<KeptKind, number>();
  private gathering: AbortController | undefined;

  constructor(private readonly database: MongoDatabase) {}

  add(kind: KeptKind, bytes: number): void {
    this.changes.set(kind, (this.changes.get(kind) ?? 0) + bytes);
    if (this.gathering) return;
    this.gathering = new AbortController();
    void this.database.clock
      .sleep(GATHER_MS, this.gathering.signal)
      .then(() => this.flush())
      // It is written with the next.
      .catch(() => undefined);
  }

  /** Writes what has gathered. @throws Unavailable, and keeps it. */
  async flush(): Promise<void> {
    this.gathering?.abort();
    this.gathering = undefined;
    const changes = this.changes;
    this.changes = new Map();
    for (const [kind, bytes] of changes) {
      try {
        if (bytes !== 0) await this.increase(kind, bytes);
        changes.delete(kind);
      } catch (error) {
        for (const [each, rest] of changes) this.changes.set(each, (this.changes.get(each) ?? 0) + rest);
        throw error;
      }
    }
  }

  /** All totals, this process's own changes among them. */
  async read(now: number): Promise<Record<KeptKind, number>> {
    await this.flush();
    const found = await this.find();
    for (const kind of KINDS) if (isStale(found.get(kind)?.countedAt, now)) await this.recount(kind, now);
    const kept = await this.find();
    const of = (kind: KeptKind) => Math.max(0, kept.get(kind)?.bytes ?? 0);
    return { requests: of('requests'), responses: of('responses'), logs: of('logs') };
  }

  private async find() {
    const documents = await this.database.command(() => this.database.keptBytes.find().toArray());
    return new Map(documents.map((document) => [document._id, document]));
  }

  private async increase(kind: KeptKind, bytes: number, countedAt?: Date): Promise<void> {
    const update = { $inc: { bytes }, ...(countedAt && { $set: { countedAt } }) };
    // A total is made good if it is lost, so nobody need wait for the disks.
    const options = { upsert: true, writeConcern: { w: 1 as const } };
    await this.database.command(() => this.database.keptBytes.updateOne({ _id: kind }, update, options));
  }

  /** Puts right what differs from what is there; what changes meanwhile may be counted once too often or too rarely. */
  private async recount(kind: KeptKind, now: number): Promise<void> {
    const before = (await this.find()).get(kind)?.bytes ?? 0;
    const counted = kind === 'logs' ? await this.sumOf(this.database.logs, ['bytes']) : await this.sumOfProcesses(kind);
    await this.increase(kind, counted - before, new Date(now));
  }

  private sumOfProcesses(kind: 'requests' | 'responses'): Promise<number> {
    return this.sumOf(
      this.database.processes,
      kind === 'requests' ? ['requestBytes', 'callsBytes'] : ['responseBytes'],
    );
  }

  private async sumOf<T extends object>(collection: mongo.Collection<T>, fields: readonly string[]): Promise<number> {
    const projection = Object.fromEntries(fields.map((field) => [field, 1]));
    let sum = 0;
    for (let last: unknown = null; ;) {
      const filter = (last === null ? {} : { _id: { $gt: last } }) as mongo.Filter<T>;
      const options = { projection, sort: { _id: 1 as const }, limit: PIECE };
      const documents = await this.database.command(() => collection.find(filter, options).toArray());
      for (const document of documents as Record<string, unknown>[]) {
        for (const field of fields) sum += Number(document[field] ?? 0);
      }
      if (documents.length < PIECE) return sum;
      last = (documents.at(-1) as { _id?: unknown } | undefined)?._id;
    }
  }
}

/** Never counted, long ago, or by a clock since set back. */
function isStale(countedAt: Date | undefined, now: number): boolean {
  return !countedAt || Math.abs(now - countedAt.getTime()) >= RECOUNT_MS;
}
