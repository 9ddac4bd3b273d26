import { isDeepStrictEqual } from 'node:util';

/**
 * Reading raw text back, by the rules for readers and not by those for writers. Nothing here knows how requests are
 * built.
 */

/** Percent-decoding; undefined when the text is not well formed. https://www.rfc-editor.org/rfc/rfc3986#section-2.1 */
export function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Form decoding: a `+` is a space. https://url.spec.whatwg.org/#urlencoded-parsing */
export function formDecode(text: string): string | undefined {
  return percentDecode(text.replaceAll('+', ' '));
}

export type Decoder = (text: string) => string | undefined;

/** Whether a text that came over the wire stands for an expected JSON value. */
export function means(text: string | undefined, expected: unknown): boolean {
  if (text === undefined) return false;
  if (typeof expected !== 'object' || expected === null) return text === wellFormed(String(expected));
  return jsonMeans(text, expected);
}

/** Whether a JSON text holds an expected value. */
export function jsonMeans(text: string | undefined, expected: unknown): boolean {
  if (text === undefined) return false;
  try {
    return isDeepStrictEqual(JSON.parse(text), asJson(expected));
  } catch {
    return false;
  }
}

/** An expected value as it looks after a trip through JSON. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

/** Unpaired surrogates cannot be sent in UTF-8. */
export function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** What of an expected value can be seen in a request: members that are null cannot. */
export function visible(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== null && item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null && member !== undefined));
}

/** For error sentences. */
export function excerpt(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}
