/** Longest text that a pattern is sampled to. */
const LONGEST = 200;
const DEEPEST = 20;

/**
 * A short text that matches a regular expression by construction, or null when the expression holds what is not
 * understood here (look-around, back references, Unicode classes). The expression is never run: a hostile one could run for ever.
 * https://json-schema.org/draft/2020-12/json-schema-validation#name-pattern
 */
export function samplePattern(pattern: string): string | null {
  if (pattern.length > 500) return null;
  try {
    // Some write the slashes of a programming language around it.
    const inner = /^\/(\^.*|.*\$)\/[a-z]*$/s.exec(pattern)?.[1];
    const text = new Sampler(inner ?? pattern).sample();
    return text.length > LONGEST ? null : text;
  } catch (error) {
    if (error instanceof NotUnderstood) return null;
    throw error;
  }
}

class NotUnderstood extends Error {}

const CLASSES: Readonly<Record<string, string>> = { d: '1', w: 'a', s: ' ', D: 'a', W: '-', S: 'a' };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' };
/** Tried in this order where a class is told by what it does not hold. */
const PREFERRED = 'a1A-_ .@/xyz0'.split('');

class Sampler {
  private offset = 0;
  private depth = 0;

  constructor(private readonly pattern: string) {}

  sample(): string {
    const text = this.alternatives();
    if (this.offset < this.pattern.length) throw new NotUnderstood();
    return text;
  }

  /** `a|b`: the first one is taken. */
  private alternatives(): string {
    this.depth += 1;
    if (this.depth > DEEPEST) throw new NotUnderstood();
    const first = this.sequence();
    while (this.take('|')) this.sequence();
    this.depth -= 1;
    return first;
  }

  private sequence(): string {
    let text = '';
    while (this.offset < this.pattern.length && !this.at('|') && !this.at(')')) {
      if (this.take('^') || this.take('$')) continue;
      const atom = this.atom();
      const times = this.quantifier();
      if (atom.length * times > LONGEST) throw new NotUnderstood();
      text += atom.repeat(times);
      if (text.length > LONGEST) throw new NotUnderstood();
    }
    return text;
  }

  private atom(): string {
    const char = this.next();
    if (char === '(') return this.group();
    if (char === '[') return this.set();
    if (char === '\\') return this.escape(false);
    if (char === '.') return 'a';
    if ('*+?{'.includes(char)) throw new NotUnderstood();
    return char;
  }

  private group(): string {
    if (this.take('?')) {
      if (this.at('<') && !/^<[A-Za-z_]\w*>/.test(this.pattern.slice(this.offset))) throw new NotUnderstood();
      if (this.take('<')) while (this.next() !== '>') continue;
      else if (!this.take(':')) throw new NotUnderstood();
    }
    const text = this.alternatives();
    if (!this.take(')')) throw new NotUnderstood();
    return text;
  }

  /** How often the atom before is repeated, as seldom as may be. */
  private quantifier(): number {
    let times: number;
    if (this.take('*') || this.take('?')) times = 0;
    else if (this.take('+')) times = 1;
    else {
      const counted = /^\{(\d+)(?:,\d*)?\}/.exec(this.pattern.slice(this.offset, this.offset + 24));
      if (!counted) return 1;
      this.offset += counted[0].length;
      times = Number(counted[1]);
    }
    this.take('?');
    return times;
  }

  private set(): string {
    const negated = this.take('^');
    const ranges: [number, number][] = [];
    const shorthands: string[] = [];
    while (!this.take(']')) {
      const from = this.member(shorthands);
      if (from === null) continue;
      const isRange = this.at('-') && this.pattern[this.offset + 1] !== ']';
      if (isRange) this.offset += 1;
      const to = isRange ? this.member(shorthands) : from;
      ranges.push([from.charCodeAt(0), (to ?? from).charCodeAt(0)]);
    }
    if (!negated) return pick(ranges, shorthands);
    if (shorthands.some((word) => word === 'D' || word === 'W' || word === 'S')) throw new NotUnderstood();
    const free = PREFERRED.find((char) => !holds(char, ranges, shorthands));
    if (free === undefined) throw new NotUnderstood();
    return free;
  }

  private member(shorthands: string[]): string | null {
    const char = this.next();
    if (char !== '\\') return char;
    const word = this.pattern[this.offset] ?? '';
    if (!Object.hasOwn(CLASSES, word)) return this.escape(true);
    this.offset += 1;
    shorthands.push(word);
    return null;
  }

  private escape(inSet: boolean): string {
    const char = this.next();
    if (Object.hasOwn(CLASSES, char)) return CLASSES[char] ?? '';
    if (Object.hasOwn(ESCAPES, char)) return ESCAPES[char] ?? '';
    if (char === 'u' || char === 'x') {
      const code = new RegExp(char === 'u' ? '^[\\da-fA-F]{4}' : '^[\\da-fA-F]{2}').exec(
        this.pattern.slice(this.offset, this.offset + 4),
      );
      if (!code) throw new NotUnderstood();
      this.offset += code[0].length;
      return String.fromCharCode(parseInt(code[0], 16));
    }
    if (char === 'b' && !inSet) return '';
    if (/[A-Za-z0-9]/.test(char)) throw new NotUnderstood();
    return char;
  }

  private at(char: string): boolean {
    return this.pattern[this.offset] === char;
  }

  private take(char: string): boolean {
    if (!this.at(char)) return false;
    this.offset += 1;
    return true;
  }

  private next(): string {
    const char = this.pattern[this.offset];
    if (char === undefined) throw new NotUnderstood();
    this.offset += 1;
    return char;
  }
}

function pick(ranges: readonly (readonly [number, number])[], shorthands: readonly string[]): string {
  const preferred = PREFERRED.find((char) => holds(char, ranges, shorthands));
  if (preferred !== undefined) return preferred;
  const first = ranges[0]?.[0];
  if (first === undefined) throw new NotUnderstood();
  return String.fromCharCode(first);
}

function holds(char: string, ranges: readonly (readonly [number, number])[], shorthands: readonly string[]): boolean {
  const code = char.charCodeAt(0);
  if (ranges.some(([from, to]) => code >= from && code <= to)) return true;
  return shorthands.some((word) => {
    const inside = word.toLowerCase() === 'd' ? /\d/ : word.toLowerCase() === 'w' ? /\w/ : /\s/;
    return inside.test(char) === (word === word.toLowerCase());
  });
}
