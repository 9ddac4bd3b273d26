import type { Parameter, ParameterLocation, ParameterStyle } from '#core';
import { excerpt, isObject, own, type Json } from '../json.js';
import { parameterKey } from '../normalise/operation.js';
import type { References } from '../normalise/references.js';
import { exampleOf } from './example.js';
import { list, object, text } from './reading.js';
import { summariseSchema } from './schema.js';

/** Headers that a parameter cannot set: https://spec.openapis.org/oas/v3.1.1#fixed-fields-for-use-with-schema */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);
const LONGEST_DESCRIPTION = 500;

/** https://spec.openapis.org/oas/v3.1.1#style-values */
const DEFAULT_STYLE: Readonly<Record<ParameterLocation, ParameterStyle>> = {
  path: 'simple',
  query: 'form',
  querystring: 'form',
  header: 'simple',
  cookie: 'form',
};
const COLLECTION_STYLES: Readonly<Record<string, ParameterStyle>> = {
  ssv: 'spaceDelimited',
  pipes: 'pipeDelimited',
  tsv: 'tabDelimited',
};

/** The parameters of an operation: those of its path first, each replaced by the operation's own of the same name. */
export function operationParameters(item: Json, operation: Json, references: References): Parameter[] {
  return parameterNodes(item, operation, references).map((parameter) => tableParameter(parameter, references));
}

/** The same as they stand in the document. */
export function parameterNodes(item: Json, operation: Json, references: References): Json[] {
  const byKey = new Map<string, Json>();
  for (const given of [...list(item, 'parameters'), ...list(operation, 'parameters')]) {
    const parameter = references.resolve(given);
    const key = parameterKey(parameter);
    if (key === null || !isObject(parameter)) continue;
    if (parameter.in === 'header' && NOT_PARAMETERS.has(String(parameter.name).toLowerCase())) continue;
    byKey.set(key, parameter);
  }
  return [...byKey.values()];
}

function tableParameter(node: Json, references: References): Parameter {
  const location = node.in as ParameterLocation;
  const [contentType, media] = Object.entries(object(node, 'content'))[0] ?? [];
  const schema = own(media ?? node, 'schema') ?? {};
  const style = parameterStyle(node) ?? DEFAULT_STYLE[location];
  const description = text(node, 'description');
  return {
    name: String(node.name),
    in: location,
    required: node.required === true,
    style,
    explode: typeof node.explode === 'boolean' ? node.explode : style === 'form' || style === 'cookie',
    allowReserved: node.allowReserved === true,
    allowEmptyValue: node.allowEmptyValue === true,
    ...(contentType === undefined ? {} : { contentType }),
    ...(description ? { description: excerpt(description, LONGEST_DESCRIPTION) } : {}),
    schema: summariseSchema(schema, references),
    example: sendable(
      exampleOf(schema, references, givenExamples(media ?? node, references)),
      location,
      schema,
      references,
    ),
  };
}

/** The style said, that of Swagger 2.0's collectionFormat before it. */
export function parameterStyle(node: unknown): ParameterStyle | undefined {
  const collection = text(node, 'x-collectionFormat');
  return (
    (collection === undefined ? undefined : COLLECTION_STYLES[collection]) ??
    (text(node, 'style') as ParameterStyle | undefined)
  );
}

/** The values of `example` and `examples`: https://spec.openapis.org/oas/v3.1.1#example-object */
export function givenExamples(node: unknown, references: References): unknown[] {
  const named = Object.values(object(node, 'examples')).map((entry) => own(references.resolve(entry), 'value'));
  return [own(node, 'example'), ...named].filter((value) => value !== undefined && value !== null);
}

/** A path without a value for its variable is another path, so there an example is never empty. */
function sendable(example: unknown, location: ParameterLocation, schema: unknown, references: References): unknown {
  const isEmpty =
    example === '' || example === null || (typeof example === 'object' && Object.keys(example).length === 0);
  if (location !== 'path' || !isEmpty) return example;
  const target = references.resolve(schema);
  const filled = { ...(isObject(target) ? target : {}), minLength: 1, minItems: 1, minProperties: 1 };
  for (const key of ['default', 'example', 'examples']) Reflect.deleteProperty(filled, key);
  return exampleOf(filled, references);
}
