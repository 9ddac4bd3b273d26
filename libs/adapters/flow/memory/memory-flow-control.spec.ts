import { expect, it } from '@jest/globals';
import { FakeClock, runFlowControlConformance } from '#testing';
import { MemoryFlowControl } from './memory-flow-control.js';

runFlowControlConformance('MemoryFlowControl', async () => {
  const clock = new FakeClock();
  const flow = new MemoryFlowControl(clock);
  return { flow, other: flow, pass: (ms) => clock.advance(ms), close: async () => undefined };
});

it('a clock that is set back holds up a rate no longer than a full bucket does', async () => {
  const clock = new FakeClock();
  const flow = new MemoryFlowControl(clock);
  const limits = { requests: 1, seconds: 10 };
  const enter = (key: string) => flow.enter('SpecSpecSpecSpec', limits, { traceId: key.padEnd(16, '0'), key }, 1_000);
  await enter('a');
  clock.jump(clock.now() - 3_600_000);
  expect(await enter('b')).toEqual({ isGranted: false, waitMs: 10_000 });
  clock.jump(clock.now() + 10_000);
  expect(await enter('c')).toMatchObject({ isGranted: true });
});

it('many Specs do not stay in memory once nothing of theirs is counted', async () => {
  const clock = new FakeClock();
  const flow = new MemoryFlowControl(clock);
  for (let index = 0; index < 5_000; index += 1) {
    const specTraceId = String(index).padStart(16, '0');
    await flow.enter(specTraceId, { concurrency: 1 }, { traceId: specTraceId, key: '' }, 1_000);
    await flow.leave(specTraceId, specTraceId);
  }
  expect((flow as unknown as { gates: Map<string, unknown> }).gates.size).toBeLessThanOrEqual(1_000);
});
