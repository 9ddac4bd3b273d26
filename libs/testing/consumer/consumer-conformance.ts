import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACK, ConsumerBuilder, NACK, NACK_EXIT } from '#consumer';
import type { ConsumerFactory, FailureStrategy, Message } from '#consumer';
import { eventually, Gate } from '../eventually.js';

/** A queue under test that nobody else uses, and what makes its consumers. */
export interface ConsumerHarness {
  readonly factory: ConsumerFactory;
  readonly source: string;
  /** Puts a value into the queue, as JSON. */
  readonly send: (value: unknown, headers?: Readonly<Record<string, string>>) => Promise<void>;
  /** How many messages are in the queue and with no consumer. */
  readonly waiting: () => Promise<number>;
  readonly dispose: () => Promise<void>;
}

/** A processor that remembers what it was given, and the component that runs it. */
class Subject {
  readonly received: Message[] = [];
  running = 0;
  most = 0;
  private readonly stopping = new AbortController();
  private life: Promise<void> | undefined;

  constructor(
    private readonly factory: ConsumerFactory,
    private readonly answer: (message: Message) => Promise<void> | void = () => undefined,
  ) {}

  readonly builder = (): ConsumerBuilder<Message> => {
    return ConsumerBuilder.of('subject', this.factory, async (message) => {
      this.received.push(message);
      this.running += 1;
      this.most = Math.max(this.most, this.running);
      try {
        await this.answer(message);
      } finally {
        this.running -= 1;
      }
    });
  };

  start(builder = this.builder()) {
    const component = builder.build();
    this.life = component.run(this.stopping.signal);
    // Whoever awaits the end is told; until then it is no unhandled rejection.
    this.life.catch(() => undefined);
    return component;
  }

  /** Starts, and resolves when it has been given as many messages. */
  async startAndCount(count: number, builder = this.builder()) {
    const component = this.start(builder);
    await this.count(count);
    return component;
  }

  get values(): unknown[] {
    return this.received.map((message) => message.decode());
  }

  async count(count: number): Promise<void> {
    await eventually(`${count} messages`, () => this.received.length >= count);
  }

  async ended(): Promise<void> {
    await this.life;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.life;
  }
}

