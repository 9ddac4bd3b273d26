import type { DeadLetterStore, Principal } from '#core';
import { walkDeadLetters } from './walk-dead-letters.js';
import type { BulkResult, DeadLetterBulk } from './walk-dead-letters.js';

/** How many letters are taken away at a time. */
const PIECE = 100;

/** POST /v1/api/dead-letters/purge: takes letters away for good. Processes stay as they ended. */
export class PurgeDeadLetters {
  constructor(private readonly letters: DeadLetterStore) {}

  /** @returns as `done` how many letters this call has taken away. */
  execute({ project }: Principal, bulk: DeadLetterBulk): Promise<BulkResult> {
    return walkDeadLetters(this.letters, project, bulk, PIECE, async (letters) => {
      const traceIds = letters.map((letter) => letter.traceId);
      return { done: await this.letters.remove(project, traceIds), failed: 0 };
    });
  }
}
