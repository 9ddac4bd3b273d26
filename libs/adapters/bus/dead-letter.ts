import type { MessageType } from '#core';

/** A message that cannot be handled, kept for people to look at. */
export interface DeadLetter {
  /** The queue it was in. */
  readonly type: MessageType;
  /** One sentence. */
  readonly reason: string;
  /** The message's text as it came. */
  readonly payload: string;
  /** When it was given up, in epoch milliseconds. */
  readonly at: number;
}
