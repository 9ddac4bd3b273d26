import { expect, test } from '@jest/globals';
import { FakeClock } from '#testing';
import { Supervisor } from './supervisor.js';
import type { Worker } from './worker.js';

function forever(name: string, onStart: () => void = () => undefined): Worker {
  return {
    name,
    run: (signal) => {
      onStart();
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
  };
}

test('a worker that fails is started again after a growing pause, and the others go on', async () => {
  const clock = new FakeClock();
  const failures: string[] = [];
  const supervisor = new Supervisor({ clock, onFailure: (name, error) => failures.push(`${name}: ${String(error)}`) });
  let starts = 0;
  supervisor.start(forever('steady'));
  supervisor.start({
    name: 'shaky',
    run: async () => {
      starts += 1;
      throw new Error(`fault ${starts}`);
    },
  });
  await clock.advance(0);
  expect(starts).toBe(1);
  await clock.advance(1_000);
  expect(starts).toBe(2);
  await clock.advance(1_999);
  expect(starts).toBe(2);
  await clock.advance(1);
  expect(starts).toBe(3);
  expect(failures).toEqual(['shaky: Error: fault 1', 'shaky: Error: fault 2', 'shaky: Error: fault 3']);
  expect(supervisor.health()).toEqual([
    { name: 'steady', state: 'running', restarts: 0 },
    { name: 'shaky', state: 'restarting', restarts: 3, lastError: 'fault 3' },
  ]);
  await supervisor.stop();
});

test('stopping waits for every worker, is safe twice, and ends a pause at once', async () => {
  const supervisor = new Supervisor({ clock: new FakeClock() });
  let finished = false;
  supervisor.start({
    name: 'slow to end',
    run: async (signal) => {
      await forever('').run(signal);
      await new Promise((resolve) => setImmediate(resolve));
      finished = true;
    },
  });
  supervisor.start({ name: 'failing', run: async () => Promise.reject(new Error('no')) });
  const stopping = [supervisor.stop(), supervisor.stop()];
  expect(supervisor.health().map((worker) => worker.state)).toEqual(['stopping', 'stopping']);
  await Promise.all(stopping);
  expect(finished).toBe(true);
  expect(supervisor.health().map((worker) => worker.state)).toEqual(['stopped', 'stopped']);
  expect(() => supervisor.start(forever('late'))).toThrow('Expected a running supervisor');
});

test('what the others need to the end stops after them', async () => {
  const supervisor = new Supervisor({ clock: new FakeClock() });
  const ended: string[] = [];
  const worker = (name: string) => ({
    name,
    run: async (signal: AbortSignal) => {
      await forever('').run(signal);
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(name);
    },
  });
  supervisor.start(worker('keeper'), { isLast: true });
  supervisor.start(worker('work'));
  await supervisor.stop();
  expect(ended).toEqual(['work', 'keeper']);
});

test('two workers of one name are a mistake', async () => {
  const supervisor = new Supervisor({ clock: new FakeClock() });
  supervisor.start(forever('one'));
  expect(() => supervisor.start(forever('one'))).toThrow('Expected one worker named one, got a second.');
  await supervisor.stop();
});
