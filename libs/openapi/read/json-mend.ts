/** The first place where a text stops being JSON in a way that nobody can mend. */
export interface JsonFault {
  readonly offset: number;
  readonly expected: string;
  readonly got: string;
}

/** One small change that brings a text nearer to JSON. */
export interface JsonMend {
  readonly offset: number;
  /** How many characters go. */
  readonly remove: number;
  readonly insert: string;
  readonly what: string;
}

export interface JsonScan {
  readonly mends: readonly JsonMend[];
  readonly fault: JsonFault | null;
}

type State = 'value' | 'first-value' | 'first-key' | 'key' | 'colon' | 'comma' | 'end';

const EXPECTED: Readonly<Record<State, string>> = {
  value: 'a value',
  'first-value': 'a value or `]`',
  'first-key': 'a name in double quotes or `}`',
  key: 'a name in double quotes',
  colon: '`:`',
  comma: '`,` or the closing bracket',
  end: 'nothing more',
};
const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const SPACE = /[ \t\r\n]*/y;
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//y;
const ESCAPE = /["\\/bfnrt]|u[\da-fA-F]{4}/y;
const TAIL = /[\s}\],;]*$/y;
/** A text that needs more than this is not JSON with slips, it is something else. */
const MOST_MENDS = 1_000;

/**
 * Reads a text as JSON (https://www.rfc-editor.org/rfc/rfc8259) and tells what would have to change: a missing or
 * superfluous comma, a comment, a bare control character, a wrong escape, closing brackets too many. Anything else is
 * a fault. V8's own error tells no position for most faults. It needs memory only for the nesting, never the call stack.
 */
export function scanJson(text: string): JsonScan {
  return new JsonScanner(text).scan();
}

/** The text with the mends made. */
export function applyMends(text: string, mends: readonly JsonMend[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const mend of mends) {
    parts.push(text.slice(from, mend.offset), mend.insert);
    from = mend.offset + mend.remove;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

class JsonScanner {
  private readonly open: ('{' | '[')[] = [];
  private readonly mends: JsonMend[] = [];
  private state: State = 'value';
  private offset = 0;
  /** Where the last comma stands: what goes when a closing bracket follows it. */
  private comma = 0;

  constructor(private readonly text: string) {}

  scan(): JsonScan {
    for (;;) {
      this.skipSpace();
      const char = this.text[this.offset];
      if (char === undefined) return this.result(this.state === 'end' ? null : this.fault());
      if (!this.step(char)) return this.result(this.fault());
      if (this.mends.length > MOST_MENDS) return this.result(this.fault());
    }
  }

  /** Takes one token. False: it does not belong here, and cannot be mended. */
  private step(char: string): boolean {
    switch (this.state) {
      case 'colon':
        if (char !== ':') return false;
        return this.move(1, 'value');
      case 'comma':
        return this.comma_(char);
      case 'end':
        return this.tail();
      case 'first-key':
      case 'key':
        if (char === '}') return this.state === 'first-key' ? this.close() : this.closeAfterComma();
        if (char === ',') return this.mend(1, '', 'a second comma was left out');
        return char === '"' && this.string('colon');
      case 'first-value':
      case 'value':
        return this.value(char);
    }
  }

  private value(char: string): boolean {
    if (char === ']' && this.state === 'first-value') return this.close();
    if (char === ']' && this.open.at(-1) === '[') return this.closeAfterComma();
    if (char === ',' && this.open.at(-1) === '[') return this.mend(1, '', 'a second comma was left out');
    if (char === '"') return this.string(this.afterValue());
    if (char === '{' || char === '[') {
      this.open.push(char);
      return this.move(1, char === '{' ? 'first-key' : 'first-value');
    }
    const length = this.match(LITERAL);
    return length > 0 && this.move(length, this.afterValue());
  }

  private comma_(char: string): boolean {
    const inside = this.open.at(-1);
    if (char === ',') {
      this.comma = this.offset;
      return this.move(1, inside === '{' ? 'key' : 'value');
    }
    if (char === (inside === '{' ? '}' : ']')) return this.close();
    if (inside === '{' ? char !== '"' : !/["{[\d-]/.test(char)) return false;
    this.state = inside === '{' ? 'key' : 'value';
    return this.mend(0, ',', 'a missing comma was added');
  }

  private close(): boolean {
    this.open.pop();
    return this.move(1, this.afterValue());
  }

  private closeAfterComma(): boolean {
    this.mends.push({ offset: this.comma, remove: 1, insert: '', what: 'a superfluous comma was left out' });
    return this.close();
  }

  private tail(): boolean {
    const length = this.match(TAIL);
    if (length === 0) return false;
    return this.mend(length, '', 'superfluous characters at the end were left out');
  }

  /** Steps over a string, mending what is inside. */
  private string(next: State): boolean {
    const { text } = this;
    for (let offset = this.offset + 1; ; offset += 1) {
      const code = text.charCodeAt(offset);
      if (Number.isNaN(code)) {
        this.offset = text.length;
        return false;
      }
      if (code === 0x22) {
        this.offset = offset + 1;
        this.state = next;
        return true;
      }
      if (code < 0x20) {
        const insert = JSON.stringify(String.fromCharCode(code)).slice(1, -1);
        this.mends.push({ offset, remove: 1, insert, what: 'a bare control character in a string was escaped' });
      } else if (code === 0x5c) {
        ESCAPE.lastIndex = offset + 1;
        if (ESCAPE.test(text)) offset = ESCAPE.lastIndex - 1;
        else this.mends.push({ offset, remove: 0, insert: '\\', what: 'a lone backslash in a string was escaped' });
      }
      if (this.mends.length > MOST_MENDS) return false;
    }
  }

  private skipSpace(): void {
    for (;;) {
      this.offset += this.match(SPACE);
      const comment = this.text[this.offset] === '/' ? this.match(COMMENT) : 0;
      if (comment === 0) return;
      this.mend(comment, ' ', 'a comment was left out');
    }
  }

  private match(pattern: RegExp): number {
    pattern.lastIndex = this.offset;
    return pattern.test(this.text) ? pattern.lastIndex - this.offset : 0;
  }

  private mend(remove: number, insert: string, what: string): true {
    this.mends.push({ offset: this.offset, remove, insert, what });
    this.offset += remove;
    return true;
  }

  private move(length: number, next: State): true {
    this.offset += length;
    this.state = next;
    return true;
  }

  private afterValue(): State {
    return this.open.length === 0 ? 'end' : 'comma';
  }

  private fault(): JsonFault {
    const { text, offset } = this;
    const inside = this.open.at(-1) === '{' ? '`,` or `}`' : '`,` or `]`';
    const expected = this.state === 'comma' ? inside : EXPECTED[this.state];
    const code = text.codePointAt(offset);
    if (code === undefined) return { offset: text.length, expected, got: 'the end of the text' };
    const char = String.fromCodePoint(code);
    const shown = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(char) ? `the character U+${code.toString(16)}` : `\`${char}\``;
    return { offset, expected, got: shown };
  }

  private result(fault: JsonFault | null): JsonScan {
    // A superfluous comma is known to be one only after what stands between it and the bracket.
    return { mends: this.mends.sort((a, b) => a.offset - b.offset), fault };
  }
}
