import { RE2JS } from 're2js';
import type { Run } from './run.js';

const LONGEST_PATTERN = 2_000;
/** Characters of a text times instructions of a pattern in one check: some 20 ms. */
const MOST_WORK = 5_000_000;
/** One step of a run pays for so much of that work. */
const WORK_A_STEP = 250;

/**
 * A document's pattern. It runs in an engine whose time grows with the length of the text only: the language's own can be kept
 * busy for years by a few characters. What that engine lacks (look-around, back references, more than 1,000
 * repetitions) is not checked.
 * https://json-schema.org/draft/2020-12/json-schema-core#name-regular-expressions
 */
export class Pattern {
  /** Undefined until the first use, null when it cannot be run. */
  private program: RE2JS | null | undefined;
  private size = 0;

  constructor(readonly source: string) {}

  /** Whether the pattern is found in a text. True, with the run marked as incomplete, when that cannot be said. */
  matches(text: string, run: Run): boolean {
    if (this.program === undefined) {
      this.program = compile(this.source);
      this.size = this.program?.programSize() ?? 0;
      run.spend(100 + 4 * this.size);
    }
    const work = text.length * this.size;
    if (this.program === null || work > MOST_WORK || !run.spend(Math.ceil(work / WORK_A_STEP))) {
      run.isComplete = false;
      return true;
    }
    return this.program.test(text);
  }
}

function compile(source: string): RE2JS | null {
  if (source.length > LONGEST_PATTERN) return null;
  try {
    return RE2JS.compile(RE2JS.translateRegExp(withoutSlashes(source)));
  } catch {
    // Whatever it holds that the engine refuses, the pattern is not for us to judge.
    return null;
  }
}

/** Some write a pattern with the slashes of a programming language; as they stand, nothing could ever match. */
function withoutSlashes(source: string): string {
  const inner = /^\/(\^.*|.*\$)\/[a-z]*$/s.exec(source)?.[1];
  return inner ?? source;
}
