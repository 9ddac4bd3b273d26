import { ApiKeyStore, MOST_KEYS } from '#core';
import type { ApiKey } from '#core';
import { decodeApiKey, encodeApiKey, tooManyKeys } from '../api-key-encoding.js';
import { traceIdTaken } from '../conflicts.js';
import type { ApiKeyDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';

/** API keys in MongoDB. */
export class MongoApiKeyStore extends ApiKeyStore {
  constructor(private readonly database: MongoDatabase) {
    super();
  }

  async insert(key: ApiKey): Promise<void> {
    const { traceId, project, createdAt, lastUsedAt } = key;
    const count = await this.database.command(() => this.apiKeys.countDocuments({ project }, { limit: MOST_KEYS }));
    if (count >= MOST_KEYS) throw tooManyKeys();
    const document: ApiKeyDocument = {
      ...{ _id: traceId, project, createdAt: new Date(createdAt), record: encodeApiKey(key) },
      ...(lastUsedAt === null ? undefined : { lastUsedAt: new Date(lastUsedAt) }),
    };
    try {
      await this.database.command(() => this.apiKeys.insertOne(document));
    } catch (error) {
      throw isDuplicateKey(error) ? traceIdTaken(traceId, error) : error;
    }
  }

  async find(project: string | null, traceId: string): Promise<ApiKey | null> {
    const found = await this.database.command(() => this.apiKeys.findOne({ _id: traceId }));
    return found && (project === null || found.project === project) ? keyOf(found) : null;
  }

  async list(project: string): Promise<ApiKey[]> {
    const options = { sort: { createdAt: -1, _id: -1 } } as const;
    const found = await this.database.command(() => this.apiKeys.find({ project }, options).toArray());
    return found.map(keyOf);
  }

  async remove(project: string, traceId: string): Promise<boolean> {
    const filter = { _id: traceId, project };
    return (await this.database.command(() => this.apiKeys.deleteOne(filter))).deletedCount === 1;
  }

  async removeAll(project: string): Promise<number> {
    return (await this.database.command(() => this.apiKeys.deleteMany({ project }))).deletedCount;
  }

  async noteUse(traceId: string, at: number): Promise<void> {
    const lastUsedAt = new Date(at);
    await this.database.command(() => this.apiKeys.updateOne({ _id: traceId }, { $max: { lastUsedAt } }));
  }

  private get apiKeys() {
    return this.database.apiKeys;
  }
}

function keyOf({ _id, project, createdAt, lastUsedAt, record }: ApiKeyDocument): ApiKey {
  return decodeApiKey(record, {
    ...{ traceId: _id, project, createdAt: createdAt.getTime() },
    lastUsedAt: lastUsedAt?.getTime() ?? null,
  });
}
