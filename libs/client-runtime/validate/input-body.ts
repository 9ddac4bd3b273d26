import { messageOf, type JsonSchema, type MediaType, type Operation, type SchemaTable } from '#core';
import { chooseMediaType, type Choice } from '../serialise/body-type.js';
import { isForm, isJson, isJsonLines, isMultipart, isText, isXml } from '../serialise/media-type.js';
import { isBytes, isGiven, isRecord } from '../serialise/value.js';
import { checkerOf } from './checker.js';
import { excerpt, oneOf } from './describe.js';
import { faultAt, faultsOf, type Fault } from './fault.js';
import { fileFaults } from './file-faults.js';
import { isBase64 } from './format.js';
import { Run } from './run.js';
import type { CheckedInput, ValidateOptions } from './checked-input.js';

const MOST_FAULTS = 100;

/** What is wrong with the body of a call, and with the media type that was asked for. */
export function bodyFaults(
  operation: Operation,
  schemas: SchemaTable,
  input: CheckedInput,
  { onUnchecked }: ValidateOptions,
): Fault[] {
  const content = operation.requestBody?.content ?? [];
  const { body } = input;
  const isNothing = body === undefined || (body === null && !content.some((type) => type.nullable));
  const types = oneOf(content.map((type) => excerpt(type.contentType)));
  if (isNothing) {
    return operation.requestBody?.required === true ? [faultAt('req_body', [], `a body of ${types}`, undefined)] : [];
  }
  if (content.length === 0) {
    return [
      faultAt('req_body', [], `absent, since ${operation.method} ${excerpt(operation.path)} declares no body`, body),
    ];
  }
  const header = Object.entries(input.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type');
  const given = typeof header?.[1] === 'string' ? header[1] : undefined;
  let choice: Choice;
  try {
    choice = chooseMediaType(operation, body, given, input.contentType);
  } catch (error) {
    return [{ ...faultAt('content_type', [], types, input.contentType), message: messageOf(error) }];
  }
  if (!choice.declared) {
    return [faultAt(header ? 'headers' : 'content_type', header ? [header[0]] : [], types, given ?? input.contentType)];
  }
  const { faults, isComplete } = contentFaults(
    body,
    choice.contentType,
    choice.declared,
    schemaOf(operation, schemas, choice.declared),
    schemas,
  );
  if (!isComplete) onUnchecked?.('/req_body');
  return faults;
}

interface Checked {
  readonly faults: Fault[];
  readonly isComplete: boolean;
}

const UNCHECKED: Checked = { faults: [], isComplete: true };

function contentFaults(
  body: unknown,
  contentType: string,
  declared: MediaType,
  schema: JsonSchema,
  schemas: SchemaTable,
): Checked {
  if (isBytes(body)) return UNCHECKED;
  const files = { schema, schemas: checkerOf(schemas) };
  if (isRecord(body) && Object.hasOwn(body, '$file')) {
    return { faults: fileFaults(body, { ...files, hasParts: !isJson(contentType) }), isComplete: true };
  }
  if (isJson(contentType)) {
    const { faults, isComplete } = schemaFaults(body, schema, schemas, false);
    return { faults: [...faults, ...fileFaults(body, { ...files, hasParts: false })], isComplete };
  }
  if (isForm(contentType) || isMultipart(contentType)) {
    // Encoded already.
    if (typeof body === 'string') return UNCHECKED;
    if (!isRecord(body)) return one(`an object of fields for ${declared.contentType}`, body);
    // Some declare the whole form as text or as bytes: that says nothing of its fields.
    const isTyped = (declared.schema.type ?? 'object') === 'object';
    const { faults, isComplete } = isTyped ? schemaFaults(withoutNulls(body), schema, schemas, true) : UNCHECKED;
    return {
      faults: [
        ...faults,
        ...bytesFaults(body, declared),
        ...fileFaults(body, { ...files, hasParts: isMultipart(contentType) }),
      ],
      isComplete,
    };
  }
  if (isXml(contentType))
    return typeof body === 'string' ? UNCHECKED : one(`XML as text for ${declared.contentType}`, body);
  if (isJsonLines(contentType)) return UNCHECKED;
  if (isText(contentType))
    return isRecord(body) || Array.isArray(body) ? UNCHECKED : schemaFaults(body, schema, schemas, true);
  if (declared.schema.type === 'string' && !isGiven(declared.schema.format))
    return schemaFaults(body, schema, schemas, true);
  return typeof body === 'string' && isBase64(body) ? UNCHECKED : one(`base64 text for ${declared.contentType}`, body);
}

function schemaFaults(body: unknown, schema: JsonSchema, schemas: SchemaTable, asText: boolean): Checked {
  const run = new Run({ direction: 'request', asText, files: true, most: MOST_FAULTS });
  checkerOf(schemas).checkOf(schema)(body, run);
  return { faults: faultsOf('req_body', [], run.violations), isComplete: run.isComplete };
}

/** Fields of bytes that are given as text hold base64. */
function bytesFaults(body: Readonly<Record<string, unknown>>, { properties = {} }: MediaType): Fault[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const value = property.binary && Object.hasOwn(body, name) ? body[name] : undefined;
    if (!Array.isArray(value)) return isUnreadable(value) ? [faultAt('req_body', [name], FILE, value)] : [];
    return value.flatMap((item: unknown, index) =>
      isUnreadable(item) ? [faultAt('req_body', [name, String(index)], FILE, item)] : [],
    );
  });
}

const FILE = 'a file or base64 text';

function isUnreadable(value: unknown): boolean {
  return typeof value === 'string' && !isBase64(value.replace(/^data:[^,]*,/, ''));
}

/** Null is no field at all in a form. */
function withoutNulls(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => isGiven(value)));
}

function one(expected: string, body: unknown): Checked {
  return { faults: [faultAt('req_body', [], expected, body)], isComplete: true };
}

function schemaOf(operation: Operation, schemas: SchemaTable, { contentType }: MediaType): JsonSchema {
  const key = `${operation.method} ${operation.path}`;
  const body = Object.hasOwn(schemas.operations, key) ? schemas.operations[key]?.body : undefined;
  const index = body && Object.hasOwn(body, contentType) ? body[contentType] : undefined;
  return (index === undefined ? undefined : schemas.schemas[index]) ?? {};
}
