import { Permanent } from '#core';
import type { MediaType, Operation } from '#core';
import type { RequestInput } from '../input.js';
import { bytesFromBase64, fileOf, tryBase64 } from './bytes.js';
import { parseFields } from './exact-json.js';
import { filesAsText, mayHoldFiles, withBlobs } from './files.js';
import { formText } from './form.js';
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
  isText,
  isXml,
  mediaParameter,
} from './media-type.js';
import { multipart } from './multipart.js';
import { isBytes, isGiven, isRecord, textOf } from './value.js';

/** A body as it leaves, and what its Content-Type header says. */
export interface Body {
  readonly bytes: Buffer;
  readonly contentType: string;
}

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
 * Writes the body in one of the declared media types: the one that the Content-Type header names, else the one that
 * `input.contentType` chooses, else the first that suits the value.
 * @param header the Content-Type header that was given.
 * @returns undefined when there is no body.
 * @throws Permanent when a required body is missing, the value cannot be written in that type, or the type that was
 *   asked for is none of the declared ones.
 */
export function buildBody(operation: Operation, input: RequestInput, header: string | undefined): Body | undefined {
  const content = operation.requestBody?.content ?? [];
  const { bodyJson } = input;
  const isNothing = bodyJson === undefined ? input.body === undefined : !isBody(bodyJson, content);
  if (isNothing) {
    if (operation.requestBody?.required) throw required('request body');
    return undefined;
  }
  const asked = askedType(content, header, input.contentType);
  const raw = bodyJson === undefined ? undefined : rawJson(bodyJson, content, asked);
  if (raw) return raw;
  const value = bodyJson === undefined ? input.body : parseJson(bodyJson, asked?.contentType, content);
  const whole = bodyJson === undefined && !input.blobs ? value : withBlobs(value, input.blobs);
  return write(whole, choose(content, whole, asked));
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

/** Nothing is no body, and neither is null where no declared body may be null. */
function isBody(text: string | Buffer, content: readonly MediaType[]): boolean {
  if (text.length === 0) return false;
  return text.length > 8 || text.toString().trim() !== 'null' || content.some((type) => type.nullable);
}

/** JSON text that may go out as it is: the only media type that could suit is JSON. */
function rawJson(text: string | Buffer, content: readonly MediaType[], asked: Choice | undefined): Body | undefined {
  const only =
    asked?.contentType ??
    (content.length === 0
      ? 'application/json'
      : content.every((type) => isJson(type.contentType))
        ? content[0]?.contentType
        : undefined);
  if (only === undefined || !isJson(only) || isRange(only) || !isMediaType(only)) return undefined;
  // A file may stand where JSON is expected.
  if (mayHoldFiles(text)) return undefined;
  return { bytes: Buffer.isBuffer(text) ? text : Buffer.from(text), contentType: only };
}

/**
 * The media type that somebody asked for; it may be a range. A header is taken at its word, for headers given by hand
 * win; a field chooses among what is declared, or says what it is where nothing is.
 */
function askedType(
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
    throw unusable(`Expected the content type of the request body as type/subtype, got ${excerpt(wanted)}.`);
  }
  if (!declared) {
    const shown = content.slice(0, TYPES_SHOWN).map((type) => type.contentType);
    const more = content.length > TYPES_SHOWN ? ' …' : '';
    throw unusable(
      `Expected the content type of the request body to be one that is declared (${shown.join(', ')}${more}), got ${excerpt(wanted)}.`,
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

function choose(content: readonly MediaType[], value: unknown, asked: Choice | undefined): Choice {
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

function write(value: unknown, { contentType, declared }: Choice): Body {
  const file = fileAlone(value) ? fileOf(value, 'request body') : undefined;
  if (file) return { bytes: file.bytes, contentType };
  if (isJson(contentType)) return { bytes: Buffer.from(jsonOf(value)), contentType };
  if (isForm(contentType)) {
    if (typeof value === 'string') return { bytes: Buffer.from(value), contentType };
    if (!isRecord(value)) throw unsuitable(contentType, 'an object', value);
    checkRequired(value, declared);
    return { bytes: Buffer.from(formText(filesAsText(value), declared)), contentType };
  }
  if (isMultipart(contentType)) return writeMultipart(value, contentType, declared);
  if (isJsonLines(contentType) && typeof value !== 'string')
    return { bytes: Buffer.from(jsonLines(filesAsText(value), contentType)), contentType };
  if (isTextual(contentType, declared))
    return { bytes: encodeText(textual(value, contentType), contentType), contentType };
  if (isPlainlyBytes(contentType, declared)) {
    if (typeof value !== 'string') throw unsuitable(contentType, 'base64 text', value);
    return { bytes: bytesFromBase64(value, 'the request body'), contentType };
  }
  // A type of somebody's own: bytes where the value can be bytes, else what stands there, lists and objects as JSON.
  const bytes = typeof value === 'string' ? tryBase64(value) : undefined;
  return { bytes: bytes ?? Buffer.from(textOf(value)), contentType };
}

function writeMultipart(value: unknown, contentType: string, declared: MediaType | undefined): Body {
  const given = mediaParameter(contentType, 'boundary');
  if (typeof value === 'string' && given !== undefined) return { bytes: Buffer.from(value), contentType };
  if (!isRecord(value)) throw unsuitable(contentType, 'an object', value);
  checkRequired(value, declared);
  const { bytes, boundary } = multipart(value, declared, given);
  return { bytes, contentType: given === undefined ? `${contentType}; boundary=${boundary}` : contentType };
}

/** Required fields of forms are what required parameters are elsewhere (in Swagger 2.0 they are parameters). */
function checkRequired(value: Record<string, unknown>, declared: MediaType | undefined): void {
  for (const name of declared?.required ?? []) {
    if (!Object.hasOwn(value, name) || !isGiven(value[name])) throw required(name);
  }
}

function isTextual(contentType: string, declared: MediaType | undefined): boolean {
  if (isText(contentType) || isJsonLines(contentType)) return true;
  if (/^(image|audio|video|font)\//.test(essence(contentType)) || essence(contentType) === 'application/octet-stream')
    return false;
  // An unknown type: the schema may say that it is a text, and bytes are not described as one without a format.
  return (
    declared?.schema.type === 'string' &&
    (declared.schema.format ?? '') === '' &&
    !KNOWN_BYTES.test(essence(contentType))
  );
}

/** Nothing but bytes can be meant, so anything else is a mistake. */
function isPlainlyBytes(contentType: string, declared: MediaType | undefined): boolean {
  const type = essence(contentType);
  return BYTES.test(type) || declared?.schema.format === 'binary' || declared?.schema.format === 'byte';
}

const BYTES =
  /^(?:image|audio|video|font)\/|^application\/(?:octet-stream|pdf|zip|gzip|msword|java-archive|wasm|(?:x-)?(?:protobuf|msgpack|cbor|avro|tar)|zstd|.*\+(?:zip|gzip|cbor|protobuf|avro))$/;

const KNOWN_BYTES =
  /^application\/(?:pdf|zip|gzip|x-|vnd\.|octet|msword|java|wasm|protobuf|cbor|msgpack|avro|zstd|.*\+(?:zip|gzip|cbor|protobuf|avro))/;

function textual(value: unknown, contentType: string): string {
  if (typeof value === 'string') return value;
  // JSON is YAML, and the natural plain text of a value.
  if (contentType.includes('yaml') || essence(contentType) === 'text/plain') return textOf(value);
  if (typeof value === 'object') throw unsuitable(contentType, 'text', value);
  return textOf(value);
}

function encodeText(text: string, contentType: string): Buffer {
  const charset = mediaParameter(contentType, 'charset')?.toLowerCase();
  return Buffer.from(text, charset === 'iso-8859-1' || charset === 'latin1' ? 'latin1' : 'utf8');
}

function jsonLines(value: unknown, contentType: string): string {
  const start = essence(contentType).endsWith('json-seq') ? '\u001E' : '';
  const values = Array.isArray(value) ? value : [value];
  return values.map((line) => `${start}${JSON.stringify(line)}\n`).join('');
}

/** A file in JSON is its base64 text, which is how JSON has bytes. */
function jsonOf(value: unknown): string {
  const text = JSON.stringify(value);
  return mayHoldFiles(text) ? JSON.stringify(filesAsText(value)) : text;
}

/** Where all that could be meant is a form, its numbers keep their digits. */
function parseJson(text: string | Buffer, asked: string | undefined, content: readonly MediaType[]): unknown {
  const types = asked === undefined ? content.map((type) => type.contentType) : [asked];
  const isFields = types.length > 0 && types.every((type) => isForm(type) || isMultipart(type));
  return isFields ? parseFields(text.toString()) : JSON.parse(text.toString());
}

/** The whole body is one file. */
function fileAlone(value: unknown): boolean {
  return isBytes(value) || (isRecord(value) && Object.hasOwn(value, '$file'));
}

function unsuitable(contentType: string, expected: string, value: unknown): Permanent {
  const got =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : typeof value === 'object'
          ? 'an object'
          : `a ${typeof value}`;
  return unusable(`Expected the request body as ${expected} for ${contentType}, got ${got}.`);
}

function unusable(message: string): Permanent {
  return new Permanent('BODY_UNSUITABLE', message);
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

function required(name: string): Permanent {
  return new Permanent('PARAMETER_REQUIRED', `${name} is required and must be specified`);
}
