/** Writing a stranger's texts into code and Markdown so that they stay what they are: texts. */

/** Beyond JSON's own: what ends a line somewhere, what cannot be seen, and what turns the direction of writing. */
const ESCAPED = /[\u007F-\u009F\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
const LINE = 100;

/** A JSON value as a JavaScript expression: short objects and lists on one line, names without quotes where they may. */
export function literal(value: unknown, indent = 0): string {
  if (typeof value !== 'object' || value === null) return scalar(value);
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((item) => literal(item, indent + 2))
    : Object.entries(value).map(([name, member]) => `${key(name)}: ${literal(member, indent + 2)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) return open + close;
  const space = isList ? '' : ' ';
  const line = `${open}${space}${members.join(', ')}${space}${close}`;
  if (line.length + indent <= LINE && !line.includes('\n')) return line;
  const margin = ' '.repeat(indent);
  return `${open}\n${members.map((member) => `${margin}  ${member},\n`).join('')}${margin}${close}`;
}

/** JSON text in which every character can be seen. */
export function escapeUnseen(json: string): string {
  return json.replace(ESCAPED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A fenced block whose fence is longer than any run of back-ticks in it. https://spec.commonmark.org/0.31.2/#fenced-code-blocks */
export function fenced(language: string, code: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(code) + 1));
  return `${fence}${language}\n${code}\n${fence}`;
}

/** A code span on one line. */
export function codeSpan(text: string): string {
  const line = oneLine(text, 300);
  const ticks = '`'.repeat(longestRun(line) + 1);
  return ticks.length === 1 ? `\`${line}\`` : `${ticks} ${line} ${ticks}`;
}

/** Prose on one line, without any meaning in Markdown or HTML. */
export function prose(text: string, maxLength: number): string {
  return oneLine(text, maxLength).replace(/[\\`*_{}[\]<>()#+!|~&]/g, (character) => `\\${character}`);
}

/** Text as one argument of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** `__proto__: x` would set a prototype; `["__proto__"]: x` is a member like any other. */
export function key(name: string): string {
  if (name === '__proto__') return '["__proto__"]';
  return IDENTIFIER.test(name) ? name : scalar(name);
}

/** Single quotes where nothing in the text is special in either kind. */
function scalar(value: unknown): string {
  const json = escapeUnseen(JSON.stringify(value ?? null));
  return typeof value === 'string' && !/['\\]/.test(json) ? `'${json.slice(1, -1)}'` : json;
}

function oneLine(text: string, maxLength: number): string {
  const line = text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(ESCAPED, '')
    .trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
