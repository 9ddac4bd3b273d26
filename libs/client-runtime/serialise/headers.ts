import { describeName, Permanent } from '#core';

/** A header, its name in any case. */
export type Header = readonly [name: string, value: string];

/**
 * Headers that belong to the connection, not to the request: a value from outside could end the request early or
 * start another one inside it. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const TOKEN = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
// Only spaces and tabs besides printable characters: anything else could end the header, and so could what somebody on the
// way cuts down to its last byte.
const FORBIDDEN_IN_VALUE = /[^\t\x20-\x7E\u0080-\u00FF]/;

/**
 * Whether a header of this name can be sent at all. The others are set by the connection, or are no names; where a
 * document declares one as a parameter, even a required one, that declaration has no effect.
 */
export function isSendable(name: string): boolean {
  return TOKEN.test(name) && !isOfConnection(name);
}

/** Whether a header belongs to the connection, or to a proxy on the way, and is set by nobody else. */
export function isOfConnection(name: string): boolean {
  const lower = name.toLowerCase();
  return OF_THE_CONNECTION.has(lower) || lower.startsWith('proxy-');
}

/**
 * Checks the method of a request line.
 * @throws Permanent for what is no word of HTTP, and for CONNECT: it asks for a tunnel, and not for an answer.
 */
export function checkMethod(method: string): void {
  if (TOKEN.test(method) && method.toUpperCase() !== 'CONNECT') return;
  throw new Permanent('METHOD_REFUSED', `Expected a method that asks for an answer, got ${describeName(method)}.`);
}

/**
 * Checks one header that goes out.
 * @throws Permanent naming the header, never its value.
 */
export function checkHeader(name: string, value: string): void {
  if (!TOKEN.test(name)) {
    throw new Permanent(
      'HEADER_MALFORMED',
      `Expected a header name of letters, digits and -._ and the like, got ${describeName(name)}.`,
    );
  }
  if (!isSendable(name)) {
    throw new Permanent('HEADER_REFUSED', `The header ${name} cannot be set: it is made by the connection itself.`);
  }
  if (FORBIDDEN_IN_VALUE.test(value)) {
    throw new Permanent(
      'HEADER_MALFORMED',
      `The value of the header ${name} holds a line break, another control character or one above U+00FF, which no header may.`,
    );
  }
}

/**
 * Merges headers whose names are equal without regard to case: the later object wins, and its spelling of the name.
 * Neither object is changed.
 */
export function mergeHeaders<T>(
  ...layers: readonly (Readonly<Record<string, T>> | null | undefined)[]
): Record<string, T> {
  const merged = new Map<string, readonly [string, T]>();
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer ?? {})) merged.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(merged.values());
}
