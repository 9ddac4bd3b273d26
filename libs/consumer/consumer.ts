import type { Message } from './message.js';

/** Where a consumer hands over what it fetches: the component's side of it. */
export interface Intake<M extends Message> {
  /** For `Message.context`. */
  readonly signal: AbortSignal;
  /** How many messages may be with the processor at once: tells how far it makes sense to fetch ahead. */
  readonly concurrency: number;
  /** Whether to begin paused. */
  readonly isPaused: boolean;
  /** How many messages may be taken just now: 0 while paused or ending. */
  readonly free: number;
  /** Hands a message over, after `free` was asked; the processor has been called when this returns. */
  take(message: M): void;
  /** Says that the consumer cannot go on: it is closed and another one made. Saying so twice changes nothing. */
  broken(reason: unknown): void;
}

/** How the component steers a consumer that consumes. */
export interface Flow {
  /** There is room again. Called after every message: must be cheap. */
  more(): void;
  /** Fetches nothing more until `resume`, and gives back what was fetched but not taken. Never rejects. */
  pause(): Promise<void>;
  /** Fetches (again). Never rejects. */
  resume(): Promise<void>;
}

/**
 * Brings messages from one source. It lives once: from its factory to `close`, or until it is broken. It pushes, as far
 * as the intake has room, so that many messages can be handed over in one turn of the event loop.
 */
export interface Consumer<M extends Message = Message> {
  /** Begins to fetch. Called once. @throws when it cannot: the consumer is closed then. */
  consume(intake: Intake<M>): Promise<Flow>;
  /** Ends, in bounded time and without rejecting; messages that are not settled come again, here or elsewhere. */
  close(): Promise<void>;
}

/** Makes consumers: a first one, and another each time that one broke. */
export interface ConsumerFactory<M extends Message = Message> {
  /**
   * @param signal aborts when no consumer is wanted any more: the promise must then settle soon.
   * @throws when there can be none just now; it is asked again as the component's retries say.
   */
  create(signal: AbortSignal): Promise<Consumer<M>>;
}
