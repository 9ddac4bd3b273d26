import { expect, test } from '@jest/globals';
import { FakeClock, Gate } from '#testing';
import type { Message } from '#core';
import { ClaimedWork } from './claimed-work.js';

/** Work that ends when the test says so. */
function fixture(slots: number, ahead = 0) {
  const clock = new FakeClock();
  const running = new Map<string, () => void>();
  const aborted: string[] = [];
  const faults: string[] = [];
  const givenBack: string[] = [];
  const deliveries: string[] = [];
  const work = new ClaimedWork<string>({
    slots,
    ahead,
    patienceMs: 1_000,
    clock,
    claim: async (traceId) => (traceId.startsWith('none') ? null : traceId),
    run: (id, signal) =>
      new Promise((resolve, reject) => {
        running.set(id, id.startsWith('bad') ? () => reject(new Error(id)) : resolve);
        signal.addEventListener('abort', () => {
          aborted.push(id);
          resolve();
        });
      }),
    giveBack: async (id) => void givenBack.push(id),
    onFault: (traceId) => faults.push(traceId),
  });
  work.attach({
    pause: async () => void deliveries.push('pause'),
    resume: async () => void deliveries.push('resume'),
  });
  return { clock, work, running, aborted, faults, givenBack, deliveries };
}

function message(traceId: string): Message {
  return { type: 'SCHEDULER_PROCESS', traceId, timestamp: 0 };
}

/** Lets so many works begin and end, which is what allows to claim as many ahead. */
async function warmUp({ work, running }: Pick<ReturnType<typeof fixture>, 'work' | 'running'>, count: number) {
  for (let i = 0; i < count; i++) {
    await work.handle(message(`warm ${i}`));
    running.get(`warm ${i}`)?.();
    await settled();
  }
  running.clear();
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a message is acknowledged as soon as its work is claimed, not when it is done', async () => {
  const { work, running } = fixture(1);
  expect(await work.handle(message('a'))).toEqual({ kind: 'ack' });
  expect([...running.keys()]).toEqual(['a']);
});

test('a message of work that somebody holds takes no slot', async () => {
  const { work, running } = fixture(1);
  expect(await work.handle(message('none'))).toEqual({ kind: 'ack' });
  await work.handle(message('a'));
  expect([...running.keys()]).toEqual(['a']);
});

test('slots bound what is under way', async () => {
  const { work, running } = fixture(2);
  await work.handle(message('a'));
  await work.handle(message('b'));
  const third = work.handle(message('c'));
  await settled();
  expect([...running.keys()]).toEqual(['a', 'b']);
  running.get('a')?.();
  expect(await third).toEqual({ kind: 'ack' });
  expect([...running.keys()]).toEqual(['a', 'b', 'c']);
});

test('while every slot is taken for long, messages are left to others and deliveries pause', async () => {
  const { clock, work, running, deliveries } = fixture(1);
  await work.handle(message('a'));
  const second = work.handle(message('b'));
  await settled();
  await clock.advance(1_000);
  expect(await second).toEqual({ kind: 'retry', afterMs: 0 });
  expect(deliveries).toEqual(['pause']);
  running.get('a')?.();
  await settled();
  expect(deliveries).toEqual(['pause', 'resume']);
});

test('what is claimed ahead starts as soon as a slot is free, in order', async () => {
  const { work, running } = fixture(1, 2);
  await warmUp({ work, running }, 2);
  for (const id of ['a', 'b', 'c']) expect(await work.handle(message(id))).toEqual({ kind: 'ack' });
  expect([...running.keys()]).toEqual(['a']);
  running.get('a')?.();
  await settled();
  expect([...running.keys()]).toEqual(['a', 'b']);
});

test('no more is claimed ahead than lately began within the time that it may wait', async () => {
  const { clock, work, running } = fixture(1, 10);
  await warmUp({ work, running }, 3);
  const letIn: string[] = [];
  const offer = (id: string) => void work.handle(message(id)).then(() => letIn.push(id));
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) offer(id);
  await settled();
  // One in the slot, and three ahead: as many as began before it.
  expect(letIn).toEqual(['a', 'b', 'c', 'd']);
  await clock.advance(900);
  running.get('a')?.();
  await settled();
  expect([...running.keys()]).toEqual(['a', 'b']);
});

test('what is claimed ahead goes to others when no slot becomes free for long', async () => {
  const { clock, work, running, givenBack, deliveries } = fixture(1, 2);
  await warmUp({ work, running }, 2);
  for (const id of ['a', 'b', 'c']) await work.handle(message(id));
  await clock.advance(1_000);
  await settled();
  expect([givenBack, deliveries]).toEqual([['b', 'c'], ['pause']]);
  running.get('a')?.();
  await settled();
  expect([...running.keys()]).toEqual(['a']);
  expect(deliveries).toEqual(['pause', 'resume']);
});

test('messages are let in together, when half of what may be claimed ahead is used up', async () => {
  const { work, running } = fixture(2, 4);
  await warmUp({ work, running }, 4);
  const letIn: string[] = [];
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
  for (const id of ids) void work.handle(message(id)).then(() => letIn.push(id));
  await settled();
  expect(letIn).toEqual(ids.slice(0, 6));
  running.get('a')?.();
  await settled();
  expect(letIn).toEqual(ids.slice(0, 6));
  running.get('b')?.();
  await settled();
  expect(letIn).toEqual(ids.slice(0, 8));
});

test('work that fails frees its slot and is told', async () => {
  const { work, running, faults } = fixture(1);
  await work.handle(message('bad'));
  running.get('bad')?.();
  expect(await work.handle(message('a'))).toEqual({ kind: 'ack' });
  expect(faults).toEqual(['bad']);
});

test('a stop lets work end within its grace, then aborts it, and takes no more', async () => {
  const { clock, work, running, aborted } = fixture(2);
  await work.handle(message('quick'));
  await work.handle(message('slow'));
  const stopped = work.stop(5_000);
  expect(await work.handle(message('late'))).toEqual({ kind: 'retry', afterMs: 0 });
  running.get('quick')?.();
  await settled();
  expect(aborted).toEqual([]);
  await clock.advance(5_000);
  await stopped;
  expect(aborted).toEqual(['quick', 'slow']);
});

test('what was being claimed when the order to stop came is given back before its message is answered', async () => {
  const [claimed, givenBack] = [new Gate(), new Gate()];
  const work = new ClaimedWork<string>({
    ...{ slots: 1, ahead: 0, patienceMs: 1_000, clock: new FakeClock() },
    claim: (traceId) => claimed.opened.then(() => traceId),
    run: async () => undefined,
    giveBack: () => givenBack.opened,
    onFault: () => undefined,
  });
  let isAnswered = false;
  const answering = work.handle(message('a')).then(() => (isAnswered = true));
  await work.stop(0);
  claimed.open();
  await settled();
  expect(isAnswered).toBe(false);
  givenBack.open();
  await answering;
});
