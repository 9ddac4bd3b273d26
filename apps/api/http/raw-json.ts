/** Numbers that a double may not hold: sixteen digits and more, or an exponent. */
const MAY_LOSE = /\d{16}|\d[eE][+-]?\d/;
const SPACE = /\s/;

/** Whether reading a JSON text could change a number of it. Cheap, and never wrong about a no. */
export function mayLoseDigits(text: string): boolean {
  return MAY_LOSE.test(text);
}

/**
 * The members of an object as they stand in its JSON text; of a name that comes twice the last, as in `JSON.parse`.
 * @param text JSON that has been read without a fault.
 * @returns none when it is no object.
 */
export function rawMembers(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return members;
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const afterName = endOfValue(text, at);
    const name = JSON.parse(text.slice(at, afterName)) as string;
    const start = skipSpace(text, skipSpace(text, afterName) + 1);
    const end = endOfValue(text, start);
    members.set(name, text.slice(start, end));
    at = skipSpace(text, skipSpace(text, end) + 1);
  }
  return members;
}

/** The items of an array as they stand in its JSON text, which has been read without a fault; none when it is no array. */
export function rawItems(text: string): string[] {
  const items: string[] = [];
  let at = skipSpace(text, 0);
  if (text[at] !== '[') return items;
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== ']') {
    const end = endOfValue(text, at);
    items.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return items;
}

/**
 * Whether an object in a JSON text, which has been read without a fault, has a name twice: what was read of it is the last
 * one, but whoever reads the text may take the first. In one pass, however deep it is.
 */
export function repeatsName(text: string): boolean {
  /** The names of each object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (names && text[skipSpace(text, end)] === ':') {
        const name = JSON.parse(text.slice(at, end)) as string;
        if (names.has(name)) return true;
        names.add(name);
      }
      at = end - 1;
    }
  }
  return false;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && SPACE.test(text[at] ?? '')) at += 1;
  return at;
}

/** Behind the value that begins here. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      // That of the object around a number.
      if (depth === 0) return at;
      depth -= 1;
    } else {
      if (depth === 0 && (character === ',' || SPACE.test(character))) return at;
      continue;
    }
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
