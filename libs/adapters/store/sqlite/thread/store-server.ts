import { setMaxListeners } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { SqliteStores } from '../open-sqlite-stores.js';
import { pack, packError, unpack } from './wire.js';
import type { Abort, Call, Ended, FromThread, Told, ToThread } from './wire.js';

/**
 * Answers calls of stores over a port until it is told to close them. All that come together are begun at once, so that
 * the changes among them share a commit; all that end in one turn of the event loop are answered together.
 */
export class StoreServer {
  private outgoing: (Ended | Told)[] = [];
  private readonly aborts = new Map<number, AbortController>();
  private underWay = 0;
  private onIdle: () => void = () => undefined;

  constructor(
    private readonly stores: SqliteStores,
    private readonly port: MessagePort,
  ) {
    port.on('message', (message: ToThread) => {
      if (message === 'close') void this.close();
      else this.take(message);
    });
  }

  private take(messages: readonly (Call | Abort)[]): void {
    for (const message of messages) {
      if ('abort' in message) this.aborts.get(message.abort)?.abort();
      else void this.answer(message);
    }
  }

  private async close(): Promise<void> {
    for (const abort of this.aborts.values()) abort.abort();
    try {
      await this.stores.close();
      if (this.underWay > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    } finally {
      this.flush();
      this.port.postMessage('closed' satisfies FromThread);
      this.port.close();
    }
  }

  private async answer(call: Call): Promise<void> {
    const { id } = call;
    this.underWay += 1;
    try {
      const value = await this.invoke(call);
      if (call.listenerAt === undefined) this.send({ id, value: pack(value) });
    } catch (error) {
      this.send({ id, error: packError(error) });
    } finally {
      this.aborts.delete(id);
      this.underWay -= 1;
      if (this.underWay === 0) this.onIdle();
    }
  }

  private invoke({ id, store, method, args, signalAt, listenerAt }: Call): unknown {
    const given = args.map(unpack);
    if (signalAt !== undefined) {
      const abort = new AbortController();
      setMaxListeners(0, abort.signal);
      this.aborts.set(id, abort);
      given[signalAt] = abort.signal;
    }
    if (listenerAt !== undefined) given[listenerAt] = (...told: unknown[]) => this.send({ listener: id, args: told });
    const target = this.stores[store] as unknown as Record<string, (...args: unknown[]) => unknown>;
    return target[method]?.(...given);
  }

  private send(message: Ended | Told): void {
    this.outgoing.push(message);
    if (this.outgoing.length === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    if (this.outgoing.length > 0) this.port.postMessage(this.outgoing.splice(0) satisfies FromThread);
  }
}
