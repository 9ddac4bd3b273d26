import { Unavailable } from '#core';
import type { StoreName } from './store-methods.js';
import { pack, unpack, unpackError } from './wire.js';
import type { Call, FromThread, More, ToThread } from './wire.js';

/** How many calls may wait for an answer at once. */
const MOST_CALLS = 20_000;

/** The way to the thread: a Worker, or one end of a MessageChannel. */
export interface StorePort {
  postMessage(message: ToThread): void;
  on(event: 'message', listener: (message: FromThread) => void): unknown;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Asks the thread of the database: what is asked within one turn of the event loop goes together. */
export class StoreClient {
  private outgoing: (Call | More)[] = [];
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Map<number, (arg: unknown) => void>();
  private lastId = 0;
  private lost: unknown;

  constructor(private readonly thread: StorePort) {
    thread.on('message', (message: FromThread) => this.receive(message));
  }

  /** Calls a method of a store. */
  call(store: StoreName, method: string, args: readonly unknown[]): Promise<unknown> {
    return this.ask((id) => ({ id, store, method, args: args.map(pack) }));
  }

  /** Has a method of a store tell a listener of what it tells from now on. */
  listen(store: StoreName, method: string, listener: (arg: unknown) => void): void {
    const id = (this.lastId += 1);
    this.listeners.set(id, listener);
    this.send({ id, store, method, args: [] });
  }

  /** Gives what a method of a store gives one after the other, some at a time. */
  async *stream(store: StoreName, method: string, args: readonly unknown[]): AsyncGenerator {
    const of = (this.lastId += 1);
    this.send({ id: of, store, method, args: args.map(pack) });
    for (;;) {
      const things = (await this.ask((id) => ({ id, of }))) as unknown[];
      if (things.length === 0) return;
      yield* things;
    }
  }

  /** Refuses what waits and all that comes, with this error unless there was one before. @returns the error. */
  lose(error: unknown): unknown {
    this.lost ??= error;
    for (const [id, { reject }] of this.waiting) {
      this.waiting.delete(id);
      reject(asError(this.lost));
    }
    return this.lost;
  }

  /** Has the thread do what was asked of it and end. */
  close(): void {
    if (this.lost !== undefined) return;
    this.flush();
    this.lost = new Unavailable('DATABASE_CLOSED', 'Expected an open database, but it has been closed.');
    this.thread.postMessage('close');
  }

  private ask(message: (id: number) => Call | More): Promise<unknown> {
    if (this.lost !== undefined) return Promise.reject(asError(this.lost));
    if (this.waiting.size >= MOST_CALLS) return Promise.reject(overloaded(this.waiting.size));
    const id = (this.lastId += 1);
    this.send(message(id));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private send(message: Call | More): void {
    this.outgoing.push(message);
    if (this.outgoing.length === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    if (this.outgoing.length === 0 || this.lost !== undefined) return;
    this.thread.postMessage(this.outgoing.splice(0));
  }

  private receive(messages: FromThread): void {
    if (messages === 'closed') this.lose(this.lost);
    if (!Array.isArray(messages)) return;
    for (const message of messages as Extract<FromThread, readonly unknown[]>) {
      if ('listener' in message) {
        const listener = this.listeners.get(message.listener);
        for (const arg of message.args) listener?.(arg);
        continue;
      }
      const waiting = this.waiting.get(message.id);
      if (!waiting) continue;
      this.waiting.delete(message.id);
      if ('error' in message) waiting.reject(unpackError(message.error));
      else waiting.resolve(unpack(message.value));
    }
  }
}

function overloaded(waiting: number): Unavailable {
  return new Unavailable(
    'DATABASE_BUSY',
    `Expected fewer than ${MOST_CALLS} requests to the database at once, got ${waiting}.`,
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
