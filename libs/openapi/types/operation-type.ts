import { isObject, own, type Json } from '../json.js';
import { operationsOf, type MethodOperation } from '../normalise/methods.js';
import { splitPointer } from '../place.js';
import { list, object, text } from '../table/reading.js';
import { describedComment } from './comment.js';
import { INDENT, schemaType, type SchemaContext } from './schema-type.js';
import { componentType, memberName, quoted } from './type-text.js';

/** OpenAPI says that header parameters of these names are ignored: https://spec.openapis.org/oas/v3.1.1#parameter-object */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);
const PLACES = ['query', 'header', 'path', 'cookie'] as const;

/** The methods that each path has a member for, as openapi-typescript has it. */
const ALWAYS_TOLD = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

const NO_PARAMETERS = 'NoParameters';
const ANY_HEADERS = 'AnyHeaders';

/**
 * What most paths, operations and answers have in common, by name: said once it is checked once, which spares the
 * compiler a sixth of its work on a large document.
 */
export const SHARED_SHAPES = `/** Of what takes none. */
export interface ${NO_PARAMETERS} {
${PLACES.map((place) => `${INDENT}${place}?: never;\n`).join('')}}
/** Of answers that declare none. */
export interface ${ANY_HEADERS} {
${INDENT}[name: string]: unknown;
}
`;

/** A path with its operations; those with an id are only named here, and stand in the interface `operations`. */
export function pathItemType(item: Json, indent: string, context: SchemaContext): string {
  const inner = indent + INDENT;
  const operations = new Map(operationsOf(item).map((found) => [memberOf(found), found.operation]));
  // A method may have any name, but the member of this one is taken.
  operations.delete('parameters');
  let members = parametersMember(list(item, 'parameters'), inner, context);
  for (const method of new Set([...ALWAYS_TOLD, ...operations.keys()])) {
    const operation = operations.get(method);
    if (operation === undefined) {
      members += `${inner}${method}?: never;\n`;
      continue;
    }
    const id = text(operation, 'operationId');
    const type = id ? `operations[${quoted(id)}]` : operationType(item, operation, inner, context);
    members += `${describedComment(operation, inner)}${inner}${memberName(method)}: ${type};\n`;
  }
  return `{\n${members}${indent}}`;
}

/** Methods that a path item has a field for by that field's name, others as they are sent. */
function memberOf({ keys, method }: MethodOperation): string {
  const [field = ''] = keys;
  return keys.length === 1 ? field : method;
}

export function operationType(item: Json, operation: Json, indent: string, context: SchemaContext): string {
  const inner = indent + INDENT;
  const parameters = [...list(item, 'parameters'), ...list(operation, 'parameters')];
  const members =
    parametersMember(parameters, inner, context) +
    bodyMember(own(operation, 'requestBody'), inner, context) +
    `${inner}responses: ${responsesType(object(operation, 'responses'), inner, context)};\n`;
  return `{\n${members}${indent}}`;
}

/** By place, then by name; of two with the same name in one place the latter holds. */
function parametersMember(parameters: readonly unknown[], indent: string, context: SchemaContext): string {
  const inner = indent + INDENT;
  const byPlace = new Map<unknown, Map<string, unknown>>(PLACES.map((place) => [place, new Map<string, unknown>()]));
  for (const given of parameters) {
    const parameter = context.references.resolve(given);
    const name = String(own(parameter, 'name'));
    if (own(parameter, 'in') === 'header' && NOT_PARAMETERS.has(name.toLowerCase())) continue;
    const place = own(parameter, 'in');
    // Hardly any operation has it: https://spec.openapis.org/oas/v3.2.0#parameter-locations
    if (place === 'querystring') byPlace.set(place, new Map([[name, given]]));
    else byPlace.get(place)?.set(name, given);
  }
  if ([...byPlace.values()].every((named) => named.size === 0)) return `${indent}parameters: ${NO_PARAMETERS};\n`;
  let members = '';
  for (const [place, named] of byPlace) {
    if (named.size === 0) {
      members += `${inner}${String(place)}?: never;\n`;
      continue;
    }
    let isOptional = true;
    let types = '';
    for (const [name, given] of named) {
      const parameter = context.references.resolve(given) as Json;
      const isRequired = place === 'path' || parameter.required === true;
      if (isRequired) isOptional = false;
      const type = referenceTo(given) ?? parameterType(parameter, inner + INDENT, context);
      types += `${describedComment(parameter, inner + INDENT)}${inner}${INDENT}${memberName(name)}${isRequired ? '' : '?'}: ${type};\n`;
    }
    members += `${inner}${String(place)}${isOptional ? '?' : ''}: {\n${types}${inner}};\n`;
  }
  return `${indent}parameters: {\n${members}${indent}};\n`;
}

