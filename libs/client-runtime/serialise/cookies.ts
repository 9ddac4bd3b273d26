import { Permanent } from '#core';
import type { Parameter } from '#core';
import { encodeNothing, encodeStrict } from './encode.js';
import { contentText, pairsOf } from './style.js';
import { isGiven, textOf } from './value.js';

/** What a cookie may hold unquoted: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1 */
const NOT_A_COOKIE_OCTET = /[^\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]+/gu;

/**
 * The Cookie header: what was given as a header first, then declared parameters in their style, then the rest.
 * Pairs are joined by `; `, the exploded ones too, as cookies have it and the form style's `&` is never right there.
 * Undeclared cookies keep every character that a cookie may hold.
 * https://spec.openapis.org/oas/v3.1.2#appendix-d-serializing-headers-and-cookies
 */
export function cookieHeader(
  declared: readonly Parameter[],
  given: Readonly<Record<string, unknown>>,
  header: string | undefined,
): string {
  const cookies: string[] = header === undefined || header === '' ? [] : [header];
  const names = new Set<string>();
  for (const parameter of declared) {
    names.add(parameter.name);
    const value = Object.hasOwn(given, parameter.name) ? given[parameter.name] : undefined;
    if (value === undefined) continue;
    if (parameter.contentType !== undefined) {
      // What reads a percent-encoded text would also read the percent signs that it had before.
      const text = contentText(parameter, value).replaceAll('%', '%25');
      cookies.push(`${encodeStrict(parameter.name)}=${encodeOctets(text)}`);
    } else if (parameter.style === 'cookie') {
      for (const [name, text] of pairsOf(parameter.name, value, parameter, encodeNothing)) {
        cookies.push(plainCookie(name, text));
      }
    } else {
      for (const [name, text] of pairsOf(parameter.name, value, parameter)) cookies.push(`${name}=${text}`);
    }
  }
  for (const [name, value] of Object.entries(given)) {
    if (!names.has(name) && isGiven(value)) cookies.push(`${encodeStrict(name)}=${encodeOctets(textOf(value))}`);
  }
  return cookies.join('; ');
}

/**
 * A cookie of which nothing is escaped: what needs that has to come escaped.
 * https://spec.openapis.org/oas/v3.2.0#style-values
 */
function plainCookie(name: string, value: string): string {
  if (!/[;\p{Cc}]/u.test(`${name}${value}`) && !name.includes('=')) return `${name}=${value}`;
  throw new Permanent(
    'COOKIE_MALFORMED',
    `Expected the cookie ${JSON.stringify(name)} in escaped form, got a semicolon or a control character in it.`,
  );
}

/** The names of the cookies in a Cookie header. */
export function namesInCookie(header: string): Set<string> {
  return new Set(header.split(';').map((pair) => (pair.split('=')[0] ?? '').trim()));
}

function encodeOctets(text: string): string {
  return text.replace(NOT_A_COOKIE_OCTET, encodeStrict);
}
