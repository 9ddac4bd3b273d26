import { Permanent } from '#core';
import type { Warning } from './warning.js';

/** A document that cannot become a client, and all that was repaired before that showed. */
export class DocumentRefused extends Permanent {
  constructor(
    code: string,
    message: string,
    /** Line and column may be missing: a document that was not read to its end has no places to look up. */
    readonly warnings: readonly Warning[],
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
  }
}
