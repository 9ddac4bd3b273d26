import { Redis } from 'ioredis';
import type { Clock, Response } from '#core';
import { InvalidInput, messageOf, ResponseCache } from '#core';
import type { Connection } from '../../connection/index.js';
import { ConnectionKeeper, withoutCredentials } from '../../connection/index.js';
import { decodeEntry, encodeEntry } from '../entry.js';
import { FaultReporter } from './fault-reporter.js';

/** So many unanswered commands in a row, and the connection is given up rather than waited for with each call. */
const SILENT_COMMANDS = 3;

export interface RedisResponseCacheOptions {
  /** `redis://user:password@host:port/database`, or `rediss:`. */
  readonly url: string;
  readonly clock: Clock;
  /** What each key in Redis starts with (`callboard:`). */
  readonly prefix?: string | undefined;
  /** How long a call waits for Redis, in milliseconds (250); what takes longer is a miss. */
  readonly commandMs?: number | undefined;
  /** Answers above this are not kept (1 MiB). */
  readonly maxEntryBytes?: number | undefined;
  /** Takes the lines for people about the connection. */
  readonly print?: ((line: string) => void) | undefined;
  /** Told why there is no connection. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** Told at most once a minute of faults: the newest one's sentence, and how many there were since last told. */
  readonly onFault?: ((fault: string, count: number) => void) | undefined;
  /** Pauses between attempts to connect, in milliseconds (2,000 doubling up to 30,000). */
  readonly firstPauseMs?: number | undefined;
  readonly longestPauseMs?: number | undefined;
}

/** A cache that all processes of an installation share. Without its server, everything is a miss at once. */
export class RedisResponseCache extends ResponseCache {
  /** The connection's state, for health. */
  readonly keeper: ConnectionKeeper;
  /** Where the server is, without credentials. */
  readonly address: string;
  private readonly prefix: string;
  private readonly reporter: FaultReporter;
  private redis: Redis | undefined;
  private silent = 0;

  /** Connects only at `start`. @throws InvalidInput for an address that cannot be; it repeats nothing of it. */
  constructor(private readonly options: RedisResponseCacheOptions) {
    super();
    const { url, clock, prefix = 'callboard:', onFault } = options;
    const protocol = URL.canParse(url) ? new URL(url).protocol : 'no URL';
    if (protocol !== 'redis:' && protocol !== 'rediss:') {
      throw new InvalidInput(
        'REDIS_URL_INVALID',
        `Expected the address of Redis as redis://host:port or rediss://…, got ${protocol}.`,
      );
    }
    this.address = withoutCredentials(url);
    this.prefix = prefix;
    this.reporter = new FaultReporter(clock, onFault);
    this.keeper = new ConnectionKeeper({ ...options, name: 'Redis', connect: (signal) => this.connect(signal) });
  }

  /** Begins to connect, and returns at once. */
  start(): void {
    this.keeper.start();
  }

  override ready(): boolean {
    return this.keeper.state === 'connected';
  }

  /** Disconnects for good. Safe to call twice. */
  close(): Promise<void> {
    return this.keeper.close();
  }

  /** How many look-ups and stores have failed so far; those made without a connection are not counted. */
  get faults(): number {
    return this.reporter.total;
  }

  async get(key: string): Promise<Response | null> {
    return this.ask(async (redis) => {
      const entry = await redis.getBuffer(this.prefix + key);
      return entry && decodeEntry(entry);
    });
  }

  async set(key: string, response: Response, ttlSeconds: number): Promise<void> {
    await this.ask(async (redis) => {
      const entry = encodeEntry(response);
      if (entry.length > (this.options.maxEntryBytes ?? 1024 * 1024)) return null;
      return redis.set(this.prefix + key, entry, 'EX', Math.max(1, Math.floor(ttlSeconds)));
    });
  }

  private async ask<T>(question: (redis: Redis) => Promise<T | null>): Promise<T | null> {
    const { redis } = this;
    if (!redis) return null;
    try {
      const answer = await question(redis);
      this.silent = 0;
      return answer;
    } catch (error) {
      this.reporter.record(error);
      this.silent = messageOf(error) === 'Command timed out' ? this.silent + 1 : 0;
      if (this.silent >= SILENT_COMMANDS) redis.disconnect();
      return null;
    }
  }

  private async connect(signal: AbortSignal): Promise<Connection> {
    const { url, commandMs = 250 } = this.options;
    const redis = new Redis(url, {
      lazyConnect: true,
      retryStrategy: () => null,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: commandMs,
      // Commands of one turn of the event loop go out together.
      enableAutoPipelining: true,
      protocol: 2,
      disableClientInfo: true,
      connectionName: 'callboard',
    });
    let reason: Error | undefined;
    // The library's errors carry the command and its arguments, a password among them: only the sentence is kept.
    redis.on('error', (error: unknown) => (reason = new Error(messageOf(error))));
    const lost = new Promise<unknown>((resolve) => redis.once('end', () => resolve(reason)));
    const close = async (): Promise<void> => {
      if (this.redis === redis) this.redis = undefined;
      redis.disconnect();
    };
    signal.addEventListener('abort', () => redis.disconnect(), { once: true });
    try {
      await redis.connect();
      signal.throwIfAborted();
    } catch (error) {
      await close();
      throw reason ?? new Error(messageOf(error));
    }
    this.redis = redis;
    this.silent = 0;
    return { lost, close };
  }
}
