import { describeShape, Permanent } from '#core';
import type { MediaType, Operation } from '#core';
import { fileAlone, fileOf } from './bytes.js';
import {
  covers,
  essence,
  firstOf,
  isForm,
  isJson,
  isJsonLines,
  isMediaType,
  isMultipart,
  isRange,
  isXml,
} from './media-type.js';
import { isRecord } from './value.js';

/** How many declared media types a sentence lists. */
const TYPES_SHOWN = 10;

/** How base64 of well-known kinds of bytes starts. */
const SIGNATURES: readonly (readonly [start: string, contentType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi0', 'application/pdf'],
];

/** A media type, and what the document says of it. */
export interface Choice {
  readonly contentType: string;
  readonly declared: MediaType | undefined;
}

/**
 * The media type that a body is written in, and what the document says of it: see `buildBody`.
 * @throws Permanent when the type that was asked for is none of the declared ones.
 */
export function chooseMediaType(
  operation: Operation,
  value: unknown,
  header: string | undefined,
  field: string | undefined,
): Choice {
  const content = operation.requestBody?.content ?? [];
  return choose(content, value, askedType(content, header, field));
}

/**
 * The media type that somebody asked for; it may be a range. A header is taken at its word, for headers given by hand
 * win; a field chooses among what is declared, or says what it is where nothing is.
 * @throws Permanent when the field names none of the declared types.
 */
export function askedType(
  content: readonly MediaType[],
  header: string | undefined,
  field: string | undefined,
): Choice | undefined {
  const wanted = header ?? field;
  if (wanted === undefined) return undefined;
  const declared =
    content.find((type) => sameType(type.contentType, wanted)) ??
    content.find((type) => essence(type.contentType) === essence(wanted)) ??
    content.find((type) => covers(type.contentType, wanted)) ??
    content.find((type) => header === undefined && isRange(wanted) && covers(wanted, type.contentType));
  if (header !== undefined) return { contentType: wanted, declared };
  if (content.length === 0) {
    if (isMediaType(wanted)) return { contentType: wanted, declared };
    throw new Permanent(
      'BODY_UNSUITABLE',
      `Expected the content type of the request body as type/subtype, got ${describeShape(wanted)}.`,
    );
  }
  if (!declared) {
    const shown = content.slice(0, TYPES_SHOWN).map((type) => type.contentType);
    const more = content.length > TYPES_SHOWN ? ' …' : '';
    throw new Permanent(
      'BODY_UNSUITABLE',
      `Expected the content type of the request body to be one that is declared (${shown.join(', ')}${more}), got ${describeShape(wanted)}.`,
    );
  }
  // The document's spelling has the parameters that the service expects, such as a version or a charset.
  const isBare = !wanted.includes(';') && essence(declared.contentType) === essence(wanted);
  return { contentType: isBare || isRange(wanted) ? declared.contentType : wanted, declared };
}

/** Equal media types, parameters and all, but for case and spaces. */
function sameType(one: string, other: string): boolean {
  const plain = (type: string) => type.toLowerCase().replace(/[\s"]+/g, '');
  return plain(one) === plain(other);
}

/** The media type for a value: the one asked for, made concrete, else the first declared one that suits it. */
export function choose(content: readonly MediaType[], value: unknown, asked: Choice | undefined): Choice {
  if (asked) {
    const { contentType, declared } = asked;
    // Documents also declare lists of types, and what is none.
    const isVague = isRange(contentType) || (declared !== undefined && !isMediaType(contentType));
    return isVague ? { contentType: concreteType(contentType, declared, value), declared } : asked;
  }
  const declared =
    content.find((type) => suits(type, value) && !isRange(type.contentType)) ??
    content.find((type) => suits(type, value)) ??
    content[0];
  return { contentType: concreteType(declared?.contentType, declared, value), declared };
}

/** Whether a value of this kind can be meant for a media type. */
function suits(type: MediaType, value: unknown): boolean {
  const { contentType, schema } = type;
  if (isForm(contentType) || isMultipart(contentType)) return isRecord(value) && !fileAlone(value);
  if (isJson(contentType)) {
    if (fileAlone(value)) return false;
    return typeof value !== 'string' || schema.type === null || schema.type === 'string';
  }
  if (isJsonLines(contentType) && Array.isArray(value)) return true;
  if (contentType === '*/*') return true;
  if (isXml(contentType)) return typeof value === 'string' || fileAlone(value);
  return typeof value !== 'object' || fileAlone(value);
}

/** The type that is sent where a range, a list or nothing is declared. */
function concreteType(given: string | undefined, declared: MediaType | undefined, value: unknown): string {
  if (given === undefined) return fileAlone(value) ? 'application/octet-stream' : 'application/json';
  const contentType = firstOf(given);
  if (isMediaType(contentType) && !isRange(contentType)) return contentType;
  const ofFile = fileOf(value, 'request body')?.contentType;
  if (ofFile !== undefined) return ofFile;
  const told = typeof value === 'string' ? SIGNATURES.find(([start]) => value.startsWith(start))?.[1] : undefined;
  if (told !== undefined && contentType !== '*/*' && covers(contentType, told)) return told;
  if (contentType === 'text/*') return 'text/plain';
  if (contentType === 'multipart/*') return 'multipart/form-data';
  if (fileAlone(value) || declared?.schema.format === 'binary' || /^(image|audio|video|font)\//.test(contentType)) {
    return 'application/octet-stream';
  }
  return typeof value === 'string' && !isJson(contentType) && (declared?.schema.type ?? 'string') === 'string'
    ? 'text/plain'
    : 'application/json';
}
