import type { LogBatch } from '#core';
import { GatheredText } from './gathered-text.js';

/** Those whose texts are as long as this together are enough, in characters. */
const LONGEST = 512 * 1024;

/** Log records that go to the store together, as they come. */
export class GatheredBatch {
  count = 0;
  /** How long their texts are together. */
  characters = 0;
  isClosed = false;
  private readonly text = new GatheredText();

  /** @param record as JSON text. */
  add(record: string): void {
    this.text.add(this.count === 0 ? '[' : ',');
    this.text.add(record);
    this.count += 1;
    this.characters += record.length;
  }

  isFull(mostRecords: number): boolean {
    return this.count >= mostRecords || this.characters >= LONGEST;
  }

  /** Takes no more records; one that the store refused is sent as it is. @returns plain data, which may go to a thread */
  close(): LogBatch {
    if (!this.isClosed) this.text.add(']');
    this.isClosed = true;
    return { count: this.count, json: this.text.read() };
  }
}
