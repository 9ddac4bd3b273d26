import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Message, MessageBus, MessageType, Subscription } from '#core';
import { ACK, Unavailable } from '#core';
import { eventually, Gate } from '../eventually.js';
import { aMessage, Inbox } from './inbox.js';

/** A bus under test, on queues that nobody else uses. */
export interface BusHarness {
  /** Made with `firstRetryMs` of 20 and `maxFailures` of 3. */
  readonly bus: MessageBus;
  /** What only a bus between processes has. */
  readonly wire?:
    | {
        /** Another bus object on the same queues. */
        readonly another: () => Promise<MessageBus>;
        /** Puts any text into a queue. */
        readonly sendText: (type: MessageType, text: string) => Promise<void>;
      }
    | undefined;
  /** Lets time pass, where it is the test that moves it. */
  readonly pass: (ms: number) => Promise<void>;
  /** Milliseconds by the clock that `pass` moves. */
  readonly now: () => number;
  /** The dead letters so far. */
  readonly deadLetters: () => Promise<{ readonly reason: string; readonly payload: string }[]>;
  /** Closes the bus; it is called once by the suite, and `dispose` after it. */
  readonly close: () => Promise<void>;
  /** Removes queues and closes whatever else was opened. */
  readonly dispose: () => Promise<void>;
}

/**
 * The contract of MessageBus, for every implementation.
 * @param reach whether the bus goes between processes; then `make` gives a `wire`, and more is asked.
 */
