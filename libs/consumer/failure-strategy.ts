import type { Message } from './message.js';

/** What becomes of a message whose processor threw. */
export interface FailureStrategy<M extends Message = Message> {
  /** For the log. */
  readonly name: string;
  /** Whether the component ends with the error once the message is settled. */
  readonly exits: boolean;
  settle(message: M, error: unknown): Promise<void> | void;
}

/** Gives the message back and ends the component with the error: where going on could do harm. */
export const NACK_EXIT: FailureStrategy = { name: 'NackExit', exits: true, settle: (message) => message.nack() };

/** Gives the message back and goes on. A message that always fails comes for ever unless the queue limits it. */
export const NACK: FailureStrategy = { name: 'Nack', exits: false, settle: (message) => message.nack() };

/** Lets the message go and goes on: where a later one makes up for it. */
export const ACK: FailureStrategy = { name: 'Ack', exits: false, settle: (message) => message.ack() };
