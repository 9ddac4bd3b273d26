import type { Message } from './message.js';

/** Told of what a component does, for figures. Must not throw. */
export interface ConsumerObserver<M extends Message = Message, Result = void> {
  /** A message is about to be processed. */
  received?(message: M): void;
  /** @param seconds that the processor took */
  succeeded?(message: M, seconds: number, result: Result): void;
  failed?(message: M, seconds: number, error: unknown): void;
  /** A consumer was made in place of one that broke. */
  reconnected?(): void;
}

/** Takes lines for people. Must not throw. */
export interface ConsumerLogger {
  info(text: string): void;
  warn(text: string, error: unknown): void;
}

/**
 * Runs a processor within a span of the trace that `message.context.headers` names. It must call `run` once and give
 * back what that gives, as it is.
 */
export type ConsumerTracer<M extends Message = Message> = <Result>(message: M, run: () => Result) => Result;
