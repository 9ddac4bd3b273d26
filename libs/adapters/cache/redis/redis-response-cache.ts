import type { Redis } from 'ioredis';
import type { Response } from '#core';
import { ResponseCache } from '#core';
import type { Encryption, Place } from '#encryption';
import type { ConnectionKeeper } from '../../connection/index.js';
import type { RedisConnectionOptions } from '../../connection/redis/index.js';
import { FaultReporter, RedisConnection } from '../../connection/redis/index.js';
import { decodeEntry, encodeEntry } from '../entry.js';

const FIELD = 'response';

export interface RedisResponseCacheOptions extends RedisConnectionOptions {
  /** What entries are encrypted with. */
  readonly encryption: Encryption;
  /** What each key in Redis starts with (`callboard:`). */
  readonly prefix?: string | undefined;
  /** Answers above this are not kept (1 MiB). */
  readonly maxEntryBytes?: number | undefined;
  /** Told at most once a minute of faults: the newest one's sentence, and how many there were since last told. */
  readonly onFault?: ((fault: string, count: number) => void) | undefined;
}

/** A cache that all processes of an installation share. Without its server, everything is a miss at once. */
export class RedisResponseCache extends ResponseCache {
  /** For whatever else is kept in Redis. */
  readonly connection: RedisConnection;
  private readonly prefix: string;
  private readonly reporter: FaultReporter;

  /** Connects only at `start`. @throws InvalidInput for an address that cannot be; it repeats nothing of it. */
  constructor(private readonly options: RedisResponseCacheOptions) {
    super();
    const { clock, prefix = 'callboard:', onFault } = options;
    this.connection = new RedisConnection(options);
    this.prefix = prefix;
    this.reporter = new FaultReporter(clock, onFault);
  }

  /** Begins to connect, and returns at once. */
  start(): void {
    this.connection.start();
  }

  override ready(): boolean {
    return this.keeper.state === 'connected';
  }

  /** Disconnects for good. Safe to call twice. */
  close(): Promise<void> {
    return this.connection.close();
  }

  /** The connection's state, for health. */
  get keeper(): ConnectionKeeper {
    return this.connection.keeper;
  }

  /** Where the server is, without credentials. */
  get address(): string {
    return this.connection.address;
  }

  /** How many look-ups and stores have failed so far; those made without a connection are not counted. */
  get faults(): number {
    return this.reporter.total;
  }

  async get(key: string): Promise<Response | null> {
    return this.ask(async (redis) => {
      const entry = await redis.getBuffer(this.prefix + key);
      return entry && this.open(key, entry);
    });
  }

  async set(key: string, response: Response, ttlSeconds: number): Promise<void> {
    await this.ask(async (redis) => {
      const plain = encodeEntry(response);
      if (plain.length > (this.options.maxEntryBytes ?? 1024 * 1024)) return null;
      const entry = this.options.encryption.encrypt(placeOf(key), FIELD, plain);
      return redis.set(this.prefix + key, entry, 'EX', Math.max(1, Math.floor(ttlSeconds)));
    });
  }

  /** @throws Error for what no key of ours has encrypted, such as an older release's. */
  private open(key: string, entry: Buffer): Response {
    const { encryption } = this.options;
    return decodeEntry(encryption.decrypt(placeOf(key), FIELD, entry));
  }

  private async ask<T>(question: (redis: Redis) => Promise<T | null>): Promise<T | null> {
    if (!this.connection.isConnected) return null;
    try {
      return await this.connection.ask(question);
    } catch (error) {
      this.reporter.record(error);
      return null;
    }
  }
}

function placeOf(key: string): Place {
  return { project: '', kind: 'cache entry', id: key };
}
