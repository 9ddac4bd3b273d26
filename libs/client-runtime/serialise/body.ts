import { Permanent } from '#core';
import type { MediaType, Operation } from '#core';
import type { RequestInput } from '../input.js';
import { bytesFromBase64, fileOf } from './bytes.js';
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

/** What the document says of the body that is sent; the media type is concrete. */
interface Choice {
  readonly contentType: string;
  readonly declared: MediaType | undefined;
}

/**
 * Writes the body in one of the declared media types: the one that the Content-Type header names, else
 * `input.contentType`, else the first that suits the value.
 * @param header the Content-Type header that was given.
 * @returns undefined when there is no body.
 * @throws Permanent when a required body is missing or the value cannot be written in that type.
 */
export function buildBody(operation: Operation, input: RequestInput, header: string | undefined): Body | undefined {
  const content = operation.requestBody?.content ?? [];
  const wanted = header ?? input.contentType;
  if (input.bodyJson !== undefined) {
    const raw = rawJson(input.bodyJson, content, wanted);
    if (raw) return raw;
  }
  const value = input.bodyJson === undefined ? input.body : parseJson(input.bodyJson);
  if (value === undefined) {
    if (operation.requestBody?.required) throw required('request body');
    return undefined;
  }
  return write(value, choose(content, value, wanted));
}

/** JSON text that may go out as it is: the only media type that could suit is JSON. */
function rawJson(text: string | Buffer, content: readonly MediaType[], wanted: string | undefined): Body | undefined {
  const only =
    wanted ??
    (content.length === 0
      ? 'application/json'
      : content.every((type) => isJson(type.contentType))
        ? content[0]?.contentType
        : undefined);
  if (only === undefined || !isJson(only) || isRange(only) || !isMediaType(only)) return undefined;
  const first = typeof text === 'string' ? text.charCodeAt(0) : text[0];
  // A file may stand where JSON is expected; texts may have been meant for another declared type.
  if (first === undefined || text.includes('"$file"')) return undefined;
  return { bytes: Buffer.isBuffer(text) ? text : Buffer.from(text), contentType: only };
}

function choose(content: readonly MediaType[], value: unknown, wanted: string | undefined): Choice {
  if (wanted !== undefined) {
    const exact = content.find((type) => essence(type.contentType) === essence(wanted));
    const declared = exact ?? content.find((type) => covers(type.contentType, wanted));
    return { contentType: wanted, declared };
  }
  const declared =
    content.find((type) => suits(type, value) && !isRange(type.contentType)) ??
    content.find((type) => suits(type, value)) ??
    content[0];
  return { contentType: concreteType(declared, value), declared };
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
function concreteType(declared: MediaType | undefined, value: unknown): string {
  if (!declared) return fileAlone(value) ? 'application/octet-stream' : 'application/json';
  const contentType = firstOf(declared.contentType);
  if (isMediaType(contentType) && !isRange(contentType)) return contentType;
  const ofFile = fileOf(value, 'request body')?.contentType;
  if (ofFile !== undefined) return ofFile;
  if (contentType === 'text/*') return 'text/plain';
  if (contentType === 'multipart/*') return 'multipart/form-data';
  if (fileAlone(value) || declared.schema.format === 'binary' || /^(image|audio|video|font)\//.test(contentType)) {
    return 'application/octet-stream';
  }
  return typeof value === 'string' && !isJson(contentType) && (declared.schema.type ?? 'string') === 'string'
    ? 'text/plain'
    : 'application/json';
}

function write(value: unknown, { contentType, declared }: Choice): Body {
  const file = fileAlone(value) ? fileOf(value, 'request body') : undefined;
  if (file) return { bytes: file.bytes, contentType };
  if (isJson(contentType)) return { bytes: Buffer.from(JSON.stringify(value)), contentType };
  if (isForm(contentType)) {
    if (typeof value === 'string') return { bytes: Buffer.from(value), contentType };
    if (!isRecord(value)) throw unsuitable(contentType, 'an object', value);
    checkRequired(value, declared);
    return { bytes: Buffer.from(formText(value, declared)), contentType };
  }
  if (isMultipart(contentType)) return writeMultipart(value, contentType, declared);
  if (isJsonLines(contentType) && typeof value !== 'string')
    return { bytes: Buffer.from(jsonLines(value, contentType)), contentType };
  if (isTextual(contentType, declared))
    return { bytes: encodeText(textual(value, contentType), contentType), contentType };
  if (typeof value !== 'string') throw unsuitable(contentType, 'base64 text', value);
  return { bytes: bytesFromBase64(value, 'the request body'), contentType };
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

function parseJson(text: string | Buffer): unknown {
  const json = text.toString();
  return json === '' ? undefined : JSON.parse(json);
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
  return new Permanent('BODY_UNSUITABLE', `Expected the request body as ${expected} for ${contentType}, got ${got}.`);
}

function required(name: string): Permanent {
  return new Permanent('PARAMETER_REQUIRED', `${name} is required and must be specified`);
}
