import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LINE_MS, newTraceId, RESERVED_MS } from '#core';
import type { BreakerPolicy, FlowControl, Limits } from '#core';
import { eventually } from '../eventually.js';

/** A flow control under test, with nothing counted. */
export interface FlowHarness {
  readonly flow: FlowControl;
  /** What another worker has of the same; the same object where only one can be. */
  readonly other: FlowControl;
  /** Lets time pass, where it is the test that moves it. */
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const LEASE_MS = 60_000;
const POLICY: BreakerPolicy = { failures: 3, openMs: 150, longestOpenMs: 300 };
/** Nothing comes free within a test. */
const SLOW: Limits = { requests: 2, seconds: 3_600, burst: 2 };

/** The contract of FlowControl, for every implementation. */
export function runFlowControlConformance(name: string, make: () => Promise<FlowHarness>): void {
  describe(`${name} as a FlowControl`, () => {
    let harness: FlowHarness;
    let spec: string;
    beforeEach(async () => {
      harness = await make();
      spec = newTraceId();
    });
    afterEach(() => harness.close());

    const anAsk = (key = '') => ({ traceId: newTraceId(), key });
    const enter = (limits: Limits, ask = anAsk(), { flow = harness.flow, leaseMs = LEASE_MS } = {}) =>
      flow.enter(spec, limits, ask, leaseMs);
    const granted = async (...args: Parameters<typeof enter>) => (await enter(...args)).isGranted;
    const passUntil = (what: string, check: () => Promise<boolean>) =>
      eventually(what, async () => {
        await harness.pass(10);
        return check();
      });

    describe('a rate', () => {
      it('lets a burst start together, over all workers, and then says when the next one may', async () => {
        expect(await granted(SLOW)).toBe(true);
        expect(await granted(SLOW, anAsk(), { flow: harness.other })).toBe(true);
        const { isGranted, waitMs } = await enter(SLOW);
        expect(isGranted).toBe(false);
        expect(waitMs).toBeGreaterThan(1_700_000);
        expect(waitMs).toBeLessThanOrEqual(1_800_000);
      });

      it('spaces starts evenly where no burst is given', async () => {
        const limits = { requests: 10, seconds: 1 };
        expect(await granted(limits, anAsk('a'))).toBe(true);
        const refused = await enter(limits, anAsk('b'));
        expect(refused.isGranted).toBe(false);
        expect(refused.waitMs).toBeGreaterThan(0);
        expect(refused.waitMs).toBeLessThanOrEqual(100);
        await passUntil('the next start', () => granted(limits, anAsk('c')));
      });

      it('is one for each Spec', async () => {
        const limits = { ...SLOW, burst: 1 };
        expect(await granted(limits)).toBe(true);
        expect(await granted(limits)).toBe(false);
        spec = newTraceId();
        expect(await granted(limits)).toBe(true);
      });

      it('follows limits that change', async () => {
        expect(await granted(SLOW)).toBe(true);
        expect(await granted(SLOW)).toBe(true);
        expect(await granted(SLOW, anAsk('other'))).toBe(false);
        await passUntil('the new rate', () => granted({ requests: 100, seconds: 1, burst: 100 }, anAsk('third')));
      });
    });

    describe('concurrency', () => {
      const limits = { concurrency: 2 };

      it('grants as many as may be under way, over all workers, until one leaves', async () => {
        const [first, second] = [anAsk('a'), anAsk('b')];
        expect([await granted(limits, first), await granted(limits, second, { flow: harness.other })]).toEqual([
          true,
          true,
        ]);
        expect(await enter(limits, anAsk('c'))).toEqual({ isGranted: false, waitMs: null });
        await harness.other.leave(spec, first.traceId);
        expect(await granted(limits, anAsk('d'))).toBe(true);
        expect(await granted(limits, anAsk('e'))).toBe(false);
      });

      it('takes back what was not renewed, as from a worker that died, and nothing else', async () => {
        const [dead, alive] = [anAsk('a'), anAsk('b')];
        await enter(limits, dead, { leaseMs: 100 });
        await enter(limits, alive, { leaseMs: 100 });
        await harness.flow.renew(spec, [alive.traceId], LEASE_MS);
        await passUntil('the permit of the dead', () => granted(limits, anAsk(newTraceId())));
        expect(await granted(limits, anAsk('d'))).toBe(false);
      });

      it('counts again what is renewed too late, as by a worker that stood still: it is under way', async () => {
        const late = [anAsk('a'), anAsk('b')];
        for (const ask of late) await enter(limits, ask, { leaseMs: 100 });
        await passUntil('the permit of one', async () => {
          const other = anAsk(newTraceId());
          const isGranted = await granted(limits, other);
          await harness.flow.leave(spec, other.traceId);
          return isGranted;
        });
        const traceIds = late.map(({ traceId }) => traceId);
        await harness.flow.renew(spec, traceIds, LEASE_MS);
        expect(await granted(limits, anAsk('d'))).toBe(false);
        await harness.flow.leave(spec, traceIds[0] ?? '');
        expect(await granted(limits, anAsk('e'))).toBe(true);
        expect(await granted(limits, anAsk('f'))).toBe(false);
      });

      it('does not count what leaves twice, or never came', async () => {
        await harness.flow.leave(spec, newTraceId());
        const asks = ['a', 'b', 'c'].map(anAsk);
        for (const ask of asks.slice(0, 2)) await enter(limits, ask);
        await harness.flow.leave(spec, asks[0]?.traceId ?? '');
        await harness.flow.leave(spec, asks[0]?.traceId ?? '');
        expect(await granted(limits, asks[2])).toBe(true);
        expect(await granted(limits, anAsk('d'))).toBe(false);
      });

      it('is of as many at once as there are permits', async () => {
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            granted(limits, anAsk(String(index)), { flow: index % 2 === 0 ? harness.flow : harness.other }),
          ),
        );
        expect(answers.filter(Boolean)).toHaveLength(2);
      });
    });

    describe('lines', () => {
      const limits = { concurrency: 1 };

      it('keep whoever comes later behind those of their key, and nobody else', async () => {
        const running = anAsk('a');
        await enter(limits, running);
        expect(await granted(limits, anAsk('a'))).toBe(false);
        await harness.flow.leave(spec, running.traceId);
        expect(await enter(limits, anAsk('a'), { flow: harness.other })).toEqual({ isGranted: false, waitMs: 0 });
        expect(await granted(limits, anAsk('b'))).toBe(true);
      });

      it('end when they were emptied', async () => {
        const running = anAsk('a');
        await enter(limits, running);
        await enter(limits, anAsk('a'));
        await harness.flow.leave(spec, running.traceId);
        await harness.other.emptied(spec, ['a', 'x']);
        expect(await granted(limits, anAsk('a'))).toBe(true);
      });

      it('end by themselves when nobody tends them', async () => {
        const running = anAsk('a');
        await enter(limits, running);
        await enter(limits, anAsk('a'));
        await harness.flow.leave(spec, running.traceId);
        await eventually(
          'the end of the line',
          async () => {
            await harness.pass(100);
            return granted(limits, anAsk('a'));
          },
          LINE_MS + 5_000,
        );
      });
    });

    describe('reservations', () => {
      it('are for the first of those asked for, and let exactly those in', async () => {
        const asks = ['a', 'b', 'a'].map(anAsk);
        const { granted: reserved, waitMs } = await harness.flow.reserve(spec, SLOW, asks);
        expect(reserved).toEqual(asks.slice(0, 2).map(({ traceId }) => traceId));
        expect(waitMs).toBeGreaterThan(1_000_000);
        expect(await granted(SLOW, anAsk('c'))).toBe(false);
        expect(await granted(SLOW, asks[0], { flow: harness.other })).toBe(true);
        expect(await granted(SLOW, asks[1])).toBe(true);
        expect(await granted(SLOW, asks[2])).toBe(false);
      });

      it('are made once of two that ask for the same', async () => {
        const asks = ['a', 'b'].map(anAsk);
        const limits = { concurrency: 3 };
        const [first, second] = [
          await harness.flow.reserve(spec, limits, asks),
          await harness.other.reserve(spec, limits, asks),
        ];
        expect([first.granted.length, second.granted.length]).toEqual([2, 0]);
        expect((await harness.flow.reserve(spec, limits, [anAsk(), anAsk()])).granted).toHaveLength(1);
        await enter(limits, asks[0]);
        expect((await harness.flow.reserve(spec, limits, asks)).granted).toEqual([]);
      });

      it('keep their line behind them', async () => {
        const limits = { concurrency: 1 };
        const [first, second] = [anAsk('a'), anAsk('a')];
        expect((await harness.flow.reserve(spec, limits, [first, second])).granted).toEqual([first.traceId]);
        await enter(limits, first);
        await harness.flow.leave(spec, first.traceId);
        expect(await granted(limits, anAsk('a'))).toBe(false);
        expect((await harness.flow.reserve(spec, limits, [second])).granted).toEqual([second.traceId]);
      });

      it('lapse with their permits when nobody comes for them', async () => {
        const limits = { concurrency: 1 };
        const [lost, next] = [anAsk('a'), anAsk('b')];
        await harness.flow.reserve(spec, limits, [lost]);
        await eventually(
          'the permit',
          async () => {
            await harness.pass(100);
            return (await harness.flow.reserve(spec, limits, [next])).granted.length === 1;
          },
          RESERVED_MS + 5_000,
        );
        expect(await granted(limits, lost)).toBe(false);
      });
    });

    it('lets who comes late for a reservation ask anew, before its line', async () => {
      const limits = { concurrency: 1 };
      const [late, behind] = [anAsk('a'), anAsk('a')];
      expect((await harness.flow.reserve(spec, limits, [late, behind])).granted).toEqual([late.traceId]);
      await eventually(
        'its permit to lapse',
        async () => {
          await harness.pass(100);
          return granted(limits, anAsk('b'));
        },
        RESERVED_MS + 5_000,
      );
      expect(await granted(limits, late)).toBe(false);
      const [again, other] = [anAsk('c'), anAsk('c')];
      spec = newTraceId();
      expect((await harness.flow.reserve(spec, limits, [again, other])).granted).toEqual([again.traceId]);
      await eventually(
        'its permit to lapse',
        async () => {
          await harness.pass(100);
          return (await harness.other.reserve(spec, limits, [other])).granted.length === 1;
        },
        RESERVED_MS + 5_000,
      );
      await harness.flow.leave(spec, other.traceId);
      expect(await granted(limits, anAsk('c'))).toBe(false);
      expect(await granted(limits, again, { flow: harness.other })).toBe(true);
    });

    describe('a breaker', () => {
      const fail = (flow = harness.flow, traceId = newTraceId()) => flow.report(spec, traceId, 'failure', POLICY);
      const open = async () => {
        for (let count = 1; count < POLICY.failures; count += 1) await fail();
        return fail(harness.other);
      };
      const probing = async () => {
        const traceId = newTraceId();
        await passUntil('a probe', async () => (await harness.flow.probe(spec, traceId, LEASE_MS)).isGranted);
        return traceId;
      };

      it('opens after so many failures in a row, over all workers', async () => {
        expect(await fail()).toEqual({ state: 'closed', waitMs: 0 });
        expect(await fail(harness.other)).toMatchObject({ state: 'closed' });
        expect(await harness.flow.probe(spec, newTraceId(), LEASE_MS)).toMatchObject({
          state: 'closed',
          isGranted: true,
        });
        const { state, waitMs } = await fail();
        expect(state).toBe('open');
        expect(waitMs).toBeGreaterThan(50);
        expect(waitMs).toBeLessThanOrEqual(POLICY.openMs);
        expect((await harness.other.breakers()).get(spec)).toMatchObject({ state: 'open' });
        expect(await harness.other.probe(spec, newTraceId(), LEASE_MS)).toMatchObject({
          state: 'open',
          isGranted: false,
        });
      });

      it('counts anew after a success, and not what says nothing', async () => {
        await fail();
        await fail();
        await harness.other.report(spec, newTraceId(), 'success', POLICY);
        await fail();
        await fail();
        expect(await harness.flow.report(spec, newTraceId(), 'none', POLICY)).toMatchObject({ state: 'closed' });
        expect((await harness.flow.breakers()).has(spec)).toBe(false);
        expect(await fail()).toMatchObject({ state: 'open' });
      });

      it('lets one probe through after its time, which closes it', async () => {
        await open();
        const probe = await probing();
        const others = await Promise.all(
          [harness.flow, harness.other].map((flow) => flow.probe(spec, newTraceId(), LEASE_MS)),
        );
        expect(others.map(({ isGranted }) => isGranted)).toEqual([false, false]);
        expect((await harness.flow.breakers()).get(spec)).toMatchObject({ state: 'half-open' });
        expect(await harness.other.report(spec, probe, 'success', POLICY)).toEqual({ state: 'closed', waitMs: 0 });
        expect((await harness.flow.breakers()).has(spec)).toBe(false);
        expect(await fail()).toMatchObject({ state: 'closed' });
      });

      it('opens for longer when the probe fails, up to the longest', async () => {
        await open();
        for (const longest of [300, 300]) {
          const { state, waitMs } = await fail(harness.flow, await probing());
          expect(state).toBe('open');
          expect(waitMs).toBeGreaterThan(POLICY.openMs);
          expect(waitMs).toBeLessThanOrEqual(longest);
        }
      });

      it('hears of nobody but the probe while it is open', async () => {
        await open();
        const late = newTraceId();
        expect(await harness.flow.report(spec, late, 'success', POLICY)).toMatchObject({ state: 'open' });
        const probe = await probing();
        expect(await fail()).toMatchObject({ state: 'half-open' });
        expect(await harness.flow.report(spec, late, 'success', POLICY)).toMatchObject({ state: 'half-open' });
        expect(await harness.flow.report(spec, probe, 'success', POLICY)).toMatchObject({ state: 'closed' });
      });

      it('lets another probe through when one said nothing, or its worker died', async () => {
        await open();
        await harness.flow.report(spec, await probing(), 'none', POLICY);
        const dead = await harness.flow.probe(spec, newTraceId(), 50);
        expect(dead).toMatchObject({ state: 'half-open', isGranted: true });
        await probing();
      });
    });
  });
}
