/** Reads bodies back by their media type. Shares no code with what builds requests or checks tables. */
import { isDeepStrictEqual } from 'node:util';
import type { Style } from './read-styles.js';
import { Pairs, asIs, fromForm, isNothing, same, withoutNulls } from './read-styles.js';
import type { Json } from './sample.js';
import { field, isObject, objectField, textField } from './sample.js';

type BodyKind = 'json' | 'lines' | 'form' | 'multipart' | 'text' | 'any' | 'bytes';

/** What a media type asks of a body. */
export function bodyKind(contentType: string): BodyKind {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (/^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-seq)$/.test(type)) return 'lines';
  if (/[+/]json$/.test(type)) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type.startsWith('multipart/')) return 'multipart';
  if (type === '*/*' || type === '*') return 'any';
  if (type.startsWith('text/') || /[+/](xml|yaml|x-yaml|javascript|graphql|sql|csv)$/.test(type)) return 'text';
  return 'bytes';
}

interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly bytes: Buffer;
}

/**
 * Whether a body holds a value.
 * @param sent the Content-Type header that came.
 * @param isFileField whether a field of a form holds files.
 */
export function bodyHolds(
  bytes: Buffer,
  sent: string,
  value: unknown,
  media: unknown,
  isFileField: (name: string) => boolean,
): boolean {
  const text = bytes.toString('utf8');
  switch (bodyKind(sent)) {
    case 'json':
      return sameJson(text, value);
    case 'lines':
      return sameJson(
        `[${text
          .split('\n')
          .filter((line) => line !== '')
          .join(',')}]`.replaceAll('\u001e', ''),
        value,
      );
    case 'form':
      return formHolds(text, value, media);
    case 'multipart':
      return multipartHolds(bytes, sent, value, media, isFileField);
    case 'text':
    case 'any':
      return typeof value === 'string' ? text === value : sameJson(text, value);
    case 'bytes':
      return typeof value === 'string' && (bytes.equals(Buffer.from(value, 'base64')) || text === value);
  }
}

function sameJson(text: string, value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
  } catch {
    return false;
  }
}

function formHolds(text: string, value: unknown, media: unknown): boolean {
  const pairs = Pairs.split(text, '&', fromForm);
  if (!isObject(value)) return false;
  const held = Object.entries(value).every(([name, member]) => {
    const encoding = objectField(objectField(media, 'encoding'), name);
    const style = encodingStyle(encoding);
    if (style) return pairs.holds(name, member, style);
    return holdsTexts(pairs.take(name).map(fromForm), member, isJsonType(encoding));
  });
  return held && pairs.leftOver().length === 0;
}

/** By content: lists repeated, objects and what is declared as JSON as JSON. */
function holdsTexts(texts: readonly string[], member: unknown, json: boolean): boolean {
  const value = withoutNulls(member);
  if (value === null || value === undefined) return texts.length === 0;
  if (json) return texts.length === 1 && sameJson(texts[0] ?? '', member);
  if (Array.isArray(value)) return texts.length === value.length && texts.every((text, i) => same(text, value[i]));
  return texts.length === 1 && (isObject(value) ? sameJson(texts[0] ?? '', member) : same(texts[0] ?? '', value));
}

function multipartHolds(
  bytes: Buffer,
  sent: string,
  value: unknown,
  media: unknown,
  isFileField: (name: string) => boolean,
): boolean {
  const parts = partsOf(bytes, /boundary="?([^";]+)"?/i.exec(sent)?.[1] ?? '');
  if (!parts || !isObject(value)) return false;
  const read = new Set<Part>();
  const held = Object.entries(value).every(([name, member]) => {
    const encoding = objectField(objectField(media, 'encoding'), name);
    const style = encodingStyle(encoding);
    const binary = isFileField(name);
    if (style && !binary) {
      const texts = parts.filter(
        (part) =>
          part.name === name ||
          part.name.startsWith(`${name}[`) ||
          (isObject(member) && Object.hasOwn(member, part.name)),
      );
      for (const part of texts) read.add(part);
      return new Pairs(
        texts.map((part) => [part.name, part.bytes.toString('utf8')]),
        asIs,
      ).holds(name, member, style);
    }
    const found = parts.filter((part) => part.name === name);
    for (const part of found) read.add(part);
    const items = Array.isArray(member)
      ? member.filter((item) => item !== null)
      : isNothing(member) && !isObject(member)
        ? []
        : [member];
    return found.length === items.length && found.every((part, i) => partHolds(part, items[i], encoding, binary));
  });
  return held && parts.every((part) => read.has(part));
}

function partHolds(part: Part, value: unknown, encoding: Json, binary: boolean): boolean {
  if (isFile(value)) {
    const { base64, filename, content_type: type } = value.$file;
    return part.filename === filename && part.type === type && part.bytes.equals(Buffer.from(base64, 'base64'));
  }
  const declared = textField(encoding, 'contentType').split(',')[0]?.trim() ?? '';
  if (declared !== '' && !declared.includes('*') && part.type !== declared) return false;
  if (binary) return part.filename !== undefined && part.bytes.equals(Buffer.from(String(value), 'base64'));
  const text = part.bytes.toString('utf8');
  if (typeof value === 'object' || (part.type !== undefined && /[+/]json/.test(part.type))) {
    return part.type !== undefined && sameJson(text, value);
  }
  return same(text, value);
}

/** A file as a call gives it. */
export interface FileInput {
  readonly $file: { readonly base64: string; readonly filename: string; readonly content_type: string };
}

function isFile(value: unknown): value is FileInput {
  return isObject(value) && Object.hasOwn(value, '$file');
}

/** https://www.rfc-editor.org/rfc/rfc7578#section-4, https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 */
function partsOf(bytes: Buffer, boundary: string): Part[] | null {
  const pieces = `\r\n${bytes.toString('latin1')}`.split(`\r\n--${boundary}`);
  if (pieces.shift() !== '' || pieces.pop()?.trim() !== '--') return null;
  return pieces.map((piece) => {
    const end = piece.indexOf('\r\n\r\n');
    const head = Buffer.from(piece.slice(0, end), 'latin1').toString('utf8');
    const decode = (text: string | undefined): string | undefined =>
      text?.replace(/%22|%0D|%0A/g, (escaped) => fromForm(escaped));
    return {
      name: decode(/ name="([^"]*)"/i.exec(head)?.[1]) ?? '\u0000',
      filename: decode(/ filename="([^"]*)"/i.exec(head)?.[1]),
      type: /^content-type: *(.*)$/im.exec(head)?.[1]?.trim(),
      bytes: Buffer.from(piece.slice(end + 4), 'latin1'),
    };
  });
}

function isJsonType(encoding: Json): boolean {
  return typeof encoding.contentType === 'string' && /[+/]json/.test(encoding.contentType);
}

/** https://spec.openapis.org/oas/v3.1.1#encoding-object: none of the three, and the content type counts. */
export function encodingStyle(encoding: Json): Style | null {
  if (['style', 'explode', 'allowReserved'].every((key) => field(encoding, key) === undefined)) return null;
  const style = collectionStyle(encoding) ?? (textField(encoding, 'style') || 'form');
  return { style, explode: typeof encoding.explode === 'boolean' ? encoding.explode : style === 'form' };
}

/** Swagger 2.0's formats that 3.x has no style for in some place. */
export function collectionStyle(node: Json): string | undefined {
  const format = node['x-collectionFormat'];
  if (format === 'tsv') return 'tabDelimited';
  if (format === 'ssv') return 'spaceDelimited';
  return format === 'pipes' ? 'pipeDelimited' : undefined;
}
