import { expect, it } from '@jest/globals';
import type { Message } from '#core';
import { ACK } from '#core';
import { eventually } from '../eventually.js';
import type { BusSubject } from './bus-subject.js';
import { aMessage, Inbox } from './inbox.js';

/** What becomes of a message is what its handler says. */
export function settlingClaims(subject: BusSubject): void {
  it.each(['ack', 'drop'] as const)('does not bring a message again after %s', async (kind) => {
    const inbox = new Inbox(() => ({ kind }));
    const subscription = await subject.consume(inbox);
    await subject.bus.publish(aMessage());
    await inbox.count(1);
    await subscription.close();
    await subject.expectQueueEmpty();
    expect(await subject.harness.deadLetters()).toEqual([]);
  });

  it('brings a message again after retry, not before its time', async () => {
    const inbox = new Inbox((_, time) => (time === 1 ? { kind: 'retry', afterMs: 200 } : ACK));
    const sent = aMessage('SCHEDULER_PROCESS', { n: 1 });
    await subject.consume(inbox);
    await subject.bus.publish(sent);
    await inbox.count(1);
    const start = subject.harness.now();
    await subject.passUntil('the message again', () => inbox.received.length === 2);
    expect(subject.harness.now() - start).toBeGreaterThanOrEqual(195);
    expect(inbox.received).toEqual([sent, sent]);
  });

  it.each([0, 50])('keeps the trace context of a message, also through a retry after %d ms', async (afterMs) => {
    const inbox = new Inbox((_, time) => (time === 1 ? { kind: 'retry', afterMs } : ACK));
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const sent = { ...aMessage(), traceContext: { traceparent, tracestate: 'a=1,b=2' } };
    await subject.consume(inbox);
    await subject.bus.publish(sent);
    await subject.passUntil('the message again', () => inbox.received.length === 2);
    expect(inbox.received).toEqual([sent, sent]);
  });

  it('brings a retried message again at once when asked to', async () => {
    const inbox = new Inbox((_, time) => (time < 4 ? { kind: 'retry', afterMs: 0 } : ACK));
    await subject.consume(inbox);
    await subject.bus.publish(aMessage());
    await subject.passUntil('the message four times', () => inbox.received.length === 4);
  });

  it('does not let a message with a long pause hold up one with a short pause, nor any other', async () => {
    const slow = aMessage();
    const quick = aMessage();
    const pauseOf = (message: Message): number => (message.traceId === slow.traceId ? 3_600_000 : 50);
    const inbox = new Inbox((message, time) => (time === 1 ? { kind: 'retry', afterMs: pauseOf(message) } : ACK));
    await subject.consume(inbox, 1);
    await subject.bus.publish(slow);
    await inbox.count(1);
    await subject.bus.publish(quick);
    await subject.passUntil('the quick message twice', () => inbox.times(quick) === 2);
    expect(inbox.times(slow)).toBe(1);
  });

  it('keeps a dead letter with its reason', async () => {
    const inbox = new Inbox(() => ({ kind: 'dead', reason: 'There is no such spec.' }));
    const sent = aMessage();
    const subscription = await subject.consume(inbox);
    await subject.bus.publish(sent);
    await inbox.count(1);
    await subscription.close();
    const letters = await subject.harness.deadLetters();
    expect(letters.map((letter) => letter.reason)).toEqual(['There is no such spec.']);
    expect(letters[0]!.payload).toContain(sent.traceId);
    await subject.expectQueueEmpty();
  });

  it('retries a message whose handler throws, after a pause', async () => {
    const inbox = new Inbox((_, time) => {
      if (time < 3) throw new Error('out of luck');
      return ACK;
    });
    await subject.consume(inbox);
    await subject.bus.publish(aMessage());
    await subject.passUntil('the message three times', () => inbox.received.length === 3);
    expect(await subject.harness.deadLetters()).toEqual([]);
  });

  it('gives up a message whose handler keeps throwing', async () => {
    const inbox = new Inbox(() => {
      throw new Error('out of luck');
    });
    const subscription = await subject.consume(inbox);
    await subject.bus.publish(aMessage());
    await subject.passUntil('the message three times', () => inbox.received.length === 3);
    await subscription.close();
    const letters = await subject.harness.deadLetters();
    expect(letters.map((letter) => letter.reason)).toEqual(['The handler failed 3 times, lastly with: out of luck']);
  });
}