/** The contract of Consumer and its factory, for every implementation, as a component sees it. */
export function runConsumerConformance(name: string, make: () => Promise<ConsumerHarness>): void {
  describe(`${name} as a Consumer`, () => {
    let harness: ConsumerHarness;
    let subjects: Subject[];
    beforeEach(async () => {
      subjects = [];
      harness = await make();
    });
    afterEach(async () => {
      await Promise.all(subjects.map((subject) => subject.stop().catch(() => undefined)));
      await harness.dispose();
    });

    function subjectOf(answer?: (message: Message) => Promise<void> | void): Subject {
      const subject = new Subject(harness.factory, answer);
      subjects.push(subject);
      return subject;
    }

    const broken = () => {
      throw new Error('out of luck');
    };

    it('brings a message as it was sent, with its headers and its source', async () => {
      await harness.send({ text: 'naïve ✓ 漢字' }, { traceparent: '00-1-2-01' });
      const subject = subjectOf();
      await subject.startAndCount(1);
      const [message] = subject.received;
      expect(message?.decode()).toEqual({ text: 'naïve ✓ 漢字' });
      expect(message?.payload.toString()).toBe('{"text":"naïve ✓ 漢字"}');
      expect(message?.source).toBe(harness.source);
      expect(message?.context.headers).toMatchObject({ traceparent: '00-1-2-01' });
    });

    it('does not bring a message again that was acknowledged, by the component or by hand and the component', async () => {
      for (const n of [1, 2, 3, 4]) await harness.send(n);
      const subject = subjectOf((message) => ((message.decode() as number) % 2 ? message.ack() : undefined));
      await subject.startAndCount(4);
      await subject.stop();
      expect(subject.values).toEqual([1, 2, 3, 4]);
      expect(await harness.waiting()).toBe(0);
    });

    it('has as many messages with the processor as there are places, and no more', async () => {
      const gate = new Gate();
      const subject = subjectOf(() => gate.opened);
      for (let n = 0; n < 20; n += 1) await harness.send(n);
      await subject.startAndCount(3, subject.builder().withConcurrency(3));
      gate.open();
      await subject.count(20);
      expect(subject.most).toBe(3);
    });

    it.each<[string, FailureStrategy, number]>([
      ['gives a message back and goes on', NACK, 3],
      ['lets a message go and goes on', ACK, 2],
    ])('%s after a failure, as the strategy says', async (_, strategy, times) => {
      const subject = subjectOf((message) => (message.decode() === 'bad' && failOnce() ? broken() : undefined));
      let failures = 0;
      const failOnce = () => (failures += 1) === 1;
      await harness.send('bad');
      await harness.send('good');
      await subject.startAndCount(times, subject.builder().withFailureStrategy(strategy));
      await subject.stop();
      expect(subject.values.filter((value) => value === 'good')).toEqual(['good']);
      expect(subject.values.filter((value) => value === 'bad')).toHaveLength(times - 1);
      expect(await harness.waiting()).toBe(0);
    });

    it('gives a message back and ends with the error, as NackExit says', async () => {
      const gate = new Gate();
      const seen: boolean[] = [];
      const subject = subjectOf(async (message) => {
        if (message.decode() === 'bad') broken();
        await gate.opened;
        seen.push(message.context.signal.aborted);
      });
      for (const value of ['good', 'bad', 'left', 'alone']) await harness.send(value);
      await subject.startAndCount(2, subject.builder().withConcurrency(2).withFailureStrategy(NACK_EXIT));
      const ended = subject.ended();
      gate.open();
      await expect(ended).rejects.toThrow('out of luck');
      expect(seen).toEqual([true]);
      expect(subject.values).toEqual(['good', 'bad']);
      await eventually('three to wait', async () => (await harness.waiting()) === 3);
    });

    it('brings nothing while paused, and everything after resume', async () => {
      const subject = subjectOf();
      const component = subject.builder().build();
      const stop = new AbortController();
      await component.pause();
      const running = component.run(stop.signal);
      await component.started();
      for (const n of [1, 2, 3]) await harness.send(n);
      await eventually('three to wait', async () => (await harness.waiting()) === 3);
      expect(subject.received).toEqual([]);
      await component.resume();
      await subject.count(3);
      stop.abort();
      await running;
    });

    it('gives back what was fetched but not taken when it pauses', async () => {
      const gate = new Gate();
      const subject = subjectOf(() => gate.opened);
      for (let n = 0; n < 5; n += 1) await harness.send(n);
      const component = await subject.startAndCount(1);
      await component.pause();
      await eventually('four to wait', async () => (await harness.waiting()) === 4);
      gate.open();
      await component.resume();
      await subject.count(5);
      expect(new Set(subject.values).size).toBe(5);
    });

    it('settles what runs before it ends, and leaves the rest to the next consumer', async () => {
      const gate = new Gate();
      const subject = subjectOf(() => gate.opened);
      for (let n = 0; n < 5; n += 1) await harness.send(n);
      await subject.startAndCount(2, subject.builder().withConcurrency(2));
      let hasEnded = false;
      const stopping = subject.stop().then(() => (hasEnded = true));
      expect(subject.received[0]?.context.signal.aborted).toBe(true);
      await eventually('three to wait', async () => (await harness.waiting()) === 3);
      expect(hasEnded).toBe(false);
      gate.open();
      await stopping;
      expect(subject.received).toHaveLength(2);
      const next = subjectOf();
      await next.startAndCount(3);
      await next.stop();
      expect([...subject.values, ...next.values].sort()).toEqual([0, 1, 2, 3, 4]);
    });
  });
}
