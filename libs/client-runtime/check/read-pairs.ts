import type { ParameterStyle } from '#core';
import type { Decoder } from './reading.js';
import { means, visible } from './reading.js';

/** A `name=value` as it stands in a query, a form or a cookie header, nothing decoded. */
export type RawPair = readonly [name: string, value: string];

export interface ReadStyle {
  readonly style: ParameterStyle;
  readonly explode: boolean;
  readonly allowEmptyValue: boolean;
}

const DELIMITERS: Partial<Record<ParameterStyle, { readonly raw: RegExp; readonly text: string }>> = {
  spaceDelimited: { raw: /%20|\+| /, text: ' ' },
  pipeDelimited: { raw: /%7C|\|/i, text: '|' },
  tabDelimited: { raw: /%09|\t/, text: '\t' },
};
const COMMA = { raw: /,/, text: ',' };

/** Cuts `a=b&c=d` or, for cookies, `a=b; c=d`. */
export function splitPairs(text: string, separator: string): RawPair[] {
  return text
    .split(separator)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

/**
 * Whether the pairs hold the expected value under this name, read by its style. Other parameters' pairs may stand
 * between.
 * https://spec.openapis.org/oas/v3.1.1#style-values
 */
export function pairsHold(
  pairs: readonly RawPair[],
  name: string,
  expected: unknown,
  layout: ReadStyle,
  decode: Decoder,
): boolean {
  const value = visible(expected);
  const named = (wanted: string) => pairs.filter(([raw]) => decode(raw) === wanted).map(([, raw]) => raw);
  if (value === null || value === undefined || isEmpty(value)) {
    const found = named(name);
    return layout.allowEmptyValue ? found.includes('') : found.length === 0;
  }
  if (layout.style === 'deepObject' && typeof value === 'object') {
    return leavesOf(name, value).every(([path, leaf]) => named(path).some((raw) => means(decode(raw), leaf)));
  }
  if (Array.isArray(value)) {
    if (layout.explode) return holdsInOrder(named(name), value, decode);
    return named(name).some((raw) => listHolds(raw, value, layout.style, decode));
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    if (layout.explode) return entries.every(([key, member]) => named(key).some((raw) => means(decode(raw), member)));
    return named(name).some((raw) => listHolds(raw, entries.flat(), layout.style, decode));
  }
  return named(name).some((raw) => means(decode(raw), value));
}

/**
 * Whether a text holds these items between the style's delimiters. Where the delimiter of an encoded text is itself
 * encoded, an item with that character cannot be told from two: then only the whole can be compared.
 */
export function listHolds(raw: string, items: readonly unknown[], style: ParameterStyle, decode: Decoder): boolean {
  const delimiter = DELIMITERS[style] ?? COMMA;
  const parts = splitList(raw, style);
  if (parts.length === items.length) return parts.every((part, i) => means(decode(part), items[i]));
  return decode(raw) === items.map(textOf).join(delimiter.text);
}

/** Cuts a list that is not exploded. */
export function splitList(raw: string, style: ParameterStyle): string[] {
  return raw.split((DELIMITERS[style] ?? COMMA).raw);
}

function holdsInOrder(raws: readonly string[], items: readonly unknown[], decode: Decoder): boolean {
  let next = 0;
  for (const raw of raws) if (next < items.length && means(decode(raw), items[next])) next += 1;
  return next === items.length;
}

function leavesOf(path: string, value: unknown): [path: string, leaf: unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined)
    .flatMap(([key, member]) => leavesOf(`${path}[${key}]`, member));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
