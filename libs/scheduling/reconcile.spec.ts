import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessBus, openSqliteStores } from '#adapters';
import { eventually, FakeClock, sampleProcess } from '#testing';
import { Herald } from './herald.js';
import { Reconciler } from './reconcile.js';
import { ReleaseProcesses } from './release-processes.js';

describe('the reconciler', () => {
  let folder: string;
  let stores: Awaited<ReturnType<typeof openSqliteStores>>;
  const clock = new FakeClock();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-reconciler-'));
    stores = await openSqliteStores({ folder, clock });
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  it('sends all that waits at the start, by rank, as soon as the bus has room, and each once', async () => {
    const count = 5_000;
    const createdAt = clock.now() - 60_000;
    const times = { createdAt, updatedAt: createdAt, dueAt: createdAt };
    const processes = Array.from({ length: count }, (_, index) => sampleProcess({ ...times, priority: index % 10 }));
    await Promise.all(processes.map((process) => stores.processes.insert(process)));
    const bus = new InProcessBus({ clock, maxFilled: 1_000 });
    const herald = new Herald(bus, clock);
    const faults: unknown[] = [];
    const reconciler = new Reconciler(
      stores.specs,
      stores.processes,
      new ReleaseProcesses(stores.specs, stores.processes, herald, clock),
      herald,
      clock,
      { everyMs: 5_000, graceMs: 5_000, repeatMs: 30_000, onFault: (error) => void faults.push(error) },
    );
    const stop = new AbortController();
    const begun = clock.now();
    const running = reconciler.run(stop.signal);
    await eventually('as much as there is room for', () => bus.waiting('SCHEDULER_PROCESS') === 1_000);
    const told: string[] = [];
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 1_000 }, async ({ traceId }) => {
      told.push(traceId);
      return { kind: 'ack' };
    });
    await eventually('the rest', async () => (await clock.advance(100), told.length >= count));
    // Long before the next look of its own.
    expect(clock.now() - begun).toBeLessThan(5_000);
    const byPriority = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].flatMap((priority) =>
      processes.filter((process) => process.priority === priority).map(({ traceId }) => traceId),
    );
    expect(told).toEqual(byPriority);
    expect(faults).toEqual([]);
    stop.abort();
    await running;
    await bus.close();
  });
});
