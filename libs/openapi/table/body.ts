import type { BodyProperty, MediaType, RequestBody } from '#core';
import { isObject, own, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { allows } from './allows.js';
import { exampleOf } from './example.js';
import { givenExamples, parameterStyle } from './parameter.js';
import { object, text } from './reading.js';
import { isBinary, propertiesOf, summariseSchema } from './schema.js';

/** The request body of an operation, or undefined when it has none that can be sent. */
export function operationBody(operation: Json, references: References): RequestBody | undefined {
  const body = references.resolve(own(operation, 'requestBody'));
  const content = Object.entries(object(body, 'content'));
  if (!isObject(body) || content.length === 0) return undefined;
  return {
    required: body.required === true,
    content: content.map(([contentType, media]) => tableMediaType(contentType, media, references)),
  };
}

function tableMediaType(contentType: string, media: unknown, references: References): MediaType {
  const schema = own(media, 'schema') ?? {};
  const form = isForm(contentType) ? formOf(schema, object(media, 'encoding'), references) : {};
  return {
    contentType,
    schema: summariseSchema(schema, references),
    ...(isJson(contentType) && allows(schema, null, references) ? { nullable: true } : {}),
    ...form,
    example: exampleOf(schema, references, givenExamples(media, references)),
  };
}

function isForm(contentType: string): boolean {
  return /^\s*(multipart\/|application\/x-www-form-urlencoded)/i.test(contentType);
}

function isJson(contentType: string): boolean {
  return /[+/]json\s*(;|$)/i.test(contentType);
}

function formOf(schema: unknown, encodings: Json, references: References): Pick<MediaType, 'properties' | 'required'> {
  const { properties, required } = propertiesOf(schema, references);
  const entries = Object.entries(properties).map(([name, property]): [string, BodyProperty] => [
    name,
    bodyProperty(property, own(encodings, name), references),
  ]);
  return { properties: Object.fromEntries(entries), ...(required.length > 0 ? { required } : {}) };
}

/** https://spec.openapis.org/oas/v3.1.1#encoding-object */
function bodyProperty(schema: unknown, encoding: unknown, references: References): BodyProperty {
  const contentType = text(encoding, 'contentType');
  const style = parameterStyle(encoding);
  const explode = own(encoding, 'explode');
  const allowReserved = own(encoding, 'allowReserved');
  return {
    schema: summariseSchema(schema, references),
    binary: isBinary(schema, references),
    ...(contentType === undefined ? {} : { contentType }),
    ...(style === undefined ? {} : { style }),
    ...(typeof explode === 'boolean' ? { explode } : {}),
    ...(typeof allowReserved === 'boolean' ? { allowReserved } : {}),
  };
}
