import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newTraceId } from '#core';
import type { CallerLimits, Login, LoginPolicy, RequestRate } from '#core';
import { eventually } from '../eventually.js';

/** Caller limits under test. */
export interface CallerLimitsHarness {
  readonly limits: CallerLimits;
  /** What another API has of the same; the same object where only one can be. */
  readonly other: CallerLimits;
  /** Lets time pass, where it is the test that moves it. */
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Nothing is paid back within a test. */
const SLOW: RequestRate = { perSecond: 0.001, burst: 3 };
const POLICY: LoginPolicy = { failures: 3, windowMs: 900_000 };

/** The contract of CallerLimits, for every implementation. */
export function runCallerLimitsConformance(name: string, make: () => Promise<CallerLimitsHarness>): void {
  describe(`${name} as CallerLimits`, () => {
    let harness: CallerLimitsHarness;
    let owner: string;
    let login: Login;
    beforeEach(async () => {
      harness = await make();
      owner = newTraceId();
      login = { network: newTraceId(), name: `user:${newTraceId()}`, credential: 'Basic wrong' };
    });
    afterEach(() => harness.close());

    const passUntil = (what: string, check: () => Promise<boolean>) =>
      eventually(
        what,
        async () => {
          await harness.pass(10);
          return check();
        },
        10_000,
      );
    const taken = async (rate = SLOW, limits = harness.limits) => (await limits.take(owner, rate)).isAllowed;
    const failTimes = async (times: number, policy = POLICY) => {
      for (let time = 0; time < times; time += 1) {
        await (time % 2 === 0 ? harness.limits : harness.other).failed(login, policy);
      }
    };
    const pauseMs = async (one = login, limits = harness.other) => limits.pauseMs(one);
    const expectPause = async (ms: number, one = login) => {
      const pause = await pauseMs(one);
      expect(pause).toBeGreaterThan(ms / 2);
      expect(pause).toBeLessThanOrEqual(ms);
    };

    describe('a rate', () => {
      it('lets a burst through, over all APIs, and then says how long it takes to pay for', async () => {
        expect([await taken(), await taken(SLOW, harness.other), await taken()]).toEqual([true, true, true]);
        for (const limits of [harness.limits, harness.other]) {
          const { isAllowed, paidMs } = await limits.take(owner, SLOW);
          expect(isAllowed).toBe(false);
          expect(paidMs).toBeGreaterThan(2_900_000);
          expect(paidMs).toBeLessThanOrEqual(3_000_000);
        }
      });

      it('lets the next one through when it is paid for', async () => {
        const rate = { perSecond: 10, burst: 1 };
        expect(await taken(rate)).toBe(true);
        await passUntil('the next request', () => taken(rate, harness.other));
      });

      it('is one for each owner', async () => {
        const rate = { ...SLOW, burst: 1 };
        expect([await taken(rate), await taken(rate)]).toEqual([true, false]);
        owner = newTraceId();
        expect(await taken(rate)).toBe(true);
      });

      it('lets no more through when many ask at once', async () => {
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) => taken(SLOW, index % 2 === 0 ? harness.limits : harness.other)),
        );
        expect(answers.filter(Boolean)).toHaveLength(SLOW.burst);
      });

      it('counts a million a second', async () => {
        const rate = { perSecond: 1_000_000, burst: 1_000_000 };
        const { isAllowed, paidMs } = await harness.limits.take(owner, rate);
        expect(isAllowed).toBe(true);
        expect(paidMs).toBeCloseTo(0.001, 3);
      });

      it('that is lowered holds nobody up for longer than its burst', async () => {
        for (let time = 0; time < 3; time += 1) await taken();
        const rate = { perSecond: 10, burst: 1 };
        expect(await taken(rate)).toBe(false);
        await passUntil('the new rate', () => taken(rate));
      });
    });

    describe('failed logins', () => {
      it('cost nothing at first, then 1, 2, 4 … 60 seconds, over all APIs', async () => {
        await failTimes(2);
        expect(await pauseMs()).toBe(0);
        for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
          await failTimes(1);
          await expectPause(seconds * 1_000);
        }
      });

      it('let no more credentials be looked at when many come at once', async () => {
        let looked = 0;
        const guess = async () => {
          const pause = harness.limits.pauseMs(login);
          if ((typeof pause === 'number' ? pause : await pause) > 0 || harness.limits.pauseNowMs(login) > 0) return;
          looked += 1;
          await harness.limits.failed(login, POLICY);
        };
        await Promise.all(Array.from({ length: 50 }, guess));
        expect(looked).toBe(POLICY.failures);
      });

      it('do not stop, at any API, who was let in from there by another', async () => {
        const known = { ...login, name: `user:${newTraceId()}`, credential: 'Basic right' };
        harness.limits.succeeded(known);
        for (let time = 0; time < 3; time += 1) await harness.other.failed(login, POLICY);
        expect(harness.other.pauseNowMs(login)).toBeGreaterThan(0);
        expect(await pauseMs(known)).toBe(0);
        expect(harness.other.pauseNowMs(known)).toBe(0);
      });

      it('let a network try again when it has waited', async () => {
        await failTimes(3);
        await passUntil('the end of the pause', async () => (await pauseMs()) === 0);
        await failTimes(1);
        await expectPause(2_000);
      });

      it('cost other networks nothing', async () => {
        await failTimes(3);
        expect(await pauseMs({ ...login, network: newTraceId() })).toBe(0);
      });

      it('do not stop who was let in from there before, by whichever API', async () => {
        const known = { ...login, name: `user:${newTraceId()}`, credential: 'Basic right' };
        harness.limits.succeeded(known);
        await failTimes(3);
        await expectPause(1_000);
        expect(await pauseMs(known)).toBe(0);
        expect(await pauseMs(known, harness.limits)).toBe(0);
      });

      it('are taken back by a login of the same name alone', async () => {
        await failTimes(2);
        harness.limits.succeeded({ ...login, name: `user:${newTraceId()}`, credential: 'Basic other' });
        await harness.limits.failed(login, POLICY);
        await expectPause(1_000);
        harness.limits.succeeded({ ...login, credential: 'Basic right' });
        await harness.limits.failed(login, POLICY);
        expect(await pauseMs()).toBe(0);
      });

      it('of several names are taken back by none of them', async () => {
        await failTimes(1);
        login = { ...login, name: `user:${newTraceId()}` };
        await failTimes(1);
        harness.limits.succeeded({ ...login, credential: 'Basic right' });
        await harness.limits.failed(login, POLICY);
        await expectPause(1_000);
      });

      it('from many networks against one name leave each of them one', async () => {
        for (let time = 0; time < 16; time += 1) {
          login = { ...login, network: newTraceId() };
          await failTimes(1);
        }
        expect(await pauseMs({ ...login, network: newTraceId() })).toBe(0);
        await expectPause(1_000);
      });

      it('are forgotten after the window', async () => {
        const policy = { failures: 1, windowMs: 50 };
        await failTimes(1, policy);
        await passUntil('the end of the window', async () => (await pauseMs()) === 0);
        await harness.pass(60);
        await failTimes(1, { failures: 2, windowMs: 50 });
        expect(await pauseMs()).toBe(0);
      });
    });
  });
}
