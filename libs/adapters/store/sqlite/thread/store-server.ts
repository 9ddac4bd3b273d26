import type { MessagePort } from 'node:worker_threads';
import type { SqliteStores } from '../open-sqlite-stores.js';
import { LISTENED, STREAMED } from './store-methods.js';
import { pack, packError, unpack } from './wire.js';
import type { Call, Ended, FromThread, More, Told, ToThread } from './wire.js';

/** How many things of a stream go together. */
const PIECE = 100;

/**
 * Answers calls of stores over a port until it is told to close them. All that come together are begun at once, so that
 * the changes among them share a commit; all that end in one turn of the event loop are answered together.
 */
export class StoreServer {
  private outgoing: (Ended | Told)[] = [];
  private readonly streams = new Map<number, AsyncIterator<unknown>>();
  private underWay = 0;
  private onIdle: () => void = () => undefined;

  constructor(
    private readonly stores: SqliteStores,
    private readonly port: MessagePort,
  ) {
    port.on('message', (message: ToThread) => {
      if (message === 'close') void this.close();
      else for (const call of message) void this.answer(call);
    });
  }

  private async close(): Promise<void> {
    try {
      await this.stores.close();
      if (this.underWay > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    } finally {
      this.flush();
      this.port.postMessage('closed' satisfies FromThread);
      this.port.close();
    }
  }

  private async answer(call: Call | More): Promise<void> {
    const { id } = call;
    this.underWay += 1;
    try {
      if ('of' in call) this.send({ id, value: pack(await this.more(call.of)) });
      else if (LISTENED.has(call.method)) this.listen(call);
      else if (STREAMED.has(call.method)) this.openStream(call);
      else this.send({ id, value: pack(await this.invoke(call, call.args.map(unpack))) });
    } catch (error) {
      this.send({ id, error: packError(error) });
    } finally {
      this.underWay -= 1;
      if (this.underWay === 0) this.onIdle();
    }
  }

  private invoke({ store, method }: Call, args: readonly unknown[]): unknown {
    const target = this.stores[store] as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
    return target[method]?.(...args);
  }

  private listen(call: Call): void {
    const listener = call.id;
    this.invoke(call, [
      (arg: unknown) => {
        const last = this.outgoing.at(-1);
        if (last && 'listener' in last && last.listener === listener) last.args.push(arg);
        else this.send({ listener, args: [arg] });
      },
    ]);
  }

  private openStream(call: Call): void {
    const stream = this.invoke(call, call.args.map(unpack)) as AsyncIterable<unknown>;
    this.streams.set(call.id, stream[Symbol.asyncIterator]());
  }

  private async more(of: number): Promise<unknown[]> {
    const things: unknown[] = [];
    const stream = this.streams.get(of);
    while (stream && things.length < PIECE) {
      const next = await stream.next();
      if (next.done) break;
      things.push(next.value);
    }
    if (things.length < PIECE) this.streams.delete(of);
    return things;
  }

  private send(message: Ended | Told): void {
    this.outgoing.push(message);
    if (this.outgoing.length === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    if (this.outgoing.length > 0) this.port.postMessage(this.outgoing.splice(0) satisfies FromThread);
  }
}
