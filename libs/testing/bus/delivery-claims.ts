import { expect, it } from '@jest/globals';
import { ACK } from '#core';
import type { MessageType } from '#core';
import type { BusSubject } from './bus-subject.js';
import { aMessage, Inbox } from './inbox.js';

/** Messages come as they were sent, to the consumer of their type. */
export function deliveryClaims(subject: BusSubject): void {
  it('brings a message as it was sent', async () => {
    const inbox = new Inbox();
    const sent = aMessage('SCHEDULER_PROCESS', { text: 'naïve ✓ 漢字', nested: [{ a: null, b: 0.1 }] });
    await subject.consume(inbox);
    await subject.bus.publish(sent);
    await inbox.count(1);
    expect(inbox.received).toEqual([sent]);
  });

  it('brings a message without data without data', async () => {
    const inbox = new Inbox();
    await subject.consume(inbox);
    await subject.bus.publish(aMessage());
    await inbox.count(1);
    expect(inbox.received[0]).not.toHaveProperty('data');
  });

  it('keeps what is sent before anybody consumes', async () => {
    const inbox = new Inbox();
    const sent = [aMessage(), aMessage(), aMessage()];
    for (const message of sent) await subject.bus.publish(message);
    await subject.consume(inbox);
    await inbox.count(3);
    expect(inbox.traceIds).toEqual(sent.map((message) => message.traceId).sort());
  });

  it('gives each type to the consumer of that type', async () => {
    const specs = new Inbox();
    const processes = new Inbox();
    await subject.consume(specs, 5, 'SPEC');
    await subject.consume(processes);
    await Promise.all([
      subject.bus.publish(aMessage('SPEC')),
      subject.bus.publish(aMessage()),
      subject.bus.publish(aMessage('SPEC')),
    ]);
    await specs.count(2);
    await processes.count(1);
    expect(specs.received.map((message) => message.type)).toEqual(['SPEC', 'SPEC']);
    expect(processes.received.map((message) => message.type)).toEqual(['SCHEDULER_PROCESS']);
  });

  it('brings each of 2,000 messages sent at once', async () => {
    const inbox = new Inbox();
    await subject.consume(inbox, 50);
    const sent = Array.from({ length: 2_000 }, () => aMessage());
    await Promise.all(sent.map((message) => subject.bus.publish(message)));
    await inbox.count(2_000, 15_000);
    expect(inbox.traceIds).toEqual(sent.map((message) => message.traceId).sort());
  });

  it('carries a message of 100 KiB', async () => {
    const inbox = new Inbox();
    const sent = aMessage('SCHEDULER_PROCESS_RESPONSE', { base64: 'A'.repeat(100 * 1024) });
    await subject.consume(inbox, 1, 'SCHEDULER_PROCESS_RESPONSE');
    await subject.bus.publish(sent);
    await inbox.count(1);
    expect(inbox.received).toEqual([sent]);
  });

  it('tells of each message what became of it', async () => {
    const inbox = new Inbox((_, time) => {
      if (time === 1) throw new Error('out of luck');
      return ACK;
    });
    const told: unknown[] = [];
    const observer = {
      handled: (type: MessageType, outcome: string, seconds: number) => told.push([type, outcome, seconds >= 0]),
      reconnected: () => undefined,
    };
    await subject.bus.consume('SPEC', { prefetch: 1, observer }, inbox.handler);
    await subject.bus.publish(aMessage('SPEC'));
    await subject.passUntil('the message twice', () => told.length === 2);
    expect(told).toEqual([
      ['SPEC', 'fault', true],
      ['SPEC', 'ack', true],
    ]);
  });

  it('lets a handler publish', async () => {
    const answers = new Inbox();
    const questions = new Inbox(async (message) => {
      await subject.bus.publish({ ...message, type: 'SCHEDULER_PROCESS_RESPONSE' });
      return ACK;
    });
    await subject.consume(questions);
    await subject.consume(answers, 5, 'SCHEDULER_PROCESS_RESPONSE');
    await subject.bus.publish(aMessage());
    await answers.count(1);
  });
}