/** What was given up is with the bus until somebody keeps it. */
export function undeliverableClaims(subject: BusSubject): void {
  it('hands what was given up to whoever keeps it, before and after, and has it no more', async () => {
    const inbox = new Inbox((message) => ({ kind: 'dead', reason: `No good: ${String(message.data)}.` }));
    await subject.consume(inbox, 1, 'SPEC');
    await subject.bus.publish(aMessage('SPEC', 1));
    await inbox.count(1);
    const start = Date.parse('2025-01-01T00:00:00Z');
    const kept = await subject.keepUndeliverable();
    await subject.bus.publish(aMessage('SPEC', 2));
    await subject.passUntil('both', () => kept.length === 2);
    for (const [index, { type, reason, payload, at }] of kept.entries()) {
      expect([type, reason]).toEqual(['SPEC', `No good: ${index + 1}.`]);
      expect(JSON.parse(payload)).toMatchObject({ type: 'SPEC', data: index + 1 });
      expect(at).toBeGreaterThan(start);
    }
    await eventually('none to be left', async () => (await subject.harness.deadLetters()).length === 0);
  });

  it('brings again what could not be kept', async () => {
    let tries = 0;
    await subject.bus.consumeUndeliverable({ prefetch: 1 }, async () => {
      tries += 1;
      if (tries < 3) throw new Error('out of luck');
    });
    const inbox = new Inbox(() => ({ kind: 'dead', reason: 'No good.' }));
    await subject.consume(inbox, 1, 'SPEC');
    await subject.bus.publish(aMessage('SPEC'));
    await subject.passUntil('three tries', () => tries === 3);
  });

  it('tells whoever keeps it when to stop, and leaves to the next what was not kept', async () => {
    let isStopped = false;
    const first = await subject.bus.consumeUndeliverable({ prefetch: 1 }, (_, signal) => {
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          isStopped = true;
          reject(new Error('stopped'));
        });
      });
    });
    await expect(subject.keepUndeliverable()).rejects.toThrow('Expected one consumer of undeliverable messages');
    const inbox = new Inbox(() => ({ kind: 'dead', reason: 'No good.' }));
    await subject.consume(inbox, 1, 'SPEC');
    await subject.bus.publish(aMessage('SPEC'));
    await inbox.count(1);
    await subject.roundTrip();
    await first.close();
    const kept = await subject.keepUndeliverable();
    await subject.passUntil('the letter', () => kept.length === 1);
    expect(isStopped).toBe(true);
  });
}

/** What is no message does not stop the others. Needs a `wire`. */
export function undecodableClaims(subject: BusSubject): void {
  it.each([
    ['is no JSON', 'never {json'],
    ['lacks a trace id', '{"timestamp":"2026-01-01T00:00:00.000Z","type":"SCHEDULER_PROCESS"}'],
    ['is of another type', '{"trace_id":"AAAAbbbbCCCCdddd","timestamp":"2026-01-01T00:00:00.000Z","type":"SPEC"}'],
  ])('makes a dead letter of what %s, and goes on', async (_, text) => {
    const inbox = new Inbox();
    await subject.consume(inbox, 1);
    await subject.harness.wire!.sendText('SCHEDULER_PROCESS', text);
    await subject.bus.publish(aMessage());
    await inbox.count(1);
    const letters = await eventually('a dead letter', async () => {
      const found = await subject.harness.deadLetters();
      return found.length > 0 && found;
    });
    expect(letters).toHaveLength(1);
    expect(letters[0]!.payload).toBe(text);
    expect(letters[0]!.reason).toMatch(/^Expected .*, got .*\.$/);
  });
}
