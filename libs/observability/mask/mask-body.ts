import { isCredentialName, isContentsName, isPlainName, MASK } from '#core';
import { maskText } from './mask-text.js';

/** Longer texts inside a body are cut: they are documents and files, not what a log is read for. */
const LONGEST_TEXT = 256;
const SHOWN_OF_LONG_TEXT = 64;
const DEEPEST = 32;
const CUT = '…';

/** A body as a log holds it: secrets masked, capped, one line. */
export class LoggedBody {
  constructor(
    readonly text: string,
    /** Whether `text` is JSON (and not cut JSON, or no JSON at all). */
    readonly isJson: boolean,
  ) {}

  /** JSON is embedded as such, anything else as text. */
  toJSON(): unknown {
    return this.isJson ? JSON.parse(this.text) : this.text;
  }
}

/**
 * A body of any kind for a log: parsed JSON, text or bytes. Undefined for none, and for streams.
 * JSON is masked by structure (at any depth the value of each credential-like name, and all values of a call's headers, parameters and body),
 * anything else by pattern.
 * @param maxBytes how much of it is kept, in bytes of UTF-8; 0 keeps nothing.
 */
export function maskBody(body: unknown, maxBytes: number): LoggedBody | undefined {
  if (maxBytes === 0 || body === undefined || body === null || body === '') return undefined;
  if (body instanceof Uint8Array) return maskTextBody(headOf(body, maxBytes), body.length > maxBytes, maxBytes);
  if (typeof body === 'string') return maskTextBody(body.slice(0, maxBytes), body.length > maxBytes, maxBytes);
  if (typeof body === 'object' && 'pipe' in body && typeof body.pipe === 'function') return undefined;
  return maskJsonBody(body, maxBytes);
}

/** The beginning of any text, secrets masked, at most so many bytes of UTF-8. */
export function maskedExcerpt(text: string, maxBytes: number): string {
  return maskBody(text, maxBytes)?.text ?? '';
}

function maskTextBody(head: string, cut: boolean, maxBytes: number): LoggedBody | undefined {
  if (!cut && /^\s*[[{]/.test(head)) {
    try {
      return maskJsonBody(JSON.parse(head), maxBytes);
    } catch {
      // Not JSON after all: by pattern, then.
    }
  }
  if (head === '') return undefined;
  const text = maskText(head, cut);
  return new LoggedBody(cut ? `${cap(text, maxBytes)}${CUT}` : capWithMark(text, maxBytes), false);
}

function maskJsonBody(value: unknown, maxBytes: number): LoggedBody {
  const output = { text: '', limit: maxBytes };
  writeJson(output, value, 0);
  const text = capWithMark(output.text, maxBytes);
  return new LoggedBody(text, text === output.text);
}

interface Output {
  text: string;
  readonly limit: number;
}

/** Appends the JSON of a value; past the limit it stops anywhere, and the text is cut by the caller. */
function writeJson(output: Output, value: unknown, depth: number): void {
  if (output.text.length > output.limit) return;
  if (typeof value === 'string') output.text += quoteText(value);
  else if (typeof value === 'object' && value !== null) writeObject(output, value, depth);
  else if (typeof value === 'bigint') output.text += `"${value}"`;
  // Numbers and booleans; null for all that JSON does not know.
  else output.text += (JSON.stringify(value) as string | undefined) ?? 'null';
}

function writeObject(output: Output, value: object, depth: number): void {
  if (value instanceof Uint8Array) {
    output.text += `"(${value.length} bytes)"`;
  } else if (depth >= DEEPEST) {
    output.text += `"${CUT}"`;
  } else if (Array.isArray(value)) {
    output.text += '[';
    for (let index = 0; index < value.length && output.text.length <= output.limit; index += 1) {
      if (index > 0) output.text += ',';
      writeJson(output, value[index], depth + 1);
    }
    output.text += ']';
  } else if ('toJSON' in value && typeof value.toJSON === 'function') {
    writeJson(output, (value.toJSON as () => unknown)(), depth + 1);
  } else {
    writeFields(output, value as Record<string, unknown>, depth);
  }
}

function writeFields(output: Output, fields: Record<string, unknown>, depth: number): void {
  let separator = '{';
  for (const name in fields) {
    if (output.text.length > output.limit) break;
    const value = fields[name];
    if (value === undefined || typeof value === 'function') continue;
    output.text += `${separator}${quoteText(name)}:`;
    separator = ',';
    if (value === null || value === '') output.text += JSON.stringify(value);
    else if (isCredentialName(name)) output.text += `"${MASK}"`;
    else if (isContentsName(name)) writeContents(output, name, value);
    else writeJson(output, value, depth + 1);
  }
  output.text += separator === '{' ? '{}' : '}';
}

/** The names are told, none of the values; nothing at all of a body, whose names may be anything, and of what is no object. */
function writeContents(output: Output, name: string, contents: unknown): void {
  const hasNames = typeof contents === 'object' && contents !== null && !Array.isArray(contents);
  if (!hasNames || contents instanceof Uint8Array || name.toLowerCase() === 'req_body') {
    output.text += `"${MASK}"`;
    return;
  }
  const hidden = Object.entries(contents as Record<string, unknown>).map(([key, value]) => {
    return [isPlainName(key) ? key : MASK, value === null || value === '' ? value : MASK] as const;
  });
  writeFields(output, Object.fromEntries(hidden), DEEPEST);
}

function quoteText(text: string): string {
  if (text.length <= LONGEST_TEXT) return JSON.stringify(maskText(text));
  return JSON.stringify(`${maskText(text.slice(0, SHOWN_OF_LONG_TEXT), true)}${CUT}(${text.length} characters)`);
}

function capWithMark(text: string, maxBytes: number): string {
  const capped = cap(text, maxBytes);
  return capped === text ? text : `${capped}${CUT}`;
}

/** At most so many bytes of UTF-8, cut between characters. */
function cap(text: string, maxBytes: number): string {
  // A character of a JavaScript text takes three bytes at most.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.from(text);
  return bytes.length <= maxBytes ? text : headOf(bytes, maxBytes);
}

function headOf(bytes: Uint8Array, maxBytes: number): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, maxBytes)).toString('utf8');
  return bytes.length > maxBytes ? head.replace(/\uFFFD{1,3}$/, '') : head;
}
