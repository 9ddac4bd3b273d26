import { isObject, type Json } from './json.js';

const INDENT = '  ';
/** Longer keys of a mapping have to be told as such: https://yaml.org/spec/1.2.2/#742-flow-mappings */
const LONGEST_KEY = 1_000;
/** Down to this depth each member is a piece of its own. */
const PIECES_DEPTH = 3;

/**
 * What can only stand in double quotes, as an escape: what has no form of its own, or turns the direction of writing so that
 * people read another text than programs do. Halves of characters are looked at more closely.
 */
const UNSEEN = /[^ -~\u00A0-\u061B\u061D-\u200D\u2010-\u2027\u202F-\u2065\u206A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]/;
const UNSEEN_CHARACTER = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/u;
const ESCAPED = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/g;
/** How text may begin that no reader takes for anything but text. */
const PLAIN_START = /^(?:[A-Za-z_/]|\d+\.\d+\.\d+$)/;
/** Words that some reader of YAML 1.1 or 1.2 takes for a boolean or null. */
const WORD = /^(?:true|false|yes|no|on|off|y|n|null)$/i;
const LONGEST_WORD = 'false'.length;

/** A tree of JSON values as YAML 1.2, in pieces: block style, long text as blocks. Any reader of YAML 1.1 reads the same. */
export function* yamlPieces(root: Json): Generator<string> {
  if (Object.keys(root).length === 0) yield '{}\n';
  else yield* members(root, '', 1);
}

function* members(node: Json, indent: string, depth: number): Generator<string> {
  for (const key of Object.keys(node)) {
    const value = node[key];
    if (depth >= PIECES_DEPTH || !isObject(value) || Object.keys(value).length === 0) yield member(key, value, indent);
    else {
      yield `${keyText(key, indent)}\n`;
      yield* members(value, indent + INDENT, depth + 1);
    }
  }
}

function member(key: string, value: unknown, indent: string): string {
  return `${keyText(key, indent)}${valueText(value, indent)}`;
}

/** `key:`, on a line of its own where the key is long. */
function keyText(key: string, indent: string): string {
  return key.length > LONGEST_KEY ? `${indent}? ${line(key)}\n${indent}:` : `${indent}${line(key)}:`;
}

/** What stands behind a `key:`, with the end of its last line. */
function valueText(value: unknown, indent: string): string {
  if (typeof value === 'string') return ` ${scalar(value, indent + INDENT)}\n`;
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${items(value, indent + INDENT)}`;
  if (!isObject(value)) return ` ${value === undefined ? 'null' : JSON.stringify(value)}\n`;
  const inner = indent + INDENT;
  let text = '';
  for (const key of Object.keys(value)) text += member(key, value[key], inner);
  return text === '' ? ' {}\n' : `\n${text}`;
}

function items(list: readonly unknown[], indent: string): string {
  let text = '';
  for (const item of list) {
    const value = valueText(item, indent);
    // What begins on the next line may begin on that of the dash, which is as wide as what it is indented by.
    text += value.startsWith('\n')
      ? `${indent}- ${value.slice(1 + indent.length + INDENT.length)}`
      : `${indent}-${value}`;
  }
  return text;
}

/** A text as a value, whose further lines are indented. */
function scalar(text: string, indent: string): string {
  if (!text.includes('\n')) return line(text);
  // A block cannot begin with white space, nor tell two line ends at its end.
  if (/^\s|\n\n$/.test(text) || isUnseen(text.replaceAll('\n', ''))) return quoted(text);
  const [head, body] = text.endsWith('\n') ? ['|', text.slice(0, -1)] : ['|-', text];
  return `${head}\n${body.replace(/^(?=.)/gm, indent)}`;
}

/** A text on one line. */
function line(text: string): string {
  if (isUnseen(text)) return quoted(text);
  return isPlain(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

function isPlain(text: string): boolean {
  if (!PLAIN_START.test(text) || (text.length <= LONGEST_WORD && WORD.test(text))) return false;
  return !text.includes(': ') && !text.includes(' #') && !text.endsWith(':') && !text.endsWith(' ');
}

function isUnseen(text: string): boolean {
  return UNSEEN.test(text) && UNSEEN_CHARACTER.test(text);
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
