import type { Message, MessageType, Outcome } from '#core';
import type { ClaimedWork } from './claimed-work.js';

/** Handles the messages of one type. */
export interface MessageHandler {
  readonly type: MessageType;
  /** How many messages may be with it at once. */
  readonly prefetch: number;
  /** Returns what becomes of the message; what it throws is translated by the outcome mapper. */
  handle(message: Message): Promise<Outcome>;
  /** Work that outlasts its messages, where the handler starts such. */
  readonly work?: Pick<ClaimedWork<never>, 'attach' | 'stop'>;
}
