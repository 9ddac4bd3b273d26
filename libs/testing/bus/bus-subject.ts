import { expect } from '@jest/globals';
import type { MessageBus, MessageType, Subscription, Undeliverable } from '#core';
import { eventually } from '../eventually.js';
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

/** What the claims about a bus are made of; `harness` is a new one in each test. */
export class BusSubject {
  harness!: BusHarness;

  get bus(): MessageBus {
    return this.harness.bus;
  }

  consume(inbox: Inbox, prefetch = 5, type: MessageType = 'SCHEDULER_PROCESS'): Promise<Subscription> {
    return this.bus.consume(type, { prefetch }, inbox.handler);
  }

  /** Keeps what the bus gives up, from now on. */
  async keepUndeliverable(): Promise<Undeliverable[]> {
    const kept: Undeliverable[] = [];
    await this.bus.consumeUndeliverable({ prefetch: 2 }, async (undeliverable) => void kept.push(undeliverable));
    return kept;
  }

  /** A round trip through another queue: whatever was on its way before has had the time to come. */
  async roundTrip(): Promise<void> {
    const inbox = new Inbox();
    const subscription = await this.consume(inbox, 1, 'SPEC_UPDATE');
    await this.bus.publish(aMessage('SPEC_UPDATE'));
    await inbox.count(1);
    await subscription.close();
  }

  /** Time passes in small steps until something holds. */
  async passUntil(what: string, check: () => boolean): Promise<void> {
    await eventually(what, async () => {
      await this.harness.pass(10);
      return check();
    });
  }

  /** Sends one more message, which must be all that comes. Nobody may consume meanwhile. */
  async expectQueueEmpty(): Promise<void> {
    const inbox = new Inbox();
    const last = aMessage();
    const subscription = await this.consume(inbox);
    await this.bus.publish(last);
    await inbox.count(1);
    await subscription.close();
    expect(inbox.received).toEqual([last]);
  }
}
