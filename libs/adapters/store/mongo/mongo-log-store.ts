import type { Clock, LogRecord } from '#core';
import { DEFAULT_PROJECT, LogStore } from '#core';
import type { LogDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';

/** Log records in MongoDB. */
export class MongoLogStore extends LogStore {
  constructor(
    private readonly database: MongoDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  async append(records: readonly string[]): Promise<void> {
    if (records.length === 0) return;
    const at = new Date(this.clock.now());
    const documents = records.map((record) => encodeRecord(JSON.parse(record) as LogRecord, at));
    await this.database.command(() => this.database.logs.insertMany(documents));
  }

  async latest(limit: number): Promise<LogRecord[]> {
    const options = { sort: { at: -1, _id: -1 }, limit } as const;
    const documents = await this.database.command(() => this.database.logs.find({}, options).toArray());
    return documents.map(({ record, others }) => ({
      ...record,
      ...(others === undefined ? undefined : (JSON.parse(others) as LogRecord)),
    }));
  }
}

function encodeRecord(record: LogRecord, at: Date): LogDocument {
  const entries = Object.entries(record);
  const others = entries.filter(([key, value]) => !isPlain(key, value));
  const plain = entries.filter(([key, value]) => isPlain(key, value));
  return {
    project: DEFAULT_PROJECT,
    at,
    record: Object.fromEntries(plain),
    ...(others.length === 0 ? undefined : { others: JSON.stringify(Object.fromEntries(others)) }),
  };
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
