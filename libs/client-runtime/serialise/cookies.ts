import type { Parameter } from '#core';
import { encodeStrict } from './encode.js';
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
      cookies.push(`${encodeStrict(parameter.name)}=${encodeOctets(contentText(parameter, value))}`);
    } else {
      for (const [name, text] of pairsOf(parameter.name, value, parameter)) cookies.push(`${name}=${text}`);
    }
  }
  for (const [name, value] of Object.entries(given)) {
    if (!names.has(name) && isGiven(value)) cookies.push(`${encodeStrict(name)}=${encodeOctets(textOf(value))}`);
  }
  return cookies.join('; ');
}

/** The names of the cookies in a Cookie header. */
export function namesInCookie(header: string): Set<string> {
  return new Set(header.split(';').map((pair) => (pair.split('=')[0] ?? '').trim()));
}

function encodeOctets(text: string): string {
  return text.replace(NOT_A_COOKIE_OCTET, encodeStrict);
}
