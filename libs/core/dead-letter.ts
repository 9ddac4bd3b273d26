import type { MessageType } from './message.js';

export const DEAD_LETTER_KINDS = ['process', 'message'] as const;
export type DeadLetterKind = (typeof DEAD_LETTER_KINDS)[number];

/**
 * What was given up and is kept for people, with the reason: a process that used up its attempts or whose outcome is
 * unknown, or a message that no handler can deal with.
 */
export type DeadLetter = DeadProcess | DeadMessage;

interface DeadLetterCommon {
  /** Of a process: its own. Of a message: the letter's, made from what the message is. */
  readonly traceId: string;
  readonly project: string;
  /** One sentence. */
  readonly reason: string;
  /** When it was given up, in epoch milliseconds. */
  readonly at: number;
}

/** A process in ERROR. The letter is a mark on it: it goes where the process goes. */
export interface DeadProcess extends DeadLetterCommon {
  readonly kind: 'process';
  readonly service: string;
  readonly specTraceId: string | null;
  /** How many calls were made. */
  readonly attempts: number;
}

export interface DeadMessage extends DeadLetterCommon {
  readonly kind: 'message';
  /** The type whose queue it was in; null when that is not known. */
  readonly type: MessageType | null;
  /** How long its text was, in bytes of UTF-8. */
  readonly bytes: number;
  /** The beginning of its text with secrets masked, for people. */
  readonly excerpt: string;
}

/** Which dead letters are meant: those that meet every condition that is set. */
export interface DeadLetterFilter {
  readonly kind?: DeadLetterKind | undefined;
  /** In lower case; only processes have one. */
  readonly service?: string | undefined;
  /** Only messages have one. */
  readonly type?: MessageType | undefined;
  /** Text that the reason holds, in any case. */
  readonly reason?: string | undefined;
  /** Given up at this time or later, in epoch milliseconds. */
  readonly from?: number | undefined;
  /** Given up before this time, in epoch milliseconds. */
  readonly before?: number | undefined;
}

export interface DeadLetterQuery extends DeadLetterFilter {
  /** How many letters a page holds at most, from 1. */
  readonly limit: number;
  /** The `next` of the page before, asked for with the same conditions; absent for the first. */
  readonly cursor?: string | undefined;
}

export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** Where the next page begins, in the store's own words; null behind the last. */
  readonly next: string | null;
}