export function runMessageBusConformance(
  name: string,
  reach: 'in-process' | 'between-processes',
  make: () => Promise<BusHarness>,
): void {
  describe(`${name} as a MessageBus`, () => {
    let harness: BusHarness;
    let bus: MessageBus;
    beforeEach(async () => {
      harness = await make();
      ({ bus } = harness);
    });
    afterEach(async () => {
      await harness.close();
      await harness.dispose();
    });

    const consume = (inbox: Inbox, prefetch = 5, type: MessageType = 'SCHEDULER_PROCESS'): Promise<Subscription> =>
      bus.consume(type, { prefetch }, inbox.handler);

    /** A round trip through another queue: whatever was on its way before has had the time to come. */
    async function roundTrip(): Promise<void> {
      const inbox = new Inbox();
      const subscription = await consume(inbox, 1, 'SPEC_UPDATE');
      await bus.publish(aMessage('SPEC_UPDATE'));
      await inbox.count(1);
      await subscription.close();
    }

    /** Time passes in small steps until something holds. */
    const passUntil = (what: string, check: () => boolean): Promise<unknown> =>
      eventually(what, async () => {
        await harness.pass(10);
        return check();
      });

    async function expectQueueEmpty(): Promise<void> {
      const inbox = new Inbox();
      const last = aMessage();
      const subscription = await consume(inbox);
      await bus.publish(last);
      await inbox.count(1);
      await subscription.close();
      expect(inbox.received).toEqual([last]);
    }

    it('brings a message as it was sent', async () => {
      const inbox = new Inbox();
      const sent = aMessage('SCHEDULER_PROCESS', { text: 'naïve ✓ 漢字', nested: [{ a: null, b: 0.1 }] });
      await consume(inbox);
      await bus.publish(sent);
      await inbox.count(1);
      expect(inbox.received).toEqual([sent]);
    });

    it('brings a message without data without data', async () => {
      const inbox = new Inbox();
      await consume(inbox);
      await bus.publish(aMessage());
      await inbox.count(1);
      expect(inbox.received[0]).not.toHaveProperty('data');
    });

    it('keeps what is sent before anybody consumes', async () => {
      const inbox = new Inbox();
      const sent = [aMessage(), aMessage(), aMessage()];
      for (const message of sent) await bus.publish(message);
      await consume(inbox);
      await inbox.count(3);
      expect(inbox.traceIds).toEqual(sent.map((message) => message.traceId).sort());
    });

    it('gives each type to the consumer of that type', async () => {
      const specs = new Inbox();
      const processes = new Inbox();
      await consume(specs, 5, 'SPEC');
      await consume(processes);
      await Promise.all([bus.publish(aMessage('SPEC')), bus.publish(aMessage()), bus.publish(aMessage('SPEC'))]);
      await specs.count(2);
      await processes.count(1);
      expect(specs.received.map((message) => message.type)).toEqual(['SPEC', 'SPEC']);
      expect(processes.received.map((message) => message.type)).toEqual(['SCHEDULER_PROCESS']);
    });

    it('brings each of 2,000 messages sent at once', async () => {
      const inbox = new Inbox();
      await consume(inbox, 50);
      const sent = Array.from({ length: 2_000 }, () => aMessage());
      await Promise.all(sent.map((message) => bus.publish(message)));
      await inbox.count(2_000, 15_000);
      expect(inbox.traceIds).toEqual(sent.map((message) => message.traceId).sort());
    });

    it('carries a message of 100 KiB', async () => {
      const inbox = new Inbox();
      const sent = aMessage('SCHEDULER_PROCESS_RESPONSE', { base64: 'A'.repeat(100 * 1024) });
      await consume(inbox, 1, 'SCHEDULER_PROCESS_RESPONSE');
      await bus.publish(sent);
      await inbox.count(1);
      expect(inbox.received).toEqual([sent]);
    });

    it.each(['ack', 'drop'] as const)('does not bring a message again after %s', async (kind) => {
      const inbox = new Inbox(() => ({ kind }));
      const subscription = await consume(inbox);
      await bus.publish(aMessage());
      await inbox.count(1);
      await subscription.close();
      await expectQueueEmpty();
      expect(await harness.deadLetters()).toEqual([]);
    });

    it('brings a message again after retry, not before its time', async () => {
      const inbox = new Inbox((_, time) => (time === 1 ? { kind: 'retry', afterMs: 200 } : ACK));
      const sent = aMessage('SCHEDULER_PROCESS', { n: 1 });
      await consume(inbox);
      await bus.publish(sent);
      await inbox.count(1);
      const start = harness.now();
      await passUntil('the message again', () => inbox.received.length === 2);
      expect(harness.now() - start).toBeGreaterThanOrEqual(195);
      expect(inbox.received).toEqual([sent, sent]);
    });

    it('brings a retried message again at once when asked to', async () => {
      const inbox = new Inbox((_, time) => (time < 4 ? { kind: 'retry', afterMs: 0 } : ACK));
      await consume(inbox);
      await bus.publish(aMessage());
      await passUntil('the message four times', () => inbox.received.length === 4);
    });

    it('does not let a message with a long pause hold up one with a short pause, nor any other', async () => {
      const slow = aMessage();
      const quick = aMessage();
      const pauseOf = (message: Message): number => (message.traceId === slow.traceId ? 3_600_000 : 50);
      const inbox = new Inbox((message, time) => (time === 1 ? { kind: 'retry', afterMs: pauseOf(message) } : ACK));
      await consume(inbox, 1);
      await bus.publish(slow);
      await inbox.count(1);
      await bus.publish(quick);
      await passUntil('the quick message twice', () => inbox.times(quick) === 2);
      expect(inbox.times(slow)).toBe(1);
    });

    it('keeps a dead letter with its reason', async () => {
      const inbox = new Inbox(() => ({ kind: 'dead', reason: 'There is no such spec.' }));
      const sent = aMessage();
      const subscription = await consume(inbox);
      await bus.publish(sent);
      await inbox.count(1);
      await subscription.close();
      const letters = await harness.deadLetters();
      expect(letters.map((letter) => letter.reason)).toEqual(['There is no such spec.']);
      expect(letters[0]!.payload).toContain(sent.traceId);
      await expectQueueEmpty();
    });

    it('retries a message whose handler throws, after a pause', async () => {
      const inbox = new Inbox((_, time) => {
        if (time < 3) throw new Error('out of luck');
        return ACK;
      });
      await consume(inbox);
      await bus.publish(aMessage());
      await passUntil('the message three times', () => inbox.received.length === 3);
      expect(await harness.deadLetters()).toEqual([]);
    });

    it('gives up a message whose handler keeps throwing', async () => {
      const inbox = new Inbox(() => {
        throw new Error('out of luck');
      });
      const subscription = await consume(inbox);
      await bus.publish(aMessage());
      await passUntil('the message three times', () => inbox.received.length === 3);
      await subscription.close();
      const letters = await harness.deadLetters();
      expect(letters.map((letter) => letter.reason)).toEqual(['The handler failed 3 times, lastly with: out of luck']);
    });

    it('runs as many handlers at once as prefetch says, and no more', async () => {
      const gate = new Gate();
      const inbox = new Inbox(async () => {
        await gate.opened;
        return ACK;
      });
      await consume(inbox, 3);
      await Promise.all(Array.from({ length: 20 }, () => bus.publish(aMessage())));
      await inbox.count(3);
      await roundTrip();
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
      const subscription = await consume(inbox, 2);
      await bus.publish(aMessage());
      await inbox.count(1);
      await subscription.pause();
      await subscription.pause();
      await Promise.all(Array.from({ length: 5 }, () => bus.publish(aMessage())));
      await roundTrip();
      expect(inbox.received).toHaveLength(1);
      gate.open();
      await eventually('the handler to end', () => inbox.running === 0);
      await roundTrip();
      expect(inbox.received).toHaveLength(1);
      await subscription.resume();
      await subscription.resume();
      await inbox.count(6);
      expect(inbox.traceIds).toHaveLength(6);
    });

    it('settles rightly however fast pause and resume follow each other', async () => {
      const inbox = new Inbox();
      const subscription = await consume(inbox, 2);
      const sent = Array.from({ length: 100 }, () => aMessage());
      const publishing = Promise.all(sent.map((message) => bus.publish(message)));
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

    it('waits at close for each handler that runs, and brings nothing more', async () => {
      const gate = new Gate();
      const inbox = new Inbox(async () => {
        await gate.opened;
        return ACK;
      });
      const subscription = await consume(inbox, 2);
      await Promise.all(Array.from({ length: 5 }, () => bus.publish(aMessage())));
      await inbox.count(2);
      let closed = false;
      const closing = Promise.all([subscription.close(), subscription.close()]).then(() => (closed = true));
      await roundTrip();
      expect(closed).toBe(false);
      gate.open();
      await closing;
      await subscription.close();
      await subscription.resume();
      expect(inbox.received).toHaveLength(2);
      const next = new Inbox();
      await consume(next);
      await next.count(3);
      expect(new Set([...inbox.traceIds, ...next.traceIds]).size).toBe(5);
    });

    it('refuses a second consumer of one type until the first is closed', async () => {
      const subscription = await consume(new Inbox());
      await expect(consume(new Inbox())).rejects.toThrow(/^Expected one consumer of SCHEDULER_PROCESS messages/);
      await subscription.close();
      const inbox = new Inbox();
      await consume(inbox);
      await bus.publish(aMessage());
      await inbox.count(1);
    });

    it.each([0, 1_001, 1.5])('refuses a prefetch of %d', async (prefetch) => {
      await expect(consume(new Inbox(), prefetch)).rejects.toThrow('Expected a prefetch from 1 to 1000');
      await consume(new Inbox());
    });

    it('lets a handler publish', async () => {
      const answers = new Inbox();
      const questions = new Inbox(async (message) => {
        await bus.publish({ ...message, type: 'SCHEDULER_PROCESS_RESPONSE' });
        return ACK;
      });
      await consume(questions);
      await consume(answers, 5, 'SCHEDULER_PROCESS_RESPONSE');
      await bus.publish(aMessage());
      await answers.count(1);
    });

    it('refuses to publish once closed', async () => {
      await harness.close();
      await expect(bus.publish(aMessage())).rejects.toThrow(Unavailable);
    });

    if (reach === 'in-process') return;

    it.each([
      ['is no JSON', 'never {json'],
      ['lacks a trace id', '{"timestamp":"2026-01-01T00:00:00.000Z","type":"SCHEDULER_PROCESS"}'],
      ['is of another type', '{"trace_id":"AAAAbbbbCCCCdddd","timestamp":"2026-01-01T00:00:00.000Z","type":"SPEC"}'],
    ])('makes a dead letter of what %s, and goes on', async (_, text) => {
      const inbox = new Inbox();
      await consume(inbox, 1);
      await harness.wire!.sendText('SCHEDULER_PROCESS', text);
      await bus.publish(aMessage());
      await inbox.count(1);
      const letters = await eventually('a dead letter', async () => {
        const found = await harness.deadLetters();
        return found.length > 0 && found;
      });
      expect(letters).toHaveLength(1);
      expect(letters[0]!.payload).toBe(text);
      expect(letters[0]!.reason).toMatch(/^Expected .*, got .*\.$/);
    });

    it('lets another worker have the messages of a paused one', async () => {
      const gate = new Gate();
      const paused = new Inbox(async () => {
        await gate.opened;
        return ACK;
      });
      const subscription = await consume(paused, 2);
      await Promise.all(Array.from({ length: 10 }, () => bus.publish(aMessage())));
      await paused.count(2);
      await subscription.pause();
      const other = new Inbox();
      await (await harness.wire!.another()).consume('SCHEDULER_PROCESS', { prefetch: 5 }, other.handler);
      await other.count(8);
      gate.open();
      await subscription.close();
      expect(new Set([...paused.traceIds, ...other.traceIds]).size).toBe(10);
      expect(paused.received).toHaveLength(2);
    });
  });
}
