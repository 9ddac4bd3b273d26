/** Writing a stranger's texts into code and Markdown so that they stay what they are: texts. */

/** Beyond JSON's own: what ends a line somewhere, what cannot be seen, and what turns the direction of writing. */
const ESCAPED = /[\u007F-\u009F\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;

/** A JSON value as a JavaScript expression on one or more lines. */
export function literal(value: unknown, indent = 0): string {
  const text = value === undefined ? 'undefined' : JSON.stringify(value, null, 2);
  return escapeUnseen(text).replaceAll('\n', `\n${' '.repeat(indent)}`);
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