/** The type of a parameter or header: of its schema, or of its content's, which is what the caller gives either way. */
export function parameterType(node: Json, indent: string, context: SchemaContext): string {
  const schema = own(node, 'schema') ?? own(Object.values(object(node, 'content'))[0], 'schema');
  return schemaType(schema, indent, { ...context, direction: 'request' }).text;
}

function bodyMember(given: unknown, indent: string, context: SchemaContext): string {
  const body = context.references.resolve(given);
  if (!isObject(body)) return `${indent}requestBody?: never;\n`;
  const type = referenceTo(given);
  const comment = type === null ? describedComment(body, indent) : '';
  return `${comment}${indent}requestBody${body.required === true ? '' : '?'}: ${type ?? bodyType(body, indent, context)};\n`;
}

export function bodyType(body: Json, indent: string, context: SchemaContext): string {
  const inner = indent + INDENT;
  const content =
    contentType(body, inner, { ...context, direction: 'request' }) ?? `{\n${inner}${INDENT}"*/*"?: never;\n${inner}}`;
  return `{\n${inner}content: ${content};\n${indent}}`;
}

function responsesType(responses: Json, indent: string, context: SchemaContext): string {
  const inner = indent + INDENT;
  let members = '';
  for (const [status, given] of Object.entries(responses)) {
    if (status.startsWith('x-') || !isObject(given)) continue;
    const reference = referenceTo(given);
    const comment = reference === null ? describedComment(given, inner) : '';
    members += `${comment}${inner}${memberName(status)}: ${reference ?? responseType(given, inner, context)};\n`;
  }
  return members === '' ? 'never' : `{\n${members}${indent}}`;
}

export function responseType(response: Json, indent: string, context: SchemaContext): string {
  const inner = indent + INDENT;
  let headers = '';
  for (const [name, given] of Object.entries(object(response, 'headers'))) {
    if (!isObject(given)) continue;
    const reference = referenceTo(given);
    const comment = reference === null ? describedComment(given, inner + INDENT) : '';
    const isRequired = reference !== null || given.required === true;
    const type = reference ?? parameterType(given, inner + INDENT, context);
    headers += `${comment}${inner}${INDENT}${memberName(name)}${isRequired ? '' : '?'}: ${type};\n`;
  }
  const content = contentType(response, inner, context);
  const contentMember = content === null ? `${inner}content?: never;\n` : `${inner}content: ${content};\n`;
  const declared = headers === '' ? ANY_HEADERS : `{\n${headers}${inner}${INDENT}[name: string]: unknown;\n${inner}}`;
  return `{\n${inner}headers: ${declared};\n${contentMember}${indent}}`;
}

/** By media type; null when there is none. */
function contentType(node: Json, indent: string, context: SchemaContext): string | null {
  const inner = indent + INDENT;
  let members = '';
  for (const [mediaType, media] of Object.entries(object(node, 'content'))) {
    members += `${inner}${memberName(mediaType)}: ${schemaType(own(media, 'schema'), inner, context).text};\n`;
  }
  return members === '' ? null : `{\n${members}${indent}}`;
}

/** A canonical reference to a component as a type; null when the node is none. */
function referenceTo(node: unknown): string | null {
  const ref = text(node, '$ref');
  if (ref === undefined) return null;
  const [, section = '', name = ''] = splitPointer(ref.slice(1));
  return componentType(section, name);
}
