import type { Clock } from '#core';
import { messageOf } from '#core';

/** An established connection, as `connect` hands it to its keeper. */
export interface Connection {
  /** Resolves, with the reason if there is one, when the connection is gone. Never rejects. */
  readonly lost: Promise<unknown>;
  /** Ends the connection. Safe on one that is lost; its rejection is ignored. */
  close(): Promise<void>;
}

export type ConnectionState = 'connecting' | 'connected' | 'closed';

export interface ConnectionKeeperOptions {
  /** The server's name as the log lines write it, e.g. `RabbitMQ`. */
  readonly name: string;
  readonly clock: Clock;
  /**
   * Makes one attempt: connects and prepares what must be there before work goes on. A rejection is a failed attempt.
   * `signal` aborts when the attempt took too long or the keeper is closed; a connection that comes all the same is
   * closed again.
   */
  readonly connect: (signal: AbortSignal) => Promise<Connection>;
  /** Takes the lines for people: connected, and each pause before a new attempt. */
  readonly print?: ((line: string) => void) | undefined;
  /** Told why an attempt failed, or why the connection was lost. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** First pause in milliseconds (2,000); doubles with each failed attempt up to the longest (30,000). */
  readonly firstPauseMs?: number | undefined;
  readonly longestPauseMs?: number | undefined;
  /** How long one attempt may take, in milliseconds (10,000). */
  readonly attemptMs?: number | undefined;
}

/**
 * Keeps a connection to one server: connects, waits for its loss, connects again with growing pauses, until closed.
 * Nothing waits for it: an application starts and answers while the server is away.
 */
export class ConnectionKeeper {
  readonly name: string;
  private readonly abort = new AbortController();
  private current: ConnectionState = 'connecting';
  private failure: string | undefined;
  private loop: Promise<void> | undefined;
  private waiters: (() => void)[] = [];

  constructor(private readonly options: ConnectionKeeperOptions) {
    this.name = options.name;
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** Why there is no connection just now, or why the last attempt failed; undefined while connected. */
  get lastError(): string | undefined {
    return this.failure;
  }

  /** Begins, and returns at once. Calling it again changes nothing. */
  start(): void {
    this.loop ??= this.keep();
  }

  /** Resolves with true once connected, or with false when the keeper is closed first. */
  async connected(): Promise<boolean> {
    while (this.current === 'connecting') await new Promise<void>((resolve) => this.waiters.push(resolve));
    return this.current === 'connected';
  }

  /** Ends the connection and the attempts, for good. Resolves when both are over; safe to call twice. */
  async close(): Promise<void> {
    this.abort.abort();
    await this.loop;
    this.become('closed');
  }

  private async keep(): Promise<void> {
    const { name, clock, print, onFailure, firstPauseMs = 2_000, longestPauseMs = 30_000 } = this.options;
    const { signal } = this.abort;
    const closed = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    let failures = 0;
    while (!signal.aborted) {
      let reason: unknown;
      try {
        const connection = await this.attempt();
        failures = 0;
        this.failure = undefined;
        this.become('connected');
        print?.(connectedLine(name));
        reason = await Promise.race([connection.lost, closed]);
        await connection.close().catch(() => undefined);
        this.become('connecting');
      } catch (error) {
        reason = error;
      }
      if (this.abort.signal.aborted) break;
      reason ??= new Error(`The connection to ${name} was lost.`);
      this.failure = messageOf(reason);
      onFailure?.(reason);
      const pauseMs = Math.min(firstPauseMs * 2 ** failures, longestPauseMs);
      failures += 1;
      print?.(`⏳ Trying to reconnect ${name} in ${pauseMs / 1_000}s...`);
      await clock.sleep(pauseMs, signal);
    }
    this.become('closed');
  }

  /** One attempt with an end: a server that accepts and then says nothing must not hold up the next attempt. */
  private async attempt(): Promise<Connection> {
    const { name, clock, connect, attemptMs = 10_000 } = this.options;
    const attempt = new AbortController();
    const timer = new AbortController();
    const giveUp = (): void => {
      if (!timer.signal.aborted) attempt.abort();
    };
    this.abort.signal.addEventListener('abort', giveUp);
    void clock.sleep(attemptMs, timer.signal).then(giveUp);
    const connecting = connect(attempt.signal);
    try {
      return await Promise.race([
        connecting,
        new Promise<never>((_, reject) => {
          const late = new Error(`Expected ${name} to answer within ${attemptMs / 1_000} seconds, got nothing.`);
          attempt.signal.addEventListener('abort', () => reject(late), { once: true });
        }),
      ]);
    } finally {
      timer.abort();
      this.abort.signal.removeEventListener('abort', giveUp);
      if (attempt.signal.aborted) void connecting.then((connection) => connection.close()).catch(() => undefined);
    }
  }

  private become(state: ConnectionState): void {
    this.current = state;
    if (state === 'connecting') return;
    const { waiters } = this;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}

function connectedLine(name: string): string {
  return name === 'MongoDB' ? '✅ Connected to MongoDB successfully!' : `✅ ${name} connected successfully!`;
}
