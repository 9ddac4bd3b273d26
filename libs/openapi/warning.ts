import type { DocumentWarning } from '#core';
import { Place } from './place.js';

/** What was wrong with a document and was repaired, or was left out of the client. */
export interface Warning extends DocumentWarning {
  readonly code: WarningCode;
}

export type WarningCode =
  | 'encoding'
  | 'syntax'
  | 'dangerous-key'
  | 'version'
  | 'shape'
  | 'reference-broken'
  | 'reference-external'
  | 'reference-deep'
  | 'reference-circular'
  | 'schema'
  | 'parameter'
  | 'path'
  | 'body'
  | 'response'
  | 'server'
  | 'security'
  | 'operation-id'
  | 'ignored'
  | 'more';

/** Warnings past this many are counted, not kept; and so are those of one code, lest one slip made everywhere hides the others. */
const MOST_KEPT = 1_000;
const MOST_OF_A_CODE = 300;

/** Collects warnings on a document's way; the number kept is bounded. */
export class Warnings {
  private readonly kept: Warning[] = [];
  /** What was told already: a copy of something is found to be wrong again, at the same place. */
  private readonly told = new Set<string>();
  private readonly counts = new Map<WarningCode, number>();
  private dropped = 0;

  /** @param position where it is, when that is known already. */
  add(code: WarningCode, place: Place | string, message: string, position?: { line: number; column: number }): void {
    const pointer = typeof place === 'string' ? place : place.pointer;
    const key = `${code} ${pointer} ${position?.line}:${position?.column} ${message}`;
    if (this.told.has(key)) return;
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (this.kept.length >= MOST_KEPT || count > MOST_OF_A_CODE) {
      this.dropped += 1;
      return;
    }
    this.told.add(key);
    this.kept.push({ code, pointer, ...position, message });
  }

  get list(): readonly Warning[] {
    if (this.dropped === 0) return this.kept;
    return [
      ...this.kept,
      { code: 'more', pointer: '', message: `${this.dropped} more repairs were made and are not listed.` },
    ];
  }
}
