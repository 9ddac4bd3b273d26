import { expect, it } from '@jest/globals';
import { ACK, Unavailable } from '#core';
import { eventually, Gate } from '../eventually.js';
import type { BusSubject } from './bus-subject.js';
import { aMessage, Inbox } from './inbox.js';

/** How many messages come, and when none. */
export function flowClaims(subject: BusSubject): void {
  it('runs as many handlers at once as prefetch says, and no more', async () => {
    const gate = new Gate();
    const inbox = new Inbox(async () => {
      await gate.opened;
      return ACK;
    });
    await subject.consume(inbox, 3);
    await Promise.all(Array.from({ length: 20 }, () => subject.bus.publish(aMessage())));
    await inbox.count(3);
    await subject.roundTrip();
    expect(inbox.running).toBe(3);
    gate.open();
    await inbox.count(20);
    expect(inbox.most).toBe(3);
  });

  it('brings nothing while paused, and everything after resume', async () => {
    const gate = new Gate();
    const inbox = new Inbox(async () => {
      await gate.opened;
      return ACK;
    });
    const subscription = await subject.consume(inbox, 2);
    await subject.bus.publish(aMessage());
    await inbox.count(1);
    await subscription.pause();
    await subscription.pause();
    await Promise.all(Array.from({ length: 5 }, () => subject.bus.publish(aMessage())));
    await subject.roundTrip();
    expect(inbox.received).toHaveLength(1);
    gate.open();
    await eventually('the handler to end', () => inbox.running === 0);
    await subject.roundTrip();
    expect(inbox.received).toHaveLength(1);
    await subscription.resume();
    await subscription.resume();
    await inbox.count(6);
    expect(inbox.traceIds).toHaveLength(6);
  });

  it('settles rightly however fast pause and resume follow each other', async () => {
    const inbox = new Inbox();
    const subscription = await subject.consume(inbox, 2);
    const sent = Array.from({ length: 100 }, () => aMessage());
    const publishing = Promise.all(sent.map((message) => subject.bus.publish(message)));
    for (let round = 0; round < 10; round += 1) {
      void subscription.pause();
      void subscription.resume();
      if (round % 3 === 0) await subscription.pause();
    }
    await subscription.resume();
    await publishing;
    await inbox.count(100);
    expect(inbox.traceIds).toEqual(sent.map((message) => message.traceId).sort());
  });

  it('hands over by rank what waits, and other types in turn', async () => {
    const gate = new Gate();
    const inbox = new Inbox(async () => {
      await gate.opened;
      return ACK;
    });
    await subject.consume(inbox, 1);
    await subject.bus.publish(aMessage());
    await inbox.count(1);
    const sent = [7, 3, 9, 1, 5].map((priority) => ({ message: aMessage(), priority, rank: -priority }));
    await Promise.all(sent.map(({ message, ...urgency }) => subject.bus.publish(message, urgency)));
    await subject.roundTrip();
    // What a consumer between processes has not fetched it cannot choose from: it has the first of each queue at least.
    const urgent = sent.filter(({ priority }) => priority > 5).map(({ message }) => message.traceId);
    gate.open();
    await inbox.count(6);
    const order = inbox.received.slice(1).map(({ traceId }) => traceId);
    expect(new Set(order.slice(0, 2))).toEqual(new Set(urgent));
    expect(order[2]).toBe(sent[4]?.message.traceId);
  });

  it('has room while it takes messages, and none once closed', async () => {
    expect(subject.bus.room('SCHEDULER_PROCESS')).toBeGreaterThan(0);
    await subject.harness.close();
    expect(subject.bus.room('SCHEDULER_PROCESS')).toBe(0);
  });

  it('waits at close for each handler that runs, and brings nothing more', async () => {
    const gate = new Gate();
    const inbox = new Inbox(async () => {
      await gate.opened;
      return ACK;
    });
    const subscription = await subject.consume(inbox, 2);
    await Promise.all(Array.from({ length: 5 }, () => subject.bus.publish(aMessage())));
    await inbox.count(2);
    let closed = false;
    const closing = Promise.all([subscription.close(), subscription.close()]).then(() => (closed = true));
    await subject.roundTrip();
    expect(closed).toBe(false);
    gate.open();
    await closing;
    await subscription.close();
    await subscription.resume();
    expect(inbox.received).toHaveLength(2);
    const next = new Inbox();
    await subject.consume(next);
    await next.count(3);
    expect(new Set([...inbox.traceIds, ...next.traceIds]).size).toBe(5);
  });

  it('refuses a second consumer of one type until the first is closed', async () => {
    const subscription = await subject.consume(new Inbox());
    await expect(subject.consume(new Inbox())).rejects.toThrow(/^Expected one consumer of SCHEDULER_PROCESS messages/);
    await subscription.close();
    const inbox = new Inbox();
    await subject.consume(inbox);
    await subject.bus.publish(aMessage());
    await inbox.count(1);
  });

  it.each([0, 1_001, 1.5])('refuses a prefetch of %d', async (prefetch) => {
    await expect(subject.consume(new Inbox(), prefetch)).rejects.toThrow('Expected a prefetch from 1 to 1000');
    await subject.consume(new Inbox());
  });

  it('is ready while it takes messages, and refuses them once closed', async () => {
    expect(subject.bus.ready()).toBe(true);
    await subject.harness.close();
    expect(subject.bus.ready()).toBe(false);
    await expect(subject.bus.publish(aMessage())).rejects.toThrow(Unavailable);
  });
}

/** What one worker does not take, another may have. Needs a `wire`. */
export function sharingClaims(subject: BusSubject): void {
  it('lets another worker have the messages of a paused one', async () => {
    const gate = new Gate();
    const paused = new Inbox(async () => {
      await gate.opened;
      return ACK;
    });
    const subscription = await subject.consume(paused, 2);
    await Promise.all(Array.from({ length: 10 }, () => subject.bus.publish(aMessage())));
    await paused.count(2);
    await subscription.pause();
    const other = new Inbox();
    await (await subject.harness.wire!.another()).consume('SCHEDULER_PROCESS', { prefetch: 5 }, other.handler);
    await other.count(8);
    gate.open();
    await subscription.close();
    expect(new Set([...paused.traceIds, ...other.traceIds]).size).toBe(10);
    expect(paused.received).toHaveLength(2);
  });
}
