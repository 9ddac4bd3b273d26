import type { Message, MessageHandler, MessageType, Outcome } from '#core';
import { ACK, newTraceId } from '#core';
import { eventually } from '../eventually.js';

/** A handler that remembers what it was given, and answers as the test says. */
export class Inbox {
  readonly received: Message[] = [];
  running = 0;
  /** The most handlers that ran at once. */
  most = 0;

  constructor(private readonly answer: (message: Message, time: number) => Promise<Outcome> | Outcome = () => ACK) {}

  readonly handler: MessageHandler = async (message) => {
    this.received.push(message);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    try {
      return await this.answer(message, this.times(message));
    } finally {
      this.running -= 1;
    }
  };

  /** How often a message has come. */
  times(message: Message): number {
    return this.received.filter((other) => other.traceId === message.traceId).length;
  }

  /** The different trace ids that have come, sorted. */
  get traceIds(): string[] {
    return [...new Set(this.received.map((message) => message.traceId))].sort();
  }

  /** Waits until `count` messages have come. */
  async count(count: number, deadlineMs?: number): Promise<void> {
    await eventually(`${count} messages`, () => this.received.length >= count, deadlineMs);
  }
}

/** A message of a type, with a trace id of its own. */
export function aMessage(type: MessageType = 'SCHEDULER_PROCESS', data?: unknown): Message {
  const message = { traceId: newTraceId(), timestamp: Date.parse('2026-01-02T03:04:05.678Z'), type };
  return data === undefined ? message : { ...message, data };
}
