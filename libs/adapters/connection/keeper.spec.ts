import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '#testing';
import type { Connection } from './keeper.js';
import { ConnectionKeeper } from './keeper.js';

/** A server that the test takes down and brings back; each connection to it is counted. */
class Server {
  up = false;
  silent = false;
  attempts = 0;
  open = 0;
  private readonly cuts = new Set<(reason?: unknown) => void>();

  readonly connect = async (): Promise<Connection> => {
    this.attempts += 1;
    if (this.silent) await new Promise<void>((resolve) => (this.speak = resolve));
    if (!this.up) throw new Error('connection refused');
    this.open += 1;
    let cut: (reason?: unknown) => void = () => undefined;
    const lost = new Promise<unknown>((resolve) => (cut = resolve));
    this.cuts.add(cut);
    return {
      lost,
      close: async () => {
        this.open -= 1;
        this.cuts.delete(cut);
      },
    };
  };

  speak: () => void = () => undefined;

  goDown(reason?: unknown): void {
    this.up = false;
    for (const cut of this.cuts) cut(reason);
  }
}

/** Lets everything that is ready run; the fake clock stands still meanwhile. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ConnectionKeeper', () => {
  const keepers: ConnectionKeeper[] = [];
  afterEach(async () => {
    await Promise.all(keepers.splice(0).map((keeper) => keeper.close()));
  });

  function keep(server: Server, name = 'RabbitMQ') {
    const clock = new FakeClock();
    const lines: string[] = [];
    const failures: unknown[] = [];
    const keeper = new ConnectionKeeper({
      name,
      clock,
      connect: server.connect,
      print: (line) => lines.push(line),
      onFailure: (error) => failures.push(error),
    });
    keepers.push(keeper);
    keeper.start();
    return { clock, lines, failures, keeper };
  }

  it('connects at once and says so', async () => {
    const server = new Server();
    server.up = true;
    const { keeper, lines } = keep(server, 'Redis');
    expect(keeper.state).toBe('connecting');
    expect(await keeper.connected()).toBe(true);
    expect(keeper.state).toBe('connected');
    expect(lines).toEqual(['✅ Redis connected successfully!']);
  });

  it('has words of its own for MongoDB', async () => {
    const server = new Server();
    server.up = true;
    const { keeper, lines } = keep(server, 'MongoDB');
    await keeper.connected();
    expect(lines).toEqual(['✅ Connected to MongoDB successfully!']);
  });

  it('tries again after 2, 4, 8, 16 and then every 30 seconds, and says each pause', async () => {
    const server = new Server();
    const { clock, lines, keeper } = keep(server);
    await settle();
    for (const seconds of [2, 4, 8, 16, 30, 30]) {
      expect(lines.at(-1)).toBe(`⏳ Trying to reconnect RabbitMQ in ${seconds}s...`);
      const before = server.attempts;
      await clock.advance(seconds * 1_000 - 1);
      expect(server.attempts).toBe(before);
      await clock.advance(1);
      await settle();
      expect(server.attempts).toBe(before + 1);
    }
    expect(keeper.state).toBe('connecting');
    expect(keeper.lastError).toBe('connection refused');
  });

  it('reconnects after a loss, starting again from the shortest pause', async () => {
    const server = new Server();
    const { clock, keeper, lines, failures } = keep(server);
    await settle();
    await clock.advance(2_000);
    server.up = true;
    await clock.advance(4_000);
    expect(await keeper.connected()).toBe(true);
    expect(keeper.lastError).toBeUndefined();

    const gone = new Error('the server went away');
    server.goDown(gone);
    await settle();
    expect(keeper.state).toBe('connecting');
    expect(keeper.lastError).toBe('the server went away');
    expect(failures.at(-1)).toBe(gone);
    server.up = true;
    await clock.advance(2_000);
    await keeper.connected();
    expect(lines.slice(-2)).toEqual([
      '⏳ Trying to reconnect RabbitMQ in 2s...',
      '✅ RabbitMQ connected successfully!',
    ]);
    expect(server.open).toBe(1);
  });

  it('gives up an attempt that says nothing, and closes the connection if it comes late', async () => {
    const server = new Server();
    server.silent = true;
    const { clock, keeper, lines } = keep(server);
    await settle();
    await clock.advance(10_000);
    expect(keeper.lastError).toBe('Expected RabbitMQ to answer within 10 seconds, got nothing.');
    expect(lines).toEqual(['⏳ Trying to reconnect RabbitMQ in 2s...']);
    server.up = true;
    server.speak();
    await settle();
    expect(server.open).toBe(0);
    expect(keeper.state).toBe('connecting');
  });

  it('closes the connection when it is closed, and attempts nothing more', async () => {
    const server = new Server();
    server.up = true;
    const { clock, keeper } = keep(server);
    await keeper.connected();
    await keeper.close();
    await keeper.close();
    expect(keeper.state).toBe('closed');
    expect(server.open).toBe(0);
    await clock.advance(60_000);
    expect(server.attempts).toBe(1);
  });

  it('closes in the midst of a pause and of an attempt', async () => {
    const refused = keep(new Server());
    await settle();
    await refused.keeper.close();
    expect(refused.clock.sleeping).toBe(0);

    const silent = new Server();
    silent.silent = true;
    const attempting = keep(silent);
    await settle();
    const waiter = attempting.keeper.connected();
    await attempting.keeper.close();
    expect(await waiter).toBe(false);
    expect(attempting.clock.sleeping).toBe(0);
  });

  it('can be closed before it was started', async () => {
    const keeper = new ConnectionKeeper({ name: 'Redis', clock: new FakeClock(), connect: new Server().connect });
    await keeper.close();
    expect(await keeper.connected()).toBe(false);
  });
});
