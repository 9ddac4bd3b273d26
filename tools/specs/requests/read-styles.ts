/**
 * Reads values back from raw text by OpenAPI's styles: https://spec.openapis.org/oas/v3.1.1#style-values. Shares no code
 * with what builds requests or checks tables.
 */
import { isDeepStrictEqual } from 'node:util';
import { isObject } from './sample.js';

/** How a value was written, with the defaults of its place filled in. */
export interface Style {
  readonly style: string;
  readonly explode: boolean;
  readonly allowEmptyValue?: boolean;
}

export type Decode = (raw: string) => string;

/** `a=b` as it stands in a query, a form or a cookie header. */
interface Pair {
  readonly name: string;
  readonly raw: string;
  taken: boolean;
}

/** Percent-decoding; text that is not well formed is marked, for it equals nothing. */
export const fromPercent: Decode = (raw) => {
  try {
    return decodeURIComponent(raw);
  } catch {
    return `\u0000${raw}`;
  }
};
export const fromForm: Decode = (raw) => fromPercent(raw.replaceAll('+', ' '));
export const asIs: Decode = (raw) => raw;

/** The pairs of a query, form or cookie header; each is read once, and what is left over nobody asked for. */
export class Pairs {
  private readonly pairs: readonly Pair[];

  constructor(
    entries: readonly (readonly [name: string, raw: string])[],
    private readonly decode: Decode,
  ) {
    this.pairs = entries.map(([name, raw]) => ({ name: decode(name), raw, taken: false }));
  }

  static split(text: string, separator: string, decode: Decode): Pairs {
    const parts = text.split(separator).filter((part) => part !== '');
    const entries = parts.map((part): [string, string] => {
      const equals = part.indexOf('=');
      return equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    });
    return new Pairs(entries, decode);
  }

  /** Raw values under a name. */
  take(name: string): string[] {
    const found = this.pairs.filter((pair) => pair.name === name && !pair.taken);
    for (const pair of found) pair.taken = true;
    return found.map((pair) => pair.raw);
  }

  leftOver(): string[] {
    return this.pairs.filter((pair) => !pair.taken).map((pair) => pair.name);
  }

  /** Whether a value stands here under a name, in a style. */
  holds(name: string, expected: unknown, style: Style): boolean {
    const value = withoutNulls(expected);
    if (isNothing(value)) {
      const raws = this.take(name);
      return style.allowEmptyValue === true ? raws.length === 1 && raws[0] === '' : raws.length === 0;
    }
    if (style.style === 'deepObject' && typeof value === 'object') {
      // Nothing in all of its depths is an empty value.
      if (style.allowEmptyValue === true) this.take(name);
      return this.holdsDeep(name, value);
    }
    if (Array.isArray(value)) {
      const raws = this.take(name);
      if (style.explode) return sameList(raws, value, this.decode);
      return raws.length === 1 && sameList(cut(raws[0] ?? '', style.style, this.decode), value, this.decode);
    }
    if (isObject(value)) {
      if (style.explode) {
        return Object.entries(value).every(([key, member]) => sameList(this.take(key), [member], this.decode));
      }
      const raws = this.take(name);
      return (
        raws.length === 1 &&
        sameList(cut(raws[0] ?? '', style.style, this.decode), Object.entries(value).flat(), this.decode)
      );
    }
    return sameList(this.take(name), [value], this.decode);
  }

  private holdsDeep(name: string, value: unknown): boolean {
    if (typeof value !== 'object' || value === null) {
      return value === null || sameList(this.take(name), [value], this.decode);
    }
    return Object.entries(value).every(([key, member]) => this.holdsDeep(`${name}[${key}]`, member));
  }
}

/** Whether a path segment holds a value; the text is raw. */
export function segmentHolds(segment: string, name: string, expected: unknown, { style, explode }: Style): boolean {
  // Dots alone would be another segment, so even a label's own one has to be escaped there.
  const raw = /^(%2E)+$/i.test(segment) ? fromPercent(segment) : segment;
  const value = withoutNulls(expected);
  const prefix = style === 'label' ? '.' : style === 'matrix' ? ';' : '';
  if (!raw.startsWith(prefix)) return false;
  const text = raw.slice(prefix.length);
  if (isNothing(value)) return text === '' || fromPercent(text) === name;
  const separator = explode && prefix !== '' ? prefix : null;
  const split = (joined: string): string[] => (separator === null ? cut(joined, style) : joined.split(separator));
  if (style !== 'matrix') {
    if (Array.isArray(value)) return sameList(split(text), value, fromPercent);
    if (!isObject(value)) return same(fromPercent(text), value);
    if (explode)
      return Pairs.split(split(text).join('&'), '&', fromPercent).holds(name, value, { style: 'form', explode });
    return sameList(split(text), Object.entries(value).flat(), fromPercent);
  }
  return Pairs.split(text, ';', fromPercent).holds(name, value, { style: 'form', explode });
}

/** Whether a header's text holds a value. */
export function headerHolds(text: string | undefined, expected: unknown, { style, explode }: Style): boolean {
  const value = withoutNulls(expected);
  if (isNothing(value)) return text === undefined;
  if (text === undefined) return false;
  if (Array.isArray(value)) return sameList(cut(text, style, asIs), value, asIs);
  if (!isObject(value)) return same(text, value);
  const pieces = cut(text, style, asIs);
  if (!explode) return sameList(pieces, Object.entries(value).flat(), asIs);
  return sameList(
    pieces,
    Object.entries(value).map(([key, member]) => `${key}=${textOf(member)}`),
    asIs,
  );
}

/** What parts the members of a list that is not exploded. */
const DELIMITERS: Readonly<Record<string, readonly [encoded: RegExp, plain: string]>> = {
  spaceDelimited: [/%20|\+| /, ' '],
  pipeDelimited: [/%7C|\|/i, '|'],
  tabDelimited: [/%09|\t/, '\t'],
};

/** Cuts a list; in a URL its delimiter may itself be encoded. */
function cut(raw: string, style: string, decode: Decode = fromPercent): string[] {
  return raw.split(DELIMITERS[style]?.[decode === asIs ? 1 : 0] ?? ',');
}

function sameList(raws: readonly string[], values: readonly unknown[], decode: Decode): boolean {
  return raws.length === values.length && raws.every((raw, i) => same(decode(raw), values[i]));
}

/** Whether a decoded text stands for a value; what has no rule of its own is JSON. */
export function same(text: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return text === String(value);
  try {
    return isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
  } catch {
    return false;
  }
}

export function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** Null members cannot be seen: https://www.rfc-editor.org/rfc/rfc6570#section-2.3 */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== null);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

export function isNothing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
}
