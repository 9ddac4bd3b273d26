import type { BodyProperty, MediaType } from '#core';
import type { RawPair } from './read-pairs.js';
import { pairsHold, splitPairs } from './read-pairs.js';
import { formDecode, jsonMeans, means, visible, wellFormed } from './reading.js';

/** What starts a record of a JSON text sequence: https://www.rfc-editor.org/rfc/rfc7464#section-2.2 */
const RECORD = '\u001E';

interface RawPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  readonly bytes: Buffer;
}

/**
 * Whether a body reads back as the expected value, by the Content-Type that it is sent with.
 * https://spec.openapis.org/oas/v3.1.1#media-type-object
 */
export function bodyHolds(
  bytes: Buffer,
  contentType: string,
  expected: unknown,
  declared: MediaType | undefined,
): boolean {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (/[+/]json$/.test(type)) return jsonMeans(bytes.toString('utf8'), expected);
  if (type === 'application/x-www-form-urlencoded') return formHolds(bytes.toString('utf8'), expected, declared);
  if (type.startsWith('multipart/')) return multipartHolds(bytes, contentType, expected, declared);
  const text = bytes.toString('utf8');
  if (typeof expected === 'string') {
    if (/charset="?(iso-8859-1|latin1)/i.test(contentType)) return bytes.equals(Buffer.from(expected, 'latin1'));
    return text === wellFormed(expected) || bytes.equals(Buffer.from(expected, 'base64'));
  }
  if (means(text, expected)) return true;
  const lines = Array.isArray(expected) ? expected : [expected];
  const found = text.split('\n').filter((line) => line !== '');
  return (
    found.length === lines.length &&
    found.every((line, i) => jsonMeans(line.startsWith(RECORD) ? line.slice(1) : line, lines[i]))
  );
}

function formHolds(text: string, expected: unknown, declared: MediaType | undefined): boolean {
  if (!isObject(expected)) return false;
  const pairs = splitPairs(text, '&');
  return Object.entries(expected).every(([name, value]) => {
    const property = own(declared, name);
    if (styled(property)) {
      const style = property.style ?? 'form';
      const layout = { style, explode: property.explode ?? style === 'form', allowEmptyValue: false };
      return pairsHold(pairs, name, value, layout, formDecode);
    }
    return valuesHold(valuesNamed(pairs, name), value, property);
  });
}

/** Fields by content: one a value, lists repeated, or one JSON text where the encoding says JSON. */
function valuesHold(
  values: readonly (string | undefined)[],
  expected: unknown,
  property: BodyProperty | undefined,
): boolean {
  const value = visible(expected);
  if (value === null || value === undefined) return values.length === 0;
  if (property?.contentType?.includes('json')) {
    return values.length === 1 && (jsonMeans(values[0], expected) || values[0] === expected);
  }
  if (Array.isArray(value)) return values.length === value.length && value.every((item, i) => means(values[i], item));
  return values.length === 1 && (means(values[0], value) || jsonMeans(values[0], expected));
}

function valuesNamed(pairs: readonly RawPair[], name: string): (string | undefined)[] {
  return pairs.filter(([raw]) => formDecode(raw) === name).map(([, raw]) => formDecode(raw));
}

function multipartHolds(
  bytes: Buffer,
  contentType: string,
  expected: unknown,
  declared: MediaType | undefined,
): boolean {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined || !isObject(expected)) return false;
  const parts = splitParts(bytes, boundary);
  return (
    parts !== undefined &&
    Object.entries(expected).every(([name, value]) => partsHold(parts, name, value, own(declared, name)))
  );
}

function partsHold(
  parts: readonly RawPart[],
  name: string,
  expected: unknown,
  property: BodyProperty | undefined,
): boolean {
  if (styled(property) && !property.binary) {
    const pairs = parts.map((part): RawPair => [part.name, part.bytes.toString('utf8')]);
    const style = property.style ?? 'form';
    const layout = { style, explode: property.explode ?? style === 'form', allowEmptyValue: false };
    return pairsHold(pairs, name, expected, layout, (text) => text);
  }
  const value = visible(expected);
  const found = parts.filter((part) => part.name === name);
  const items = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
  return found.length === items.length && found.every((part, i) => partHolds(part, items[i], property));
}

function partHolds(part: RawPart, expected: unknown, property: BodyProperty | undefined): boolean {
  if (property?.binary && typeof expected === 'string') {
    return part.filename !== undefined && part.bytes.equals(Buffer.from(expected, 'base64'));
  }
  const text = part.bytes.toString('utf8');
  if (part.contentType?.includes('json')) return jsonMeans(text, expected) || text === expected;
  return means(text, expected) && (typeof expected !== 'object' || part.contentType !== undefined);
}

/** Cuts a multipart body: https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 */
function splitParts(bytes: Buffer, boundary: string): RawPart[] | undefined {
  const text = bytes.toString('latin1');
  const delimiter = `--${boundary}`;
  const pieces = `\r\n${text}`.split(`\r\n${delimiter}`);
  if (pieces.shift() !== '' || !pieces.pop()?.startsWith('--')) return undefined;
  const parts: RawPart[] = [];
  for (const piece of pieces) {
    const end = piece.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const head = Buffer.from(piece.slice(0, end), 'latin1').toString('utf8');
    const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined) return undefined;
    parts.push({
      name: unquote(name),
      filename: /;\s*filename="([^"]*)"/i.exec(head)?.[1],
      contentType: /^content-type:\s*(.*)$/im.exec(head)?.[1]?.toLowerCase(),
      bytes: Buffer.from(piece.slice(end + 4), 'latin1'),
    });
  }
  return parts;
}

function unquote(name: string): string {
  return name.replace(/%22/g, '"').replace(/%0D/g, '\r').replace(/%0A/g, '\n');
}

function styled(property: BodyProperty | undefined): property is BodyProperty {
  return property?.style !== undefined || property?.explode !== undefined || property?.allowReserved !== undefined;
}

function own(declared: MediaType | undefined, name: string): BodyProperty | undefined {
  return declared?.properties && Object.hasOwn(declared.properties, name) ? declared.properties[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
