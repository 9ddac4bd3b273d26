import { describe, expect, it } from '@jest/globals';
import { eventually, FakeClock, Gate } from '#testing';
import { ConsumerBuilder } from './builder.js';
import type { Consumer, Intake } from './consumer.js';
import { NACK } from './failure-strategy.js';
import { MemoryMessage } from './memory/memory-message.js';
import { MemoryQueue } from './memory/memory-queue.js';

/** A source whose consumers break, or cannot be made, when a test says so. */
class Source {
  readonly queue = new MemoryQueue<MemoryMessage>('letters');
  made = 0;
  closed = 0;
  refusal: Error | undefined;
  private intake: Intake<MemoryMessage> | undefined;

  async create(): Promise<Consumer<MemoryMessage>> {
    if (this.refusal) throw this.refusal;
    this.made += 1;
    const consumer = await this.queue.create();
    return {
      consume: (intake) => {
        this.intake = intake;
        return consumer.consume(intake);
      },
      close: () => {
        this.closed += 1;
        return consumer.close();
      },
    };
  }

  send(text: string, headers?: Record<string, string>): void {
    this.queue.push(new MemoryMessage(this.queue, Buffer.from(JSON.stringify(text)), headers));
  }

  break(): void {
    this.intake?.broken(new Error('The line was cut.'));
  }
}

function run(component: { run(signal: AbortSignal): Promise<void> }) {
  const abort = new AbortController();
  const ended = component.run(abort.signal);
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
}

describe('a consumer component', () => {
  it('makes another consumer when one breaks, after a wait, and tells of it', async () => {
    const source = new Source();
    const clock = new FakeClock();
    const lines: string[] = [];
    let reconnects = 0;
    const seen: unknown[] = [];
    const component = ConsumerBuilder.of('letters', source, (message) => void seen.push(message.decode()))
      .withRetries(1, 5_000)
      .withPauses(clock)
      .withLogger({ info: (text) => lines.push(text), warn: (text, error) => lines.push(`${text} ${String(error)}`) })
      .withObserver({ reconnected: () => (reconnects += 1) })
      .build();
    const life = run(component);
    await component.started();
    for (let round = 1; round <= 3; round += 1) {
      source.break();
      source.break();
      await eventually('the wait', () => clock.sleeping === 1);
      expect(source.closed).toBe(round);
      source.send(`letter ${round}`);
      await clock.advance(5_000);
      await eventually('the letter', () => seen.length === round);
    }
    expect(reconnects).toBe(3);
    expect(lines.slice(0, 3)).toEqual([
      'letters consumes.',
      'letters has lost its consumer and makes another in 5000 ms. Error: The line was cut.',
      'letters consumes.',
    ]);
    await life.stop();
    expect(source.made).toBe(4);
    expect(source.closed).toBe(4);
  });

  it('gives up after as many retries in a row as it has, with the reason', async () => {
    const source = new Source();
    source.refusal = new Error('Nobody is there.');
    const clock = new FakeClock();
    const component = ConsumerBuilder.of('letters', source, () => undefined)
      .withRetries(2, 100)
      .withPauses(clock)
      .build();
    const { ended } = run(component);
    for (let wait = 0; wait < 2; wait += 1) {
      await eventually('the wait', () => clock.sleeping === 1);
      await clock.advance(100);
    }
    await expect(ended).rejects.toThrow('Expected a consumer for letters, got none after 2 retries: Nobody is there.');
  });

  it('ends its wait when it is told to stop', async () => {
    const source = new Source();
    source.refusal = new Error('Nobody is there.');
    const clock = new FakeClock();
    const component = ConsumerBuilder.of('letters', source, () => undefined)
      .withRetries(Infinity, 100)
      .withPauses(clock)
      .build();
    const life = run(component);
    await eventually('the wait', () => clock.sleeping === 1);
    await life.stop();
    expect(clock.sleeping).toBe(0);
  });

  it.each(['create', 'consume', 'resume'] as const)('ends though its source says nothing to %s', async (step) => {
    const silence = new Promise<never>(() => undefined);
    let closed = 0;
    let reached: string | undefined;
    const answer = <T>(asked: string, value: T): Promise<T> => {
      reached = asked;
      return asked === step ? silence : Promise.resolve(value);
    };
    const close = async () => void (closed += 1);
    const flow = { more: () => undefined, pause: async () => undefined, resume: () => answer('resume', undefined) };
    const consumer = { consume: () => answer('consume', flow), close };
    const source = { create: () => answer('create', consumer) };
    const life = run(ConsumerBuilder.of('letters', source, () => undefined).build());
    await eventually(step, () => reached === step);
    await life.stop();
    expect(closed).toBe(step === 'create' ? 0 : 1);
  });

  it('closes a consumer that comes after it was told to stop', async () => {
    const source = new Source();
    const gate = new Gate();
    const late = { create: () => gate.opened.then(() => source.create()) };
    const life = run(ConsumerBuilder.of('letters', late, () => undefined).build());
    await life.stop();
    gate.open();
    await eventually('its end', () => source.closed === 1);
  });

  it('measures each message and runs its processor in the span of its headers', async () => {
    const source = new Source();
    const events: string[] = [];
    const component = ConsumerBuilder.of<MemoryMessage, string>('letters', source, (message) => {
      events.push('processed');
      if (message.decode() === 'bad') throw new Error('out of luck');
      return 'done';
    })
      .withFailureStrategy({ ...NACK, settle: (message) => message.ack() })
      .withSettlement((message, result) => {
        events.push(`settled ${result}`);
        message.ack();
      })
      .withObserver({
        received: (message) => events.push(`received ${message.source}`),
        succeeded: (_, seconds, result) => events.push(`succeeded ${result} ${seconds >= 0 && seconds < 5}`),
        failed: (_, seconds, error) => events.push(`failed ${String(error)} ${seconds >= 0 && seconds < 5}`),
      })
      .withTracer((message, process) => {
        events.push(`span of ${String(message.context.headers.traceparent)}`);
        return process();
      })
      .build();
    const life = run(component);
    source.send('good', { traceparent: '1' });
    source.send('bad', { traceparent: '2' });
    await eventually('both', () => events.length === 9);
    await life.stop();
    expect(events).toEqual([
      ...['received letters', 'span of 1', 'processed', 'succeeded done true', 'settled done'],
      ...['received letters', 'span of 2', 'processed', 'failed Error: out of luck true'],
    ]);
  });

  it('refuses what makes no sense', async () => {
    const builder = ConsumerBuilder.of('letters', new Source(), () => undefined);
    for (const concurrency of [0, 1.5, 1_001]) expect(() => builder.withConcurrency(concurrency)).toThrow(RangeError);
    expect(() => builder.withRetries(-1, 0)).toThrow('Expected a number of retries from 0, got -1.');
    expect(() => builder.withRetries(1, NaN)).toThrow('Expected a wait from 0 milliseconds, got NaN.');
    const component = builder.build();
    const life = run(component);
    await expect(component.run(new AbortController().signal)).rejects.toThrow('to run once at a time');
    await life.stop();
  });

  it('does nothing once it has been told to stop', async () => {
    const source = new Source();
    await ConsumerBuilder.of('letters', source, () => undefined)
      .build()
      .run(AbortSignal.abort());
    expect(source.made).toBe(0);
  });
});
