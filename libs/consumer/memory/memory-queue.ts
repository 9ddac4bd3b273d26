import type { Consumer, ConsumerFactory, Flow, Intake } from '../consumer.js';
import type { Message } from '../message.js';
import { Fifo } from './fifo.js';

/** What orders the messages of a `MemoryQueue`. */
export interface Line<M> {
  readonly size: number;
  push(message: M): void;
  shift(): M | undefined;
}

/**
 * A queue in the memory of one process, for one consumer at a time. It hands over in batches: as many messages as may
 * be with the processor, in one turn of the event loop.
 */
export class MemoryQueue<M extends Message> implements ConsumerFactory<M> {
  private consumer: Consumer<M> | undefined;
  private intake: Intake<M> | undefined;
  private drainPlanned = false;

  /** @param line first in, first out unless it is given */
  constructor(
    readonly name: string,
    private readonly line: Line<M> = new Fifo<M>(),
  ) {}

  /** How many messages wait. */
  get size(): number {
    return this.line.size;
  }

  /** Of the consumer that there is, or last was: for the context of messages. */
  get signal(): AbortSignal {
    return this.intake?.signal ?? NEVER;
  }

  push(message: M): void {
    this.line.push(message);
    this.planDrain();
  }

  /** @throws Error while there is a consumer. */
  async create(): Promise<Consumer<M>> {
    if (this.consumer) throw new Error(`Expected one consumer of ${this.name}, got a second.`);
    const flow: Flow = {
      more: () => this.planDrain(),
      // Nothing is fetched before it is taken.
      pause: async () => undefined,
      resume: async () => this.planDrain(),
    };
    const consumer: Consumer<M> = {
      consume: async (intake) => {
        this.intake = intake;
        this.planDrain();
        return flow;
      },
      close: async () => {
        if (this.consumer === consumer) this.consumer = undefined;
      },
    };
    this.consumer = consumer;
    return consumer;
  }

  /** Once a turn, so that what was sent or freed in this turn is handed over together. */
  private planDrain(): void {
    if (this.drainPlanned) return;
    this.drainPlanned = true;
    setImmediate(() => {
      this.drainPlanned = false;
      this.drain();
    });
  }

  private drain(): void {
    const { consumer, intake } = this;
    if (!consumer || !intake) return;
    while (this.consumer === consumer && intake.free > 0) {
      const message = this.line.shift();
      if (!message) return;
      intake.take(message);
    }
  }
}

const NEVER = new AbortController().signal;
