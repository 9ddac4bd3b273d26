import type { Parameter, ParameterStyle } from '#core';
import { isJson } from './media-type.js';
import type { Encoder } from './encode.js';
import { encodeNothing, encodeReserved, encodeStrict } from './encode.js';
import { isGiven, isRecord, plainOf, textOf } from './value.js';

/** One `name=value` of a query, a form or a cookie header, both sides encoded. */
export type Pair = readonly [name: string, value: string];

/** How one value is written: a parameter's style, or a form property's. */
export interface Layout {
  readonly style: ParameterStyle;
  readonly explode: boolean;
  readonly allowReserved: boolean;
  readonly allowEmptyValue: boolean;
}

/** What joins the members of a list that is not exploded, by style. */
const DELIMITERS: Partial<Record<ParameterStyle, string>> = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
  tabDelimited: '\t',
};

/** What joins them in a path when it is exploded, where that differs. */
const EXPLODED: Partial<Record<ParameterStyle, string>> = { label: '.', matrix: ';' };

/**
 * A value as the pairs of a query, a form or a cookie. Null and what has no members gives no pair, or an empty one
 * with `allowEmptyValue`. `deepObject` reaches all levels: `a[b][c]=1`, `a[b][0]=x`. Styles that have no meaning here
 * are read as `form`.
 * https://spec.openapis.org/oas/v3.1.1#style-values, https://www.rfc-editor.org/rfc/rfc6570#section-3.2.8
 * @param encode for names and values; `layout.allowReserved` weakens it for values when it is `encodeStrict`.
 */
export function pairsOf(name: string, value: unknown, layout: Layout, encode: Encoder = encodeStrict): Pair[] {
  const encoded = encode(name);
  if (layout.style === 'deepObject' && typeof value === 'object') {
    const pairs: Pair[] = [];
    deepPairs(name, value, encode, valueEncoder(layout, encode), pairs);
    return pairs.length === 0 && layout.allowEmptyValue ? [[encoded, '']] : pairs;
  }
  const plain = plainOf(value);
  const one = valueEncoder(layout, encode);
  switch (plain.kind) {
    case 'none':
      return layout.allowEmptyValue ? [[encoded, '']] : [];
    case 'text':
      return [[encoded, one(plain.text)]];
    case 'list':
      if (layout.explode) return plain.items.map((item) => [encoded, one(item)] as const);
      return [[encoded, joined(plain.items, layout, encode)]];
    case 'map':
      if (layout.explode) return plain.entries.map(([key, member]) => [encode(key), one(member)] as const);
      return [[encoded, joined(plain.entries.flat(), layout, encode)]];
  }
}

function deepPairs(name: string, value: unknown, encodeName: Encoder, encode: Encoder, pairs: Pair[]): void {
  if (!isGiven(value)) return;
  if (!Array.isArray(value) && !isRecord(value)) {
    pairs.push([encodeName(name), encode(textOf(value))]);
    return;
  }
  for (const [key, member] of Object.entries(value)) deepPairs(`${name}[${key}]`, member, encodeName, encode, pairs);
}

/**
 * A value for a path segment. Null and what has no members is written as the style writes an empty value.
 * https://www.rfc-editor.org/rfc/rfc6570#section-3.2.2 and the two sections on labels and path parameters after it
 */
export function pathText(name: string, value: unknown, layout: Layout): string {
  const plain = plainOf(value);
  const separator = (layout.explode ? EXPLODED[layout.style] : undefined) ?? encodeDelimiter(layout.style);
  // A dot is nothing special in a URL, but between exploded labels it would make two items of one.
  const encode: Encoder = separator === '.' ? (text) => encodeStrict(text).replaceAll('.', '%2E') : encodeStrict;
  const assign = (key: string, text: string) =>
    text === '' && layout.style === 'matrix' ? encode(key) : `${encode(key)}=${encode(text)}`;
  const named = layout.style === 'matrix';

  let text: string;
  switch (plain.kind) {
    case 'none':
      text = named ? encodeStrict(name) : '';
      break;
    case 'text':
      text = named ? assign(name, plain.text) : encodeStrict(plain.text);
      break;
    case 'list':
      if (named && layout.explode) text = plain.items.map((item) => assign(name, item)).join(separator);
      else text = `${named ? `${encodeStrict(name)}=` : ''}${plain.items.map(encode).join(separator)}`;
      break;
    case 'map':
      if (layout.explode) text = plain.entries.map(([key, member]) => assign(key, member)).join(separator);
      else text = `${named ? `${encodeStrict(name)}=` : ''}${plain.entries.flat().map(encode).join(separator)}`;
      break;
  }
  if (layout.style === 'label') return `.${text}`;
  return named ? `;${text}` : text;
}

/**
 * A value for a header, without any encoding; undefined when there is nothing to send.
 * https://spec.openapis.org/oas/v3.1.1#style-examples
 */
export function headerText(value: unknown, layout: Layout): string | undefined {
  const plain = plainOf(value);
  const separator = DELIMITERS[layout.style] ?? ',';
  switch (plain.kind) {
    case 'none':
      return undefined;
    case 'text':
      return plain.text;
    case 'list':
      return plain.items.join(separator);
    case 'map':
      if (layout.explode) return plain.entries.map((entry) => entry.join('=')).join(separator);
      return plain.entries.flat().join(separator);
  }
}

/**
 * The text of a `content` parameter: JSON for JSON media types, strings as they are for others. Not encoded.
 * https://spec.openapis.org/oas/v3.1.1#fixed-fields-for-use-with-content
 */
export function contentText(parameter: Parameter, value: unknown): string {
  return isJson(parameter.contentType ?? '') ? JSON.stringify(value) : textOf(value);
}

function joined(items: readonly string[], layout: Layout, encode: Encoder): string {
  const separator = encode === encodeNothing ? (DELIMITERS[layout.style] ?? ',') : encodeDelimiter(layout.style);
  const one = valueEncoder(layout, encode);
  // Reserved characters may pass, but not the one that ends the item.
  const item = one === encodeReserved ? (text: string) => encodeReserved(text).replaceAll(',', '%2C') : one;
  return items.map(item).join(separator);
}

function valueEncoder(layout: Layout, encode: Encoder): Encoder {
  return layout.allowReserved && encode === encodeStrict ? encodeReserved : encode;
}

function encodeDelimiter(style: ParameterStyle): string {
  const delimiter = DELIMITERS[style];
  return delimiter === undefined ? ',' : encodeStrict(delimiter);
}
