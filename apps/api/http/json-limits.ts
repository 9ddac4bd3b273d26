import { InvalidInput } from '#core';

export interface JsonLimits {
  /** How deep objects and arrays may stand in one another. */
  readonly depth: number;
  /** How many members and items they may have in all. */
  readonly fields: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Refuses a text that would make more objects, or deeper ones, than is allowed, before any is made. Whether it is JSON
 * is for the parser to say.
 * @throws InvalidInput in one sentence.
 */
export function checkJsonLimits(text: string, { depth, fields }: JsonLimits): void {
  // So short that it cannot hold them.
  if (text.length <= depth && text.length <= fields) return;
  let level = 0;
  // Of each array and object the first; behind each comma one more.
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (at < 0) return;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      level += 1;
      count += 1;
      if (level > depth) throw tooMuch(`at most ${depth} levels of objects and arrays`, 'JSON_TOO_DEEP');
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) level -= 1;
    else if (code === COMMA) count += 1;
    else continue;
    if (count > fields) throw tooMuch(`at most ${fields} fields and items`, 'JSON_TOO_MANY_FIELDS');
  }
}

/** The place of the quote that ends a string; -1 when there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function tooMuch(expected: string, code: string): InvalidInput {
  return new InvalidInput(code, `Expected a body of ${expected}, got more.`);
}
