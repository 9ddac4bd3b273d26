import { DEFAULT_PROJECT, KeyStore } from '#core';
import type { Encryption } from '#encryption';
import { newSharedKey, openSharedKey } from '../shared-key.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';

/** Random keys in MongoDB. */
export class MongoKeyStore extends KeyStore {
  constructor(
    private readonly database: MongoDatabase,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async key(name: string): Promise<Buffer> {
    return openSharedKey(name, (await this.find(name)) ?? (await this.make(name)), this.encryption);
  }

  private async find(name: string): Promise<Buffer | null> {
    const { keys } = this.database;
    const found = await this.database.command(() => keys.findOne({ _id: name }));
    return found?.bytes ?? null;
  }

  private async make(name: string): Promise<Buffer> {
    const bytes = newSharedKey(name, this.encryption);
    const { keys } = this.database;
    try {
      await this.database.command(() => keys.insertOne({ _id: name, project: DEFAULT_PROJECT, bytes }));
      return bytes;
    } catch (error) {
      const winner = isDuplicateKey(error) ? await this.find(name) : null;
      if (!winner) throw error;
      return winner;
    }
  }
}
