import { describeShape, Permanent } from '#core';
import type { MediaType, Operation } from '#core';
import type { RequestInput } from '../input.js';
import type { Choice } from './body-type.js';
import { askedType, choose } from './body-type.js';
import { bytesFromBase64, fileAlone, fileOf, tryBase64 } from './bytes.js';
import { parseFields } from './exact-json.js';
import { filesAsText, mayHoldFiles, withBlobs } from './files.js';
import { formText } from './form.js';
import {
  essence,
  isForm,
  isJson,
  isJsonLines,
  isMediaType,
  isMultipart,
  isRange,
  isText,
  mediaParameter,
} from './media-type.js';
import { multipart } from './multipart.js';
import { isGiven, isRecord, textOf } from './value.js';

/** A body as it leaves, and what its Content-Type header says. */
export interface Body {
  readonly bytes: Buffer;
  readonly contentType: string;
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

function write(value: unknown, choice: Choice): Body {
  const { contentType, declared } = choice;
  const file = fileAlone(value) ? fileOf(value, 'request body') : undefined;
  if (file) return { bytes: file.bytes, contentType };
  if (isJson(contentType)) return { bytes: Buffer.from(jsonOf(value)), contentType };
  if (isForm(contentType)) {
    if (typeof value === 'string') return { bytes: Buffer.from(value), contentType };
    if (!isRecord(value)) throw unsuitable(choice, 'an object', value);
    checkRequired(value, declared);
    return { bytes: Buffer.from(formText(filesAsText(value), declared)), contentType };
  }
  if (isMultipart(contentType)) return writeMultipart(value, choice);
  if (isJsonLines(contentType) && typeof value !== 'string')
    return { bytes: Buffer.from(jsonLines(filesAsText(value), contentType)), contentType };
  if (isTextual(contentType, declared)) return { bytes: encodeText(textual(value, choice), contentType), contentType };
  if (isPlainlyBytes(contentType, declared)) {
    if (typeof value !== 'string') throw unsuitable(choice, 'base64 text', value);
    return { bytes: bytesFromBase64(value, 'the request body'), contentType };
  }
  // A type of somebody's own: bytes where the value can be bytes, else what stands there, lists and objects as JSON.
  const bytes = typeof value === 'string' ? tryBase64(value) : undefined;
  return { bytes: bytes ?? Buffer.from(textOf(value)), contentType };
}

function writeMultipart(value: unknown, choice: Choice): Body {
  const { contentType, declared } = choice;
  const given = mediaParameter(contentType, 'boundary');
  if (typeof value === 'string' && given !== undefined) return { bytes: Buffer.from(value), contentType };
  if (!isRecord(value)) throw unsuitable(choice, 'an object', value);
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

function textual(value: unknown, choice: Choice): string {
  if (typeof value === 'string') return value;
  // JSON is YAML, and the natural plain text of a value.
  const { contentType } = choice;
  if (contentType.includes('yaml') || essence(contentType) === 'text/plain') return textOf(value);
  if (typeof value === 'object') throw unsuitable(choice, 'text', value);
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

/** The type is told as the document has it: what was given may be a header's value. */
function unsuitable({ declared }: Choice, expected: string, value: unknown): Permanent {
  const type = declared?.contentType ?? 'its content type';
  const message = `Expected the request body as ${expected} for ${type}, got ${describeShape(value)}.`;
  return new Permanent('BODY_UNSUITABLE', message);
}

function required(name: string): Permanent {
  return new Permanent('PARAMETER_REQUIRED', `${name} is required and must be specified`);
}
