import { isCredentialName, MASK } from '#core';
import { maskText } from './mask-text.js';

/** Header names in the usual spelling, sorted, each with its values, as JSON: `{"Accept":["text/html"]}`. */
export class LoggedHeaders {
  constructor(readonly text: string) {}

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

const LONGEST_VALUE = 512;
/** Told before the secret; anything else before a space may be part of the secret itself. */
const KNOWN_SCHEME = /^(Basic|Bearer|Digest|Negotiate|Token|ApiKey|AWS4-HMAC-SHA256)\s/i;

/** What a server asks for: it names a scheme, but holds no credential. */
const CHALLENGE = /^(?:www|proxy)-authenticate$/i;

/** A media type and its character set; its other parameters are a caller's or a service's own. */
const MEDIA_TYPE = /^[^;,\s]{1,100}(?:\s*;\s*charset="?[\w-]{1,20}\b"?)?/i;

/** A header as it is written into the log. */
interface Written {
  /** Its name, in quotes. */
  readonly spelling: string;
  /** What it said last, and all of what was written of that: most headers of a server and its callers say the same each time. */
  value?: string;
  text?: string;
}

const MEMO_NAMES = 1000;
const MEMO_NAME_LENGTH = 64;
const memo = new Map<string, Written>();

/** Headers for a log: credential-like ones masked, secrets in addresses masked, long values cut. Without `Host`. */
export function maskHeaders(
  headers: Readonly<Record<string, number | string | readonly string[] | undefined>>,
): LoggedHeaders {
  let text = '';
  for (const name of Object.keys(headers).sort()) {
    const value = headers[name];
    if (value === undefined || name === 'host') continue;
    if (text !== '') text += ',';
    text += typeof value === 'object' ? writeAll(name, value) : writeOne(name, String(value));
  }
  return new LoggedHeaders(`{${text}}`);
}

function writeOne(name: string, value: string): string {
  const known = writtenAs(name);
  if (known.value === value && known.text !== undefined) return known.text;
  const text = writeAll(name, [value], known);
  if (value.length <= LONGEST_VALUE && !isCredentialName(name)) {
    known.value = value;
    known.text = text;
  }
  return text;
}

function writeAll(name: string, values: readonly string[], { spelling } = writtenAs(name)): string {
  return `${spelling}:[${values.map((value) => JSON.stringify(maskValue(name, value))).join(',')}]`;
}

function maskValue(name: string, value: string): string {
  if (isCredentialName(name)) {
    const scheme = KNOWN_SCHEME.exec(value)?.[1];
    return scheme === undefined ? MASK : `${scheme} ${MASK}`;
  }
  if (name === 'content-type') return MEDIA_TYPE.exec(value)?.[0] ?? MASK;
  if (CHALLENGE.test(name)) return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
  return value.length > LONGEST_VALUE ? `${maskText(value.slice(0, LONGEST_VALUE), true)}…` : maskText(value);
}

/** With `x-trace-id` spelt `"X-Trace-Id"`. */
function writtenAs(name: string): Written {
  const known = memo.get(name);
  if (known) return known;
  const usual = name
    .toLowerCase()
    .replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
  const written: Written = { spelling: JSON.stringify(usual) };
  if (name.length <= MEMO_NAME_LENGTH) {
    // Names are a caller's: forget them all rather than grow.
    if (memo.size >= MEMO_NAMES) memo.clear();
    memo.set(name, written);
  }
  return written;
}
