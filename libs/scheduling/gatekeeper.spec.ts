import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessBus, MemoryFlowControl, openSqliteStores } from '#adapters';
import type { SqliteStores } from '#adapters';
import type { BreakerState, Limits, SchedulerProcess, Spec } from '#core';
import { newTraceId } from '#core';
import { eventually, FakeClock, sampleProcess, sampleSpec } from '#testing';
import { BreakerWatch } from './breaker-watch.js';
import { Gate } from './gate.js';
import { Gatekeeper } from './gatekeeper.js';
import { Herald } from './herald.js';

const EVERY_MS = 500;
const LEASE_MS = 30_000;
const POLICY = { failures: 2, openMs: 5_000, longestOpenMs: 60_000 };

describe('the gate and its keeper', () => {
  let folder: string;
  let clock: FakeClock;
  let stores: SqliteStores;
  let bus: InProcessBus;
  let flow: MemoryFlowControl;
  let breakers: BreakerWatch;
  let gatekeeper: Gatekeeper;
  let gate: Gate;
  let called: string[];
  let states: BreakerState[];
  let flowCommands: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-gatekeeper-'));
    clock = new FakeClock();
    stores = await openSqliteStores({ folder, clock });
    bus = new InProcessBus({ clock });
    called = [];
    states = [];
    flowCommands = 0;
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 1_000 }, async ({ traceId }) => {
      called.push(traceId);
      return { kind: 'ack' };
    });
    flow = new Proxy(new MemoryFlowControl(clock), {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          flowCommands += 1;
          return member.apply(target, args) as unknown;
        };
      },
    });
    breakers = new BreakerWatch(flow, clock, {
      ...{ policy: POLICY, probeMs: LEASE_MS, everyMs: EVERY_MS },
      onState: (_, state) => states.push(state),
    });
    const herald = new Herald(bus, clock);
    gatekeeper = new Gatekeeper(stores.specs, stores.processes, flow, breakers, herald, clock, {
      ...{ everyMs: EVERY_MS, repeatMs: 30_000 },
      onFault: (error) => {
        throw error;
      },
    });
    gate = new Gate(flow, breakers, LEASE_MS, gatekeeper);
  });
  afterEach(async () => {
    await bus.close();
    await stores.close();
    await rm(folder, { recursive: true });
  });

  /** A Spec that serves. */
  async function insertSpec(change: Partial<Spec> = {}): Promise<Spec> {
    const spec = sampleSpec({ servingVersion: 1, ...change });
    await stores.specs.insert(spec);
    return spec;
  }

  const claims = new Map<string, SchedulerProcess>();

  /** A process that a worker has claimed and brings to its gate: held there unless it may start. */
  async function come(spec: Spec, change: Partial<SchedulerProcess> = {}): Promise<{ traceId: string; why?: string }> {
    const now = clock.now();
    const times = { createdAt: now, updatedAt: now, dueAt: now };
    const { traceId } = sampleProcess(change);
    await stores.processes.insert(sampleProcess({ specTraceId: spec.traceId, ...times, ...change, traceId }));
    return comeAgain(spec, traceId);
  }

  async function comeAgain(spec: Spec, traceId: string): Promise<{ traceId: string; why?: string }> {
    const now = clock.now();
    const process = await stores.processes.claim(traceId, { owner: 'me', until: now + LEASE_MS }, [], now);
    if (!process) throw new Error(`Expected ${traceId} to be free.`);
    claims.set(traceId, process);
    const refusal = await gate.enter(process, spec);
    if (!refusal) return { traceId };
    const held = {
      why: refusal.why,
      key: process.key ?? '',
      priority: process.priority ?? 5,
      dueAt: process.dueAt ?? now,
    };
    await stores.processes.handBack(process, { dueAt: null, held, steps: [] }, now);
    gate.held(spec, refusal);
    return { traceId, why: refusal.why };
  }

  async function leave(
    spec: Spec,
    traceId: string,
    verdict: 'success' | 'failure' | 'none' = 'success',
  ): Promise<void> {
    const process = claims.get(traceId);
    if (!process) throw new Error('Expected a claim.');
    await gate.leave(process, spec, verdict);
  }

  /** What was let go since the last time. */
  async function released(): Promise<string[]> {
    await gatekeeper.runOnce();
    await eventually('the bus to be empty', () => bus.waiting('SCHEDULER_PROCESS') === 0);
    return called.splice(0);
  }

  it('asks nobody where nothing keeps a Spec from being called', async () => {
    const spec = await insertSpec();
    for (let count = 0; count < 5; count += 1) await leave(spec, (await come(spec)).traceId);
    expect(flowCommands).toBe(0);
    expect(await released()).toEqual([]);
  });

  describe('with limits', () => {
    const limits: Limits = { concurrency: 1 };

    it('lets the next go when one leaves, by rank, and no more than may start', async () => {
      const spec = await insertSpec({ limits });
      const first = await come(spec);
      const [usual, urgent, last] = [await come(spec), await come(spec, { priority: 9 }), await come(spec)];
      expect([first.why, usual.why, urgent.why, last.why]).toEqual([undefined, 'limit', 'limit', 'limit']);
      expect(await released()).toEqual([]);
      await leave(spec, first.traceId);
      expect(await released()).toEqual([urgent.traceId]);
      expect(await released()).toEqual([]);
      expect(await comeAgain(spec, urgent.traceId)).not.toHaveProperty('why');
      await leave(spec, urgent.traceId);
      expect(await released()).toEqual([usual.traceId]);
    });

    it('serves keys in turns, whatever their backlogs', async () => {
      const spec = await insertSpec({ limits });
      let running = (await come(spec, { key: 'a' })).traceId;
      const keys = new Map<string, string>();
      for (const key of ['a', 'a', 'a', 'a', 'b', 'b', 'c']) keys.set((await come(spec, { key })).traceId, key);
      const order: (string | undefined)[] = [];
      for (let count = 0; count < keys.size; count += 1) {
        await leave(spec, running);
        const [next = '', ...more] = await released();
        expect(more).toEqual([]);
        order.push(keys.get(next));
        await comeAgain(spec, next);
        running = next;
      }
      expect(order.join('')).toBe('abcabaa');
    });

    it('lets those of a rate go at their times', async () => {
      const spec = await insertSpec({ limits: { requests: 2, seconds: 1 } });
      const first = await come(spec);
      const waiting = [await come(spec), await come(spec)].map(({ traceId }) => traceId);
      expect(first).not.toHaveProperty('why');
      expect(await released()).toEqual([]);
      clock.jump(clock.now() + 499);
      expect(await released()).toEqual([]);
      clock.jump(clock.now() + 1);
      expect(await released()).toEqual([waiting[0]]);
      clock.jump(clock.now() + 500);
      expect(await released()).toEqual([waiting[1]]);
    });

    it('has what was let go too late wait again at its old rank', async () => {
      const spec = await insertSpec({ limits: { requests: 1, seconds: 10 } });
      await come(spec);
      const [slow, next] = [await come(spec), await come(spec)];
      clock.jump(clock.now() + 10_000);
      expect(await released()).toEqual([slow.traceId]);
      clock.jump(clock.now() + 4_000);
      expect(await comeAgain(spec, slow.traceId)).toMatchObject({ why: 'limit' });
      clock.jump(clock.now() + 6_000);
      expect(await released()).toEqual([slow.traceId]);
      expect(await stores.processes.find(null, next.traceId)).toMatchObject({ held: 'limit' });
    });

    it('keeps permits as long as their claims are renewed', async () => {
      const spec = await insertSpec({ limits });
      const first = await come(spec);
      await come(spec);
      for (let time = 0; time < 4; time += 1) {
        clock.jump(clock.now() + LEASE_MS / 2);
        await gate.renew([claims.get(first.traceId)!]);
      }
      expect(await released()).toEqual([]);
      clock.jump(clock.now() + LEASE_MS + 1);
      expect(await released()).toHaveLength(1);
    });

    it('lets all go when the limits are gone, the Spec is, or another worker died over them', async () => {
      const spec = await insertSpec({ limits });
      await come(spec);
      const held = [await come(spec), await come(spec, { key: 'a' })].map(({ traceId }) => traceId);
      await stores.specs.update('default', spec.traceId, 1, { limits: null, now: clock.now() });
      clock.jump(clock.now() + EVERY_MS);
      expect((await released()).sort()).toEqual(held.sort());
      const other = await insertSpec({ limits });
      await come(other);
      const left = await come(other);
      await stores.specs.archive('default', other.traceId, clock.now());
      clock.jump(clock.now() + EVERY_MS);
      expect(await released()).toEqual([left.traceId]);
    });
  });

  it('keeps what is paused, whole Specs and keys, until it is resumed', async () => {
    const spec = await insertSpec({ paused: true, pausedKeys: ['a'] });
    const [whole, key] = [await come(spec), await come(spec, { key: 'a' })];
    expect([whole.why, key.why]).toEqual(['paused', 'paused']);
    clock.jump(clock.now() + EVERY_MS);
    expect(await released()).toEqual([]);
    await stores.specs.pause('default', spec.traceId, { paused: false });
    gatekeeper.expect(spec.traceId, 0);
    expect(await released()).toEqual([whole.traceId]);
    await stores.specs.pause('default', spec.traceId, { key: 'a', paused: false });
    // Nobody has woken it.
    clock.jump(clock.now() + EVERY_MS);
    expect(await released()).toEqual([key.traceId]);
  });

  describe('a breaker', () => {
    async function open(spec: Spec): Promise<void> {
      for (let count = 0; count < POLICY.failures; count += 1) {
        await leave(spec, (await come(spec)).traceId, 'failure');
      }
    }

    it('holds all but a probe after its time, and lets all go when that succeeds', async () => {
      const spec = await insertSpec();
      await open(spec);
      const held = [await come(spec), await come(spec), await come(spec)];
      expect(held.map(({ why }) => why)).toEqual(['breaker', 'breaker', 'breaker']);
      clock.jump(clock.now() + POLICY.openMs - 1);
      expect(await released()).toEqual([]);
      clock.jump(clock.now() + 1);
      const [probe = '', ...more] = await released();
      expect([probe, more]).toEqual([held[0]?.traceId, []]);
      expect(await comeAgain(spec, probe)).not.toHaveProperty('why');
      expect((await come(spec)).why).toBe('breaker');
      await leave(spec, probe, 'success');
      expect((await released()).slice(0, 2)).toEqual(held.slice(1).map(({ traceId }) => traceId));
      expect(states).toEqual(['open', 'half-open', 'closed']);
      expect((await come(spec)).why).toBeUndefined();
    });

    it('stays open for longer when the probe fails, and lets another through where one said nothing', async () => {
      const spec = await insertSpec();
      await open(spec);
      const held = await come(spec);
      await come(spec);
      clock.jump(clock.now() + POLICY.openMs);
      await released();
      await comeAgain(spec, held.traceId);
      await leave(spec, held.traceId, 'failure');
      clock.jump(clock.now() + 2 * POLICY.openMs - 1);
      expect(await released()).toEqual([]);
      clock.jump(clock.now() + 1);
      const [probe = ''] = await released();
      await comeAgain(spec, probe);
      await leave(spec, probe, 'none');
      expect((await come(spec)).why).toBeUndefined();
    });

    it('that another worker has opened is known within a look', async () => {
      const spec = await insertSpec();
      for (let count = 0; count < POLICY.failures; count += 1) {
        await flow.report(spec.traceId, newTraceId(), 'failure', POLICY);
      }
      expect((await come(spec)).why).toBeUndefined();
      clock.jump(clock.now() + EVERY_MS);
      await released();
      expect((await come(spec)).why).toBe('breaker');
      await flow.probe(spec.traceId, 'x', 1);
      clock.jump(clock.now() + POLICY.openMs);
      await flow.probe(spec.traceId, 'x', LEASE_MS);
      await flow.report(spec.traceId, 'x', 'success', POLICY);
      expect(await released()).toHaveLength(1);
    });

    it('is told of a success only after a failure', async () => {
      const spec = await insertSpec();
      await leave(spec, (await come(spec)).traceId, 'failure');
      expect(flowCommands).toBe(1);
      await leave(spec, (await come(spec)).traceId, 'none');
      expect(flowCommands).toBe(1);
      await leave(spec, (await come(spec)).traceId, 'success');
      expect(flowCommands).toBe(2);
      await leave(spec, (await come(spec)).traceId, 'success');
      expect(flowCommands).toBe(2);
      await leave(spec, (await come(spec)).traceId, 'failure');
      expect((await come(spec)).why).toBeUndefined();
    });
  });

  it('goes on by itself, is woken, and stops when it is told to', async () => {
    const spec = await insertSpec({ limits: { concurrency: 1 } });
    const stop = new AbortController();
    const running = gatekeeper.run(stop.signal);
    const first = await come(spec);
    const second = await come(spec);
    await eventually('its sleep', () => clock.sleeping === 1);
    await clock.advance(EVERY_MS);
    await eventually('its sleep', () => clock.sleeping === 1);
    await leave(spec, first.traceId);
    await clock.advance(5);
    await eventually('the next', () => called.includes(second.traceId));
    stop.abort();
    await running;
    expect(clock.sleeping).toBe(0);
  });

  it('comes to everybody who is held, at however many Specs', async () => {
    const now = clock.now();
    const inserted = Array.from({ length: 1_002 }, async (_, index) => {
      const traceId = `Spec${String(index).padStart(12, '0')}`;
      await insertSpec({ traceId, name: traceId.toLowerCase(), paused: index < 1_001 });
      const process = sampleProcess({ specTraceId: traceId, createdAt: now, updatedAt: now, dueAt: now });
      await stores.processes.insert(process);
      const lease = { owner: 'me', until: now + LEASE_MS };
      const claim = await stores.processes.claim(process.traceId, lease, [], now);
      const held = { why: 'paused', key: '', priority: 5, dueAt: now } as const;
      await stores.processes.handBack(claim!, { dueAt: null, held, steps: [] }, now);
      return process.traceId;
    });
    const processes = await Promise.all(inserted);
    for (let look = 0; look < 3; look++) {
      await gatekeeper.runOnce();
      clock.jump(clock.now() + EVERY_MS);
    }
    await eventually('the one that may start', () => called.length === 1);
    expect(called).toEqual([processes.at(-1)]);
  });
});
