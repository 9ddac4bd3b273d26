import { createHash } from 'node:crypto';
import { describeShape, Permanent } from '#core';
import type { BodyProperty, MediaType } from '#core';
import { bytesFromBase64, fileOf } from './bytes.js';
import { encodeNothing } from './encode.js';
import { filesAsText } from './files.js';
import { jsonText, layoutOf, propertyOf } from './form.js';
import { firstOf, isJson, isMediaType, isRange } from './media-type.js';
import { pairsOf } from './style.js';
import { isGiven, isRecord, textOf } from './value.js';

interface Part {
  readonly name: string;
  readonly bytes: Buffer;
  readonly filename?: string | undefined;
  /** Left out for plain text, which is what a part without it is. */
  readonly contentType?: string | undefined;
}

/** A multipart body, and the boundary that its Content-Type has to name. */
export interface Multipart {
  readonly bytes: Buffer;
  readonly boundary: string;
}

/**
 * An object as multipart parts, a list as one part an item. The part's type is that of its encoding, else
 * `application/json` for objects, `application/octet-stream` for bytes and none for texts.
 * The boundary is a digest of the parts, so that equal input gives equal bytes.
 * https://www.rfc-editor.org/rfc/rfc7578, https://spec.openapis.org/oas/v3.1.1#encoding-multipart-media-types
 * @throws Permanent naming the property whose value cannot be a part.
 */
export function multipart(
  body: Readonly<Record<string, unknown>>,
  mediaType: MediaType | undefined,
  boundary?: string,
): Multipart {
  const parts: Part[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (!isGiven(value)) continue;
    const property = propertyOf(mediaType, name);
    const layout = layoutOf(property);
    if (layout && !holdsFile(value, name, property)) {
      for (const [partName, text] of pairsOf(name, value, layout, encodeNothing)) {
        parts.push({ name: partName, bytes: Buffer.from(text) });
      }
      continue;
    }
    if (Array.isArray(value))
      for (const item of value.filter(isGiven)) parts.push(partOf(name, item, itemOf(property)));
    else parts.push(partOf(name, value, property));
  }
  return assemble(parts, boundary);
}

/** What is declared of a list's items: all but the type, which is the list's own. */
function itemOf(property: BodyProperty | undefined): BodyProperty | undefined {
  return property && { ...property, schema: { ...property.schema, type: null } };
}

function partOf(name: string, given: unknown, property: BodyProperty | undefined): Part {
  const declared = concrete(property?.contentType);
  const file = fileOf(given, placeOf(name, property));
  if (file) {
    return {
      name,
      bytes: file.bytes,
      filename: file.filename ?? name,
      contentType: partType(file.contentType, placeOf(name, property)) ?? declared ?? 'application/octet-stream',
    };
  }
  const value = filesAsText(given);
  if (property?.binary && typeof value === 'string') {
    const contentType = declared ?? 'application/octet-stream';
    return { name, bytes: bytesFromBase64(value, name), filename: name, contentType };
  }
  if (declared !== undefined && isJson(declared)) {
    return { name, bytes: Buffer.from(jsonText(value, property)), contentType: declared };
  }
  const nested = isRecord(value) || Array.isArray(value);
  if (nested && declared !== undefined) {
    throw new Permanent(
      'BODY_UNSUITABLE',
      `Expected ${name} to be a text of ${declared}, got ${describeShape(value)}.`,
    );
  }
  return { name, bytes: Buffer.from(textOf(value)), contentType: nested ? 'application/json' : declared };
}

function holdsFile(value: unknown, name: string, property: BodyProperty | undefined): boolean {
  if (property?.binary) return true;
  return (Array.isArray(value) ? value : [value]).some((item) => fileOf(item, placeOf(name, property)) !== undefined);
}

/** The first type of an encoding's list; undefined when it is a range or nothing that a header can hold. */
function concrete(contentType: string | undefined): string | undefined {
  if (contentType === undefined) return undefined;
  const first = firstOf(contentType);
  return isMediaType(first) && !isRange(first) ? first : undefined;
}

/** A field's name where it is the document's: others may be secrets. */
function placeOf(name: string, property: BodyProperty | undefined): string {
  return property ? name : 'a field of the request body';
}

function partType(contentType: string | undefined, place: string): string | undefined {
  if (contentType === undefined || isMediaType(contentType)) return contentType;
  throw new Permanent(
    'BODY_UNSUITABLE',
    `Expected the content type of ${place} to be type/subtype, got ${describeShape(contentType)}.`,
  );
}

function assemble(parts: readonly Part[], wanted: string | undefined): Multipart {
  const boundary = wanted ?? digestOf(parts);
  const chunks: Buffer[] = [];
  for (const part of parts) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(part.name)}"`;
    if (part.filename !== undefined) head += `; filename="${quoted(part.filename)}"`;
    if (part.contentType !== undefined) head += `\r\nContent-Type: ${part.contentType}`;
    chunks.push(Buffer.from(`${head}\r\n\r\n`), part.bytes, Buffer.from('\r\n'));
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return { bytes: Buffer.concat(chunks), boundary };
}

function digestOf(parts: readonly Part[]): string {
  const hash = createHash('sha256');
  for (const { name, bytes, filename, contentType } of parts) {
    hash.update(JSON.stringify([name, filename, contentType, bytes.length])).update(bytes);
  }
  return `callboard-${hash.digest('hex').slice(0, 40)}`;
}

/** As browsers do it: https://html.spec.whatwg.org/#multipart-form-data */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
