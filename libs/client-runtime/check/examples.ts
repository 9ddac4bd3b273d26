import type { BodyProperty, MediaType, Operation, Parameter } from '#core';
import type { RequestInput } from '../input.js';
import { isSendable } from '../serialise/headers.js';
import { textOf } from '../serialise/value.js';
import { isForm, isJson, isJsonLines, isMultipart, isText, isXml } from '../serialise/media-type.js';

/** A call of an operation made of the document's own examples. */
export interface Example {
  readonly input: RequestInput;
  /** The media type that the body is meant in. */
  readonly mediaType?: MediaType | undefined;
}

/** Stands in where an example cannot be sent as such. */
const STAND_IN = 'x';

/**
 * One example call for each media type of the body (at least one), with every parameter and property of which there
 * is an example. Examples that the document has but that no request could carry (null in a path, text that is not
 * base64 where bytes belong, a line break in a header) are replaced by ones that could.
 */
export function examplesOf(operation: Operation): Example[] {
  const input = {
    urlParams: valuesIn(operation, 'path'),
    queryParams: valuesIn(operation, 'query'),
    headers: valuesIn(operation, 'header'),
    cookieParams: valuesIn(operation, 'cookie'),
  };
  const content = operation.requestBody?.content ?? [];
  if (content.length === 0) return [{ input }];
  return content.map((mediaType) => ({
    input: {
      ...input,
      body: bodyExample(mediaType),
      contentType: content.length > 1 ? mediaType.contentType : undefined,
    },
    mediaType,
  }));
}

function valuesIn(operation: Operation, location: Parameter['in']): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const parameter of operation.parameters) {
    if (parameter.in !== location || (location === 'header' && !isSendable(parameter.name))) continue;
    define(values, parameter.name, parameterExample(parameter));
  }
  if (location !== 'path') return values;
  for (const [, name = ''] of operation.template.matchAll(/\{[+#./;?&]?([^{}*:]*[^{}*:+])[^{}]*\}/g)) {
    if (!Object.hasOwn(values, name)) define(values, name, STAND_IN);
  }
  return values;
}

function parameterExample({ in: location, example }: Parameter): unknown {
  if (example === null || example === undefined) return STAND_IN;
  // Dots would be a step to another path.
  if (location === 'path' && /^\.{0,2}$/.test([example].flat().map(textOf).join())) return STAND_IN;
  if (location !== 'header') return example;
  return withoutControls(example);
}

/** Headers hold one line. */
function withoutControls(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[\p{Cc}]+/gu, ' ');
  if (Array.isArray(value)) return value.map(withoutControls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.replace(/[\p{Cc}]+/gu, ' '), withoutControls(member)]),
  );
}

function bodyExample(mediaType: MediaType): unknown {
  const { contentType, example, schema } = mediaType;
  if (isJson(contentType)) return example ?? null;
  if (isForm(contentType) || isMultipart(contentType)) return formExample(mediaType);
  if (isXml(contentType)) return typeof example === 'string' ? example : '<example/>';
  if (isJsonLines(contentType)) return typeof example === 'object' && example !== null ? example : [STAND_IN];
  if (contentType.includes('*') && schema.format !== 'binary' && !/^(image|audio|video|font)\//.test(contentType)) {
    return example ?? STAND_IN;
  }
  if (isText(contentType)) return typeof example === 'object' ? STAND_IN : example;
  return base64(typeof example === 'string' ? example : STAND_IN);
}

function formExample(mediaType: MediaType): Record<string, unknown> {
  const { example } = mediaType;
  const body: Record<string, unknown> = {};
  if (typeof example === 'object' && example !== null && !Array.isArray(example)) {
    for (const [name, value] of Object.entries(example)) {
      define(body, name, fieldExample(value, propertyOf(mediaType, name)));
    }
  }
  for (const name of mediaType.required ?? []) {
    if ((body[name] ?? null) === null) define(body, name, fieldExample(STAND_IN, propertyOf(mediaType, name)));
  }
  return body;
}

function fieldExample(value: unknown, property: BodyProperty | undefined): unknown {
  if (property?.binary) {
    const one = (item: unknown) => base64(typeof item === 'string' ? item : STAND_IN);
    return Array.isArray(value) ? value.map(one) : one(value);
  }
  const type = property?.contentType;
  const nested = (item: unknown) => typeof item === 'object' && item !== null;
  const textOnly = type !== undefined && !isJson(type) && property?.style === undefined;
  return textOnly && (Array.isArray(value) ? value.some(nested) : nested(value)) ? STAND_IN : value;
}

function propertyOf(mediaType: MediaType, name: string): BodyProperty | undefined {
  return mediaType.properties && Object.hasOwn(mediaType.properties, name) ? mediaType.properties[name] : undefined;
}

/** Assigns any name, `__proto__` included. */
function define(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
