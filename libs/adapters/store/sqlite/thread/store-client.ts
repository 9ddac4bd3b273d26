import { Unavailable } from '#core';
import type { StoreName } from './store-methods.js';
import { pack, unpack, unpackError } from './wire.js';
import type { Abort, Call, FromThread, ToThread } from './wire.js';

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
  /** Takes back what was set up for the call. */
  readonly settle?: (() => void) | undefined;
}

/** Asks the thread of the database: what is asked within one turn of the event loop goes together. */
export class StoreClient {
  private outgoing: (Call | Abort)[] = [];
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Map<number, (...args: unknown[]) => void>();
  private lastId = 0;
  private lost: unknown;

  constructor(private readonly thread: StorePort) {
    thread.on('message', (message: FromThread) => this.receive(message));
  }

  /** Calls a method of a store. At most one of the arguments may be an AbortSignal, or a listener. */
  call(store: StoreName, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.lost !== undefined) return Promise.reject(asError(this.lost));
    if (this.waiting.size >= MOST_CALLS) return Promise.reject(overloaded(this.waiting.size));
    const id = (this.lastId += 1);
    const signalAt = indexOf(args, (arg) => arg instanceof AbortSignal);
    const listenerAt = indexOf(args, (arg) => typeof arg === 'function');
    const given = args.map((arg, index) => (index === signalAt || index === listenerAt ? null : pack(arg)));
    this.send({ id, store, method, args: given, signalAt, listenerAt });
    if (listenerAt !== undefined) {
      this.listeners.set(id, args[listenerAt] as (...args: unknown[]) => void);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const signal = signalAt === undefined ? undefined : (args[signalAt] as AbortSignal);
      this.waiting.set(id, { resolve, reject, settle: signal && this.abortWith(id, signal) });
    });
  }

  /** Refuses what waits and all that comes, with this error unless there was one before. @returns the error. */
  lose(error: unknown): unknown {
    this.lost ??= error;
    for (const [id, { reject, settle }] of this.waiting) {
      this.waiting.delete(id);
      settle?.();
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

  private abortWith(id: number, signal: AbortSignal): () => void {
    const onAbort = () => this.send({ abort: id });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  private send(message: Call | Abort): void {
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
        this.listeners.get(message.listener)?.(...message.args);
        continue;
      }
      const waiting = this.waiting.get(message.id);
      if (!waiting) continue;
      this.waiting.delete(message.id);
      waiting.settle?.();
      if ('error' in message) waiting.reject(unpackError(message.error));
      else waiting.resolve(unpack(message.value));
    }
  }
}

function indexOf(args: readonly unknown[], is: (arg: unknown) => boolean): number | undefined {
  const index = args.findIndex(is);
  return index < 0 ? undefined : index;
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
