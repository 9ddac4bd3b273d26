import type { Exchange } from './exchange.js';

/** A request that waits for a stream. */
export interface Waiting {
  readonly path: string;
  /** Names and values in turn, each character one byte. */
  readonly headers: string[];
  readonly exchange: Exchange;
  /** How often a service has handed it back unread. */
  handedBack: number;
}
