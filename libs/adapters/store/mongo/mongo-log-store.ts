import { mongo } from 'mongoose';
import type { Clock, KeptLogs, LogBatch, LogRecord } from '#core';
import { DEFAULT_PROJECT, LogStore } from '#core';
import type { Encryption } from '#encryption';
import { decodeLog, encodeLog } from '../log-encoding.js';
import type { LogDocument } from './documents.js';
import type { KeptBytesTotal } from './kept-bytes.js';
import type { MongoDatabase } from './mongo-database.js';

/** Log records in MongoDB. */
export class MongoLogStore extends LogStore {
  constructor(
    private readonly database: MongoDatabase,
    private readonly clock: Clock,
    private readonly kept: KeptBytesTotal,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async append({ count, json }: LogBatch): Promise<void> {
    if (count === 0) return;
    const at = new Date(this.clock.now());
    const records = JSON.parse(Buffer.from(json).toString()) as LogRecord[];
    const documents = records.map((record) => encodeLogDocument(encodeLog(record, this.encryption), at));
    await this.database.command(() => this.database.logs.insertMany(documents));
    this.kept.add('logs', sumOf(documents));
  }

  async sweep({ since, maxBytes }: KeptLogs, limit: number): Promise<number> {
    const { logs } = this.database;
    const total = maxBytes === null ? 0 : (await this.kept.read(this.clock.now())).logs;
    let excess = total - (maxBytes ?? 0);
    const options = { projection: { at: 1, bytes: 1 }, sort: { at: 1, _id: 1 }, limit } as const;
    const oldest = await this.database.command(() => logs.find({}, options).toArray());
    const old = oldest.filter(({ at, bytes = 0 }) => {
      const isOld = excess > 0 || (since !== null && at.getTime() < since);
      excess -= bytes;
      return isOld;
    });
    if (old.length === 0) return 0;
    const ids = old.map(({ _id }) => _id);
    const { deletedCount } = await this.database.command(() => logs.deleteMany({ _id: { $in: ids } }));
    // Of several who remove the same, each takes its share.
    this.kept.add('logs', -Math.round((sumOf(old) * deletedCount) / old.length));
    return deletedCount;
  }

  async latest(limit: number): Promise<LogRecord[]> {
    const options = { sort: { at: -1, _id: -1 }, limit } as const;
    const documents = await this.database.command(() => this.database.logs.find({}, options).toArray());
    return documents.map(({ record, others }) => {
      const plain = others === undefined ? undefined : (JSON.parse(others) as LogRecord);
      return decodeLog({ ...record, ...plain }, this.encryption);
    });
  }
}

/** The document of a record whose secrets are encrypted. */
export function encodeLogDocument(record: LogRecord, at: Date): LogDocument {
  const entries = Object.entries(record);
  const others = entries.filter(([key, value]) => !isPlain(key, value));
  const plain = entries.filter(([key, value]) => isPlain(key, value));
  const document = {
    project: DEFAULT_PROJECT,
    at,
    record: Object.fromEntries(plain),
    ...(others.length === 0 ? undefined : { others: JSON.stringify(Object.fromEntries(others)) }),
  };
  return { ...document, bytes: mongo.BSON.calculateObjectSize(document) };
}

function sumOf(documents: readonly { bytes?: number }[]): number {
  return documents.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
}

/** Whether a key and all in its value mean to every MongoDB server what they mean in JSON. */
function isPlain(key: string, value: unknown): boolean {
  if (/^$|^\$|^__proto__$|[.\0]|\p{Surrogate}/u.test(key)) return false;
  switch (typeof value) {
    case 'string':
      return !/\0|\p{Surrogate}/u.test(value);
    case 'number':
    case 'boolean':
      return true;
    case 'object': {
      if (value === null) return true;
      if (Array.isArray(value)) return value.every((item) => isPlain('0', item));
      const isRecord = Object.getPrototypeOf(value) === Object.prototype;
      return isRecord && Object.entries(value).every(([name, inner]) => isPlain(name, inner));
    }
    default:
      return false;
  }
}
