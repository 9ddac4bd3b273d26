import yaml from 'js-yaml';
import { parseDocument, type ErrorCode } from 'yaml';
import type { Warnings } from '../warning.js';

interface Mended {
  readonly value: unknown;
  readonly text: string;
}

type Load = (text: string) => unknown;

const MOST_MENDED_LINES = 20;
/** Each attempt reads the whole text again; past this length mending would cost more than it is worth. */
const LONGEST_MENDED_TEXT = 2_000_000;
/** No line that a person wrote is longer; on others the patterns and the forgiving parser take for ever. */
const LONGEST_LINE = 20_000;
/** Faults that leave no doubt about the structure, so that the forgiving parser's result can be believed. */
const HARMLESS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_DQ_ESCAPE',
  'BAD_DIRECTIVE',
  'BAD_SCALAR_START',
  'DUPLICATE_KEY',
  'KEY_OVER_1024_CHARS',
  'TAG_RESOLVE_FAILED',
]);
// eslint-disable-next-line no-control-regex -- these are the characters that YAML forbids, and YAML 1.2 §5.1 lists them by number
const NON_PRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/g;

/**
 * Tries to read YAML that js-yaml refused: without its control characters, with tabs as indentation taken for two
 * spaces, with values quoted that hold `: `, and with the forgiving parser. Null when nothing helps; a result is never a guess
 * about the structure.
 */
export function mendYaml(text: string, load: Load, warnings: Warnings): Mended | null {
  if (text.length > LONGEST_MENDED_TEXT || longestLine(text) > LONGEST_LINE) return null;
  const notes: string[] = [];
  const cleaned = clean(text, notes);
  const result = mendLines(cleaned, load, notes) ?? forgive(cleaned, notes);
  if (result === null) return null;
  for (const note of notes) warnings.add('syntax', '', note);
  return result;
}

function clean(text: string, notes: string[]): string {
  let result = text;
  if (text.search(NON_PRINTABLE) >= 0) {
    result = text.replace(NON_PRINTABLE, '');
    notes.push('Control characters that YAML forbids were left out.');
  }
  if (/^ *\t+ *\S/m.test(result)) {
    result = result.replace(/^[ \t]+(?=\S)/gm, (indent) => indent.replaceAll('\t', '  '));
    notes.push('Tabs as indentation were read as two spaces each.');
  }
  return result;
}

function mendLines(text: string, load: Load, notes: string[]): Mended | null {
  const before = notes.length;
  let current: string | null = text;
  for (let mends = 0; current !== null && mends <= MOST_MENDED_LINES; mends += 1) {
    try {
      return { value: load(current), text: current };
    } catch (fault) {
      current = mendLine(current, fault, notes);
    }
  }
  notes.length = before;
  return null;
}

const KEY = String.raw`^(\s*(?:- +)*(?:[\w$./{}-]+|"[^"]*"|'[^']*')\s*:[ \t]+)`;
const BARE_VALUE = new RegExp(String.raw`${KEY}([^\s'"|>&*!{[#][^\n]*)$`);
const STAR_KEY = /^(\s*)(\*\/\*)(\s*:.*)$/;

/** Puts quotes where the fault's own line, or the one before it, plainly lacks them. */
function mendLine(text: string, fault: unknown, notes: string[]): string | null {
  if (!(fault instanceof yaml.YAMLException)) return null;
  const mark = fault.mark as yaml.Mark | undefined;
  if (!mark) return null;
  const lines = text.split('\n');
  for (const index of [mark.line, mark.line - 1]) {
    const line = lines[index];
    const mended = line === undefined ? null : quoteLine(line.trimEnd());
    if (mended === null) continue;
    lines[index] = mended;
    notes.push(`Quotes were added at line ${index + 1}, which is not YAML without them.`);
    return lines.join('\n');
  }
  return null;
}

function quoteLine(line: string): string | null {
  const star = STAR_KEY.exec(line);
  if (star) return `${star[1] ?? ''}"${star[2] ?? ''}"${star[3] ?? ''}`;
  const bare = BARE_VALUE.exec(line);
  if (!bare?.[2]?.includes(': ') && !(bare?.[2] ?? '').endsWith(':')) return null;
  return `${bare?.[1] ?? ''}${JSON.stringify(bare?.[2] ?? '')}`;
}

function forgive(text: string, notes: string[]): Mended | null {
  if (crudeDepth(text) > 200) return null;
  try {
    const document = parseDocument(text, { strict: false, uniqueKeys: false, merge: true, logLevel: 'silent' });
    if (!document.errors.every((error) => HARMLESS.has(error.code))) return null;
    const value: unknown = document.toJS({ maxAliasCount: 1_000 });
    for (const error of document.errors.slice(0, MOST_MENDED_LINES)) {
      notes.push(`${(error.message.split('\n')[0] ?? '').replace(/:$/, '')}; it was read all the same.`);
    }
    return { value, text };
  } catch {
    return null;
  }
}

/** How deep brackets nest, quotes not looked at: the forgiving parser runs out of memory on deep nesting. */
function crudeDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return deepest;
}

function longestLine(text: string): number {
  let longest = 0;
  for (let start = 0, end = 0; end >= 0; start = end + 1) {
    end = text.indexOf('\n', start);
    longest = Math.max(longest, (end < 0 ? text.length : end) - start);
  }
  return longest;
}
