import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessBus, openSqliteStores } from '#adapters';
import { eventually, FakeClock, sampleProcess, sampleSpec } from '#testing';
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

  it('releases what waits for a Spec that is no more, however many others are waited for', async () => {
    const specs = Array.from({ length: 501 }, (_, index) => `Spec${String(index).padStart(12, '0')}`);
    const processes = await Promise.all(
      specs.map(async (specTraceId, index) => {
        if (index < 500) await stores.specs.insert(sampleSpec({ traceId: specTraceId, name: specTraceId }));
        const process = sampleProcess({ specTraceId, dueAt: null });
        await stores.processes.insert(process);
        return process.traceId;
      }),
    );
    const bus = new InProcessBus({ clock });
    const herald = new Herald(bus, clock);
    const release = new ReleaseProcesses(stores.specs, stores.processes, herald, clock);
    const reconciler = new Reconciler(stores.specs, stores.processes, release, herald, clock, {
      ...{ everyMs: 5_000, graceMs: 5_000, repeatMs: 30_000 },
      onFault: (error) => {
        throw error;
      },
    });
    for (let look = 0; look < 2; look++) await reconciler.runOnce();
    expect(await stores.processes.find(null, processes.at(-1) ?? '')).toMatchObject({ dueAt: clock.now() });
    expect(bus.waiting('SCHEDULER_PROCESS')).toBe(1);
    await bus.close();
  });
});
