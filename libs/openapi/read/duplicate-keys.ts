import { escapeSegment } from '../place.js';
import type { Warnings } from '../warning.js';
import { Lines } from './position.js';

/** Longer texts are not looked through: it would cost as much again as reading them. */
const LONGEST = 8_000_000;
const STRINGS = /"[^"\\]*(?:\\[^][^"\\]*)*"(?=(\s*:)?)/g;

/**
 * Lists names that stand twice in one object of a JSON text, where the last one counts.
 * @param names how many names the objects hold that were read from it: only when the text holds more is it looked through.
 */
export function tellDuplicates(text: string, names: number, warnings: Warnings): void {
  if (text.length > LONGEST || countNames(text) <= names) return;
  const lines = new Lines(text);
  for (const { pointer, offset } of findDuplicates(text)) {
    const message = 'This name stood there before; the last one counts.';
    warnings.add('syntax', pointer, message, lines.at(offset));
  }
}

function countNames(text: string): number {
  let count = 0;
  STRINGS.lastIndex = 0;
  for (let match = STRINGS.exec(text); match !== null; match = STRINGS.exec(text))
    if (match[1] !== undefined) count += 1;
  return count;
}

interface Open {
  readonly names: Set<string> | null;
  name: string;
  index: number;
}

/** Walks a text that is known to be JSON, without the call stack. */
function findDuplicates(text: string): { pointer: string; offset: number }[] {
  const found: { pointer: string; offset: number }[] = [];
  const open: Open[] = [];
  const token = /"[^"\\]*(?:\\[^][^"\\]*)*"|[{}[\],]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [char] = match;
    const inside = open.at(-1);
    if (char === '{' || char === '[') open.push({ names: char === '{' ? new Set() : null, name: '', index: 0 });
    else if (char === '}' || char === ']') open.pop();
    else if (char === ',') {
      if (inside) inside.index += 1;
    } else if (inside?.names && /^\s*:/.test(text.slice(token.lastIndex, token.lastIndex + 20))) {
      inside.name = JSON.parse(char) as string;
      if (inside.names.has(inside.name)) found.push({ pointer: pointerOf(open), offset: match.index });
      inside.names.add(inside.name);
    }
  }
  return found;
}

function pointerOf(open: readonly Open[]): string {
  return open.map(({ names, name, index }) => `/${names ? escapeSegment(name) : index}`).join('');
}
