import { describe, expect, it } from '@jest/globals';
import { ACK } from '#core';
import { aMessage, eventually, FakeClock, Gate, Inbox, runMessageBusConformance } from '#testing';
import { InProcessBus } from './in-process-bus.js';

runMessageBusConformance('InProcessBus', 'in-process', async () => {
  const clock = new FakeClock();
  const bus = new InProcessBus({ clock, firstRetryMs: 20, maxFailures: 3 });
  return {
    bus,
    pass: (ms) => clock.advance(ms),
    now: () => clock.now(),
    deadLetters: async () => [...bus.deadLetters().letters],
    close: () => bus.close(),
    dispose: async () => undefined,
  };
});

describe('InProcessBus', () => {
  it('refuses messages beyond its room, and takes them again when there is some', async () => {
    const bus = new InProcessBus({ clock: new FakeClock(), maxWaiting: 2 });
    await bus.publish(aMessage());
    await bus.publish(aMessage());
    await expect(bus.publish(aMessage())).rejects.toThrow(
      'Expected fewer than 2 waiting SCHEDULER_PROCESS messages, got 2.',
    );
    await bus.publish(aMessage('SPEC'));
    const inbox = new Inbox();
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 5 }, inbox.handler);
    await inbox.count(2);
    await bus.publish(aMessage());
    await inbox.count(3);
    expect(bus.waiting('SCHEDULER_PROCESS')).toBe(0);
    await bus.close();
  });

  it('has room for whoever can wait only up to a part of it', async () => {
    const bus = new InProcessBus({ clock: new FakeClock(), maxWaiting: 3, maxFilled: 2 });
    expect(bus.room('SCHEDULER_PROCESS')).toBe(2);
    await bus.publish(aMessage());
    expect([bus.room('SCHEDULER_PROCESS'), bus.room('SPEC')]).toEqual([1, 2]);
    await bus.publish(aMessage());
    await bus.publish(aMessage());
    expect(bus.room('SCHEDULER_PROCESS')).toBe(0);
    await bus.close();
  });

  it('hands over exactly by rank, and what is retried at its old rank', async () => {
    const clock = new FakeClock();
    const bus = new InProcessBus({ clock });
    const sent = [30, 10, 20].map((rank) => ({ message: aMessage(), rank, priority: 5 }));
    for (const { message, ...urgency } of sent) await bus.publish(message, urgency);
    const inbox = new Inbox((_, time) => (time === 1 ? { kind: 'retry', afterMs: 0 } : ACK));
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 1 }, inbox.handler);
    await eventually('each of them twice', async () => {
      await clock.advance(1);
      return inbox.received.length === 6;
    });
    const [last, first] = sent.map(({ message }) => message.traceId);
    expect(inbox.received[0]?.traceId).toBe(first);
    expect(inbox.received.at(-1)?.traceId).toBe(last);
    await bus.close();
  });

  it('counts messages that wait to be retried as waiting', async () => {
    const clock = new FakeClock();
    const bus = new InProcessBus({ clock, maxWaiting: 1 });
    const inbox = new Inbox(() => ({ kind: 'retry', afterMs: 1_000 }));
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    await bus.publish(aMessage('SPEC'));
    await inbox.count(1);
    expect(bus.waiting('SPEC')).toBe(1);
    await expect(bus.publish(aMessage('SPEC'))).rejects.toThrow('Expected fewer than 1 waiting SPEC messages');
    await bus.close();
    expect(clock.sleeping).toBe(0);
  });

  it('starts as many handlers as may run in one turn of the event loop', async () => {
    const bus = new InProcessBus({ clock: new FakeClock() });
    const gate = new Gate();
    const inbox = new Inbox(async () => {
      await gate.opened;
      return ACK;
    });
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 50 }, inbox.handler);
    for (let n = 0; n < 80; n += 1) void bus.publish(aMessage());
    expect(inbox.running).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(inbox.running).toBe(50);
    gate.open();
    await new Promise((resolve) => setImmediate(resolve));
    await inbox.count(80);
    await bus.close();
  });

  it('keeps the newest dead letters and counts all', async () => {
    const told: string[] = [];
    const bus = new InProcessBus({
      clock: new FakeClock(),
      maxDeadLetters: 2,
      onDeadLetter: (letter) => told.push(letter.reason),
    });
    const inbox = new Inbox((message) => ({ kind: 'dead', reason: String(message.data) }));
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    for (const n of [1, 2, 3]) await bus.publish(aMessage('SPEC', n));
    await inbox.count(3);
    await bus.close();
    expect(bus.deadLetters().letters.map((letter) => letter.reason)).toEqual(['2', '3']);
    expect(bus.deadLetters().total).toBe(3);
    expect(told).toEqual(['1', '2', '3']);
  });

  it('tells of each handler that throws', async () => {
    const faults: string[] = [];
    const bus = new InProcessBus({
      clock: new FakeClock(),
      onFault: (type, message, error) => faults.push(`${type} ${message.traceId} ${String(error)}`),
    });
    const inbox = new Inbox(() => {
      throw new Error('out of luck');
    });
    const sent = aMessage('SPEC');
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    await bus.publish(sent);
    await inbox.count(1);
    await bus.close();
    expect(faults).toEqual([`SPEC ${sent.traceId} Error: out of luck`]);
  });

  it('takes 50,000 messages in and out without slowing down', async () => {
    const bus = new InProcessBus({ clock: new FakeClock() });
    const message = aMessage();
    for (let n = 0; n < 50_000; n += 1) void bus.publish(message);
    let count = 0;
    const gate = new Gate();
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 1_000 }, async () => {
      count += 1;
      if (count === 50_000) gate.open();
      return ACK;
    });
    await gate.opened;
    await bus.close();
    expect(count).toBe(50_000);
  });
});
