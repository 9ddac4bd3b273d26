import type { Response } from '../scheduler-process.js';

/** Keeps answers for reuse. It may forget at any time; a fault of it is a miss, never a failed call. */
export abstract class ResponseCache {
  /** Whether it is there; while it is not, everything is a miss. Costs nothing to ask. */
  ready(): boolean {
    return true;
  }

  /** The answer kept under a key, or null. Never rejects. */
  abstract get(key: string): Promise<Response | null>;

  /** Keeps an answer for `ttlSeconds` (1 to 31,536,000). Never rejects. */
  abstract set(key: string, response: Response, ttlSeconds: number): Promise<void>;
}
