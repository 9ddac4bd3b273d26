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

const MEMO_NAMES = 1000;
const spellings = new Map<string, string>();

/** Headers for a log: credential-like ones masked, secrets in addresses masked, long values cut. Without `Host`. */
export function maskHeaders(
  headers: Readonly<Record<string, number | string | readonly string[] | undefined>>,
): LoggedHeaders {
  const names = Object.keys(headers).sort();
  let text = '';
  for (const name of names) {
    const value = headers[name];
    if (value === undefined || name === 'host') continue;
    const values = typeof value === 'object' ? value : [String(value)];
    text += `${text === '' ? '' : ','}${canonical(name)}:[${values.map((one) => JSON.stringify(maskValue(name, one))).join(',')}]`;
  }
  return new LoggedHeaders(`{${text}}`);
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

/** `x-trace-id` as `"X-Trace-Id"`. */
function canonical(name: string): string {
  let spelling = spellings.get(name);
  if (spelling === undefined) {
    const usual = name
      .toLowerCase()
      .replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
    spelling = JSON.stringify(usual);
    if (spellings.size >= MEMO_NAMES) spellings.clear();
    spellings.set(name, spelling);
  }
  return spelling;
}
