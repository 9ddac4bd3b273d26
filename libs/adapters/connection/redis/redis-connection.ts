import { Redis } from 'ioredis';
import type { Clock } from '#core';
import { InvalidInput, messageOf, Unavailable } from '#core';
import type { Connection } from '../index.js';
import { ConnectionKeeper, withoutCredentials } from '../index.js';

/** So many unanswered commands in a row, and the connection is given up rather than waited for with each call. */
const SILENT_COMMANDS = 3;

export interface RedisConnectionOptions {
  /** `redis://user:password@host:port/database`, or `rediss:`. */
  readonly url: string;
  readonly clock: Clock;
  /** How long a call waits for Redis, in milliseconds (250). */
  readonly commandMs?: number | undefined;
  /** Takes the lines for people about the connection. */
  readonly print?: ((line: string) => void) | undefined;
  /** Told why there is no connection. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** Pauses between attempts to connect, in milliseconds (2,000 doubling up to 30,000). */
  readonly firstPauseMs?: number | undefined;
  readonly longestPauseMs?: number | undefined;
}

/** The one connection of a process to Redis, whatever it is used for. */
export class RedisConnection {
  /** The connection's state, for health. */
  readonly keeper: ConnectionKeeper;
  /** Where the server is, without credentials. */
  readonly address: string;
  private redis: Redis | undefined;
  private silent = 0;

  /** Connects only at `start`. @throws InvalidInput for an address that cannot be; it repeats nothing of it. */
  constructor(private readonly options: RedisConnectionOptions) {
    const { url } = options;
    const protocol = URL.canParse(url) ? new URL(url).protocol : 'no URL';
    if (protocol !== 'redis:' && protocol !== 'rediss:') {
      throw new InvalidInput(
        'REDIS_URL_INVALID',
        `Expected the address of Redis as redis://host:port or rediss://…, got ${protocol}.`,
      );
    }
    this.address = withoutCredentials(url);
    this.keeper = new ConnectionKeeper({ ...options, name: 'Redis', connect: (signal) => this.connect(signal) });
  }

  /** Begins to connect, and returns at once. */
  start(): void {
    this.keeper.start();
  }

  /** Disconnects for good. Safe to call twice. */
  close(): Promise<void> {
    return this.keeper.close();
  }

  get isConnected(): boolean {
    return this.redis !== undefined;
  }

  /** Asks Redis. @throws Unavailable without a connection, and whatever went wrong in asking. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const { redis } = this;
    if (!redis) throw new Unavailable('REDIS_UNAVAILABLE', 'Expected a connection to Redis, got none.');
    try {
      const answer = await question(redis);
      this.silent = 0;
      return answer;
    } catch (error) {
      this.silent = messageOf(error) === 'Command timed out' ? this.silent + 1 : 0;
      if (this.silent >= SILENT_COMMANDS) redis.disconnect();
      throw error;
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
