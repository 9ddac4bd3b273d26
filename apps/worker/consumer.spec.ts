import { describe, expect, it } from '@jest/globals';
import { InvalidInput, MESSAGE_TYPES, MessageBus, NotFound, Unavailable } from '#core';
import type { Message, MessageType, Outcome, Subscription } from '#core';
import { FakeClock } from '#testing';
import { Consumer } from './consumer.js';
import type { MessageHandler } from './handlers/message-handler.js';

/** A bus that hands a message straight to its handler. */
class DirectBus extends MessageBus {
  readonly handlers = new Map<MessageType, (message: Message) => Promise<Outcome>>();
  closed = 0;

  async publish(): Promise<void> {
    throw new Error('nobody publishes here');
  }

  async consume(
    type: MessageType,
    _options: unknown,
    handler: (message: Message) => Promise<Outcome>,
  ): Promise<Subscription> {
    this.handlers.set(type, handler);
    const nothing = async () => undefined;
    return { pause: nothing, resume: nothing, close: async () => void (this.closed += 1) };
  }

  async consumeUndeliverable(): Promise<Subscription> {
    throw new Error('nobody keeps dead letters here');
  }

  deliver(type: MessageType): Promise<Outcome> | undefined {
    return this.handlers.get(type)?.({ type, traceId: 'aaaaaaaaaaaaaaaa', timestamp: 0 });
  }
}

function handlers(handle: () => Promise<Outcome>): MessageHandler[] {
  return MESSAGE_TYPES.map((type) => ({ type, prefetch: 1, handle }));
}

const listener = {
  clock: new FakeClock(),
  shutdownMs: 0,
  onReceived: () => undefined,
  onHandled: () => undefined,
  onError: () => undefined,
};

describe('the consumer', () => {
  it('refuses to be made when a message type has no handler, or two', () => {
    const all = handlers(async () => ({ kind: 'ack' }));
    expect(() => new Consumer(new DirectBus(), all.slice(1), listener)).toThrow('exactly one handler of SPEC, got 0');
    expect(() => new Consumer(new DirectBus(), [...all, ...all.slice(4)], listener)).toThrow(
      'exactly one handler of SCHEDULER_PROCESS_RESPONSE, got 2',
    );
  });

  it.each([
    ['a malformed message', new InvalidInput('X', 'Expected y.'), { kind: 'dead', reason: 'Expected y.' }],
    ['a backend that does not answer', new Unavailable('X', 'gone'), { kind: 'retry', afterMs: 2_000 }],
    ['something that is gone', new NotFound('X', 'gone'), { kind: 'drop' }],
    ['what nobody foresaw', new TypeError('oops'), { kind: 'retry', afterMs: 2_000 }],
  ])('turns the error of %s into an outcome', async (_, error, outcome) => {
    const bus = new DirectBus();
    const stop = new AbortController();
    const consumer = new Consumer(
      bus,
      handlers(() => Promise.reject(error)),
      listener,
    );
    const running = consumer.run(stop.signal);
    expect(await bus.deliver('SPEC')).toEqual(outcome);
    stop.abort();
    await running;
    expect(bus.closed).toBe(MESSAGE_TYPES.length);
  });

  it('has messages wait the longer, the longer a backend has been failing', async () => {
    const bus = new DirectBus();
    const clock = new FakeClock();
    const stop = new AbortController();
    const fail = () => Promise.reject(new Unavailable('X', 'gone'));
    const running = new Consumer(bus, handlers(fail), { ...listener, clock }).run(stop.signal);
    expect(await bus.deliver('SPEC')).toEqual({ kind: 'retry', afterMs: 2_000 });
    await clock.advance(3_000);
    expect(await bus.deliver('SCHEDULER_PROCESS')).toEqual({ kind: 'retry', afterMs: 4_000 });
    stop.abort();
    await running;
  });
});
