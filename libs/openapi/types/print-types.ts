import { isObject, type Json } from '../json.js';
import { operationsOf } from '../normalise/methods.js';
import type { References } from '../normalise/references.js';
import { object, text } from '../table/reading.js';
import { circularReferences } from './circles.js';
import { describedComment, schemaComment } from './comment.js';
import { twoWaySchemas } from './directions.js';
import { collectTags } from './discriminators.js';
import { SHARED_SHAPES, bodyType, operationType, parameterType, pathItemType, responseType } from './operation-type.js';
import { INDENT, namedSchemaType, type SchemaContext } from './schema-type.js';
import { memberName } from './type-text.js';

const HEADER = '/** Types of the service, made from its OpenAPI document. Changes are overwritten. */\n\n';
const FOOTER = 'export type WithRequired<T, K extends keyof T> = T & { [P in K]-?: T[P] };\n';

type Print = (node: Json, indent: string, context: SchemaContext) => string;

/** The sections of the components beside schemas. */
const SECTIONS: readonly (readonly [section: string, print: Print])[] = [
  ['responses', responseType],
  ['parameters', parameterType],
  ['requestBodies', bodyType],
  ['headers', parameterType],
];

/**
 * The TypeScript types of a normalised document: the interfaces `paths`, `components` and `operations` in the shape that
 * openapi-typescript 7 gives them, so that what works with its types works with these. No text of the document can leave
 * the comment or string that it stands in.
 */
export function printTypes(root: Json, references: References): string {
  return [...typePieces(root, references)].join('');
}

/** The same in pieces, each made when it is asked for: the types of a large document are larger than it. */
export function* typePieces(root: Json, references: References): Generator<string> {
  const components = object(root, 'components');
  const schemas = object(components, 'schemas');
  const circular = circularReferences(schemas);
  const context: SchemaContext = {
    references,
    circular,
    tags: collectTags(schemas, references),
    twoWay: twoWaySchemas(schemas),
    direction: 'answer',
  };
  const items = Object.entries(object(root, 'paths')).filter(
    (entry): entry is [string, Json] => isObject(entry[1]) && !entry[0].startsWith('x-'),
  );
  yield HEADER;
  yield* interfaceOf(
    'paths',
    items.map(([path, item]) => [path, () => pathItemType(item, INDENT, context)]),
  );
  yield 'export type webhooks = Record<string, never>;\n';
  yield* componentPieces(components, context);
  yield 'export type $defs = Record<string, never>;\n';
  yield* interfaceOf('operations', namedOperations(items, context));
  yield SHARED_SHAPES;
  yield FOOTER;
}

type Member = readonly [name: string, type: () => string, comment?: () => string];

function* interfaceOf(name: string, members: readonly Member[]): Generator<string> {
  if (members.length === 0) {
    yield `export type ${name} = Record<string, never>;\n`;
    return;
  }
  yield `export interface ${name} {\n`;
  for (const [member, type, comment] of members)
    yield `${comment?.() ?? ''}${INDENT}${memberName(member)}: ${type()};\n`;
  yield '}\n';
}

function namedOperations(items: readonly [string, Json][], context: SchemaContext): Member[] {
  return items.flatMap(([, item]) =>
    operationsOf(item).flatMap(({ operation }): Member[] => {
      const id = text(operation, 'operationId');
      if (!id) return [];
      return [[id, () => operationType(item, operation, INDENT, context), () => describedComment(operation, INDENT)]];
    }),
  );
}

function* componentPieces(components: Json, context: SchemaContext): Generator<string> {
  const inner = INDENT + INDENT;
  yield 'export interface components {\n';
  const schemas = object(components, 'schemas');
  yield* section('schemas', schemas, (schema, name) => namedSchema(schema, name, inner, context));
  if (context.twoWay.size > 0) {
    const asked: SchemaContext = { ...context, direction: 'request' };
    const twoWay = Object.fromEntries(Object.entries(schemas).filter(([name]) => context.twoWay.has(name)));
    yield `${INDENT}/** As they are sent: what only an answer has may be left out. */\n`;
    yield* section('requestSchemas', twoWay, (schema, name) => namedSchema(schema, name, inner, asked));
  }
  for (const [key, print] of SECTIONS) {
    yield* section(key, object(components, key), (given, name) => {
      // A name that only stands for another is what that is.
      const node = context.references.resolve(given);
      if (!isObject(node)) return '';
      return `${describedComment(node, inner)}${inner}${memberName(name)}: ${print(node, inner, context)};\n`;
    });
  }
  yield `${INDENT}pathItems: never;\n}\n`;
}

function namedSchema(schema: unknown, name: string, indent: string, context: SchemaContext): string {
  const type = namedSchemaType(name, schema, indent, context).text;
  return `${schemaComment(schema, indent)}${indent}${memberName(name)}: ${type};\n`;
}

function* section(name: string, entries: Json, print: (node: unknown, name: string) => string): Generator<string> {
  const list = Object.entries(entries);
  if (list.length === 0) {
    yield `${INDENT}${name}: never;\n`;
    return;
  }
  yield `${INDENT}${name}: {\n`;
  for (const [key, value] of list) yield print(value, key);
  yield `${INDENT}};\n`;
}
