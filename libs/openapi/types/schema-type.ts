import { isObject, own, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { list, object, text } from '../table/reading.js';
import { schemaName } from './circles.js';
import { schemaComment } from './comment.js';
import { isOtherWay, type Direction } from './directions.js';
import { isTaggedOtherwise, type Tags } from './discriminators.js';
import {
  ANY_OBJECT,
  BOOLEAN,
  NEVER,
  NULL,
  NUMBER,
  STRING,
  UNKNOWN,
  arrayOf,
  componentType,
  intersection,
  literalType,
  memberName,
  nullable,
  quoted,
  single,
  union,
  type TypeText,
} from './type-text.js';

/** A union of more strings than this helps nobody and costs the compiler much. */
const MOST_ENUM_VALUES = 2_000;
/** Deeper schemas are any value: the compiler recurses. */
const DEEPEST = 100;
export const INDENT = '  ';

export interface SchemaContext {
  readonly references: References;
  /** By schema name, the references in it that may not be followed. */
  readonly circular: ReadonlyMap<string, ReadonlySet<string>>;
  /** By schema name, the properties by which others tell it apart, with their values. */
  readonly tags: ReadonlyMap<string, Tags>;
  /** Names of the schemas that have a type of their own for requests. */
  readonly twoWay: ReadonlySet<string>;
  /** What is being printed is for. */
  readonly direction: Direction;
}

/** Where a schema stands. */
interface Standing {
  readonly indent: string;
  readonly depth: number;
  /** The named schema that it belongs to, as long as no property lies between. */
  readonly name: string | null;
}

const NO_NAMES: ReadonlySet<string> = new Set();
const NO_TAGS: Tags = new Map();

/** The type of a component's schema, by its name. */
export function namedSchemaType(name: string, schema: unknown, indent: string, context: SchemaContext): TypeText {
  return typeOf(schema, { indent, depth: 0, name }, NO_NAMES, context.tags.get(name) ?? NO_TAGS, context);
}

/** The type of a schema that stands anywhere else. */
export function schemaType(schema: unknown, indent: string, context: SchemaContext): TypeText {
  return plainType(schema, { indent, depth: 0, name: null }, context);
}

function plainType(schema: unknown, at: Standing, context: SchemaContext): TypeText {
  return typeOf(schema, at, NO_NAMES, NO_TAGS, context);
}

/**
 * @param inherited names that a schema around this one requires of the same value.
 * @param tags properties whose value is known.
 */
function typeOf(
  schema: unknown,
  at: Standing,
  inherited: ReadonlySet<string>,
  tags: Tags,
  context: SchemaContext,
): TypeText {
  if (schema === false) return NEVER;
  if (!isObject(schema) || at.depth > DEEPEST) return UNKNOWN;
  const isReference = typeof schema.$ref === 'string';
  if (isReference && !isStructured(schema)) return referenceType(schema, at, inherited, tags, context);
  const constant = isReference ? null : constantType(schema);
  if (constant !== null) return constant;
  const required = requiredNames(schema, inherited);
  const core = coreType(schema, at, required, tags, context);
  const type = isReference || isComposed(schema) ? composedType(schema, core, at, required, tags, context) : core;
  return isNullable(schema) && type.form !== 'unknown' ? nullable(type) : type;
}

function isComposed(schema: Json): boolean {
  return schema.allOf !== undefined || schema.anyOf !== undefined || schema.oneOf !== undefined;
}

/** Whether a schema says more of values than its reference does. */
function isStructured(schema: Json): boolean {
  const { properties, required, items, additionalProperties } = schema;
  return isComposed(schema) || [properties, required, items, additionalProperties].some((part) => part !== undefined);
}

/** What a schema says itself, with its reference, its parts and its alternatives. */
function composedType(
  schema: Json,
  core: TypeText,
  at: Standing,
  required: ReadonlySet<string>,
  tags: Tags,
  context: SchemaContext,
): TypeText {
  const inside = { ...at, depth: at.depth + 1 };
  const parts = list(schema, 'allOf').map((part) => {
    // What is known of the whole is said once; a part that is a reference must not contradict it.
    const partTags = text(part, '$ref') === undefined ? NO_TAGS : tags;
    return typeOf(part, inside, required, partTags, context);
  });
  if (typeof schema.$ref === 'string') parts.unshift(referenceType(schema, at, required, tags, context));
  const alternatives = ['anyOf', 'oneOf'].map((key) =>
    list(schema, key).map((part) => plainType(part, inside, context)),
  );
  return alternatives.reduce(narrow, intersection([core, ...parts]));
}

/** A type of which one of several others must hold, too. */
function narrow(type: TypeText, alternatives: readonly TypeText[]): TypeText {
  const telling = alternatives.filter(isTelling);
  if (telling.length === 0) return type;
  if (!isTelling(type)) return union(alternatives);
  const isMixed = type.isPrimitive
    ? telling.every((alternative) => alternative.isPrimitive)
    : telling.some((alternative) => alternative.isPrimitive);
  // No value is text and an object: who writes so means either.
  if (isMixed) return union([type, ...telling]);
  return intersection([type, union(telling.length < alternatives.length ? [...telling, ANY_OBJECT] : telling)]);
}

function isTelling(type: TypeText): boolean {
  return type.form !== 'unknown' && type.form !== 'any object';
}

/** The names that a value must have by a schema and its parts. */
function requiredNames(schema: Json, inherited: ReadonlySet<string>): ReadonlySet<string> {
  if (schema.required === undefined && schema.allOf === undefined) return inherited;
  const names = new Set(inherited);
  const add = (part: unknown): void => {
    for (const name of list(part, 'required')) names.add(String(name));
    for (const inner of list(part, 'allOf')) add(inner);
  };
  add(schema);
  return names;
}

function referenceType(
  schema: Json,
  at: Standing,
  required: ReadonlySet<string>,
  tags: Tags,
  context: SchemaContext,
): TypeText {
  const name = schemaName(text(schema, '$ref'));
  if (name === null || (at.name !== null && context.circular.get(at.name)?.has(name))) return UNKNOWN;
  const type = componentType(sectionOf(name, context), name);
  if (required.size === 0 && tags.size === 0) return single(type);
  const target = context.references.resolve(schema);
  const omitted = [...tags.keys()].filter((tag) => isTaggedOtherwise(schema, tag, tags.get(tag) ?? [], context));
  const kept = omitted.length === 0 ? type : `Omit<${type}, ${omitted.map(quoted).join(' | ')}>`;
  const properties = isPlainObject(target) ? object(target, 'properties') : {};
  const needed = [...required].filter(
    (key) =>
      Object.hasOwn(properties, key) && !omitted.includes(key) && !isOtherWay(own(properties, key), context.direction),
  );
  return single(needed.length === 0 ? kept : `WithRequired<${kept}, ${needed.map(quoted).join(' | ')}>`);
}

/** The section of the components that has a schema's type. */
function sectionOf(name: string, { direction, twoWay }: SchemaContext): string {
  return direction === 'request' && twoWay.has(name) ? 'requestSchemas' : 'schemas';
}

/** Whether names can be made required in a type: where it is a union or may be null they are no keys of it. */
function isPlainObject(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  if (schema.type !== undefined && schema.type !== 'object') return false;
  const others = ['anyOf', 'oneOf', 'enum', 'const', 'items', 'prefixItems'];
  return schema.nullable !== true && others.every((key) => own(schema, key) === undefined);
}

/** `const` and `enum`, which say all there is to say; null when there is neither. */
function constantType(schema: Json): TypeText | null {
  const constant = own(schema, 'const');
  if (constant !== undefined) return literalType(constant);
  const values = list(schema, 'enum');
  if (values.length === 0 || values.length > MOST_ENUM_VALUES || own(schema, 'properties') !== undefined) return null;
  const type = union(values.map(literalType));
  return isNullable(schema) ? nullable(type) : type;
}

function isNullable(schema: Json): boolean {
  return schema.nullable === true || (Array.isArray(schema.type) && schema.type.includes('null'));
}

function coreType(
  schema: Json,
  at: Standing,
  required: ReadonlySet<string>,
  tags: Tags,
  context: SchemaContext,
): TypeText {
  const given = schema.type;
  if (!Array.isArray(given)) return coreOfType(given, schema, at, required, tags, context);
  const types = given.filter((type) => type !== 'null');
  if (types.length === 0) return NULL;
  if (types.length > 1 && isComposed(schema)) return objectCore(schema, undefined, at, required, tags, context);
  return union(types.map((type) => coreOfType(type, schema, at, required, tags, context)));
}

function coreOfType(
  type: unknown,
  schema: Json,
  at: Standing,
  required: ReadonlySet<string>,
  tags: Tags,
  context: SchemaContext,
): TypeText {
  if (type === 'string') return STRING;
  if (type === 'number' || type === 'integer') return NUMBER;
  if (type === 'boolean') return BOOLEAN;
  if (type === 'null') return NULL;
  const isList = type === undefined && (schema.items !== undefined || schema.prefixItems !== undefined);
  if (type === 'array' || isList) return listType(schema, at, context);
  return objectCore(schema, type, at, required, tags, context);
}

function listType(schema: Json, at: Standing, context: SchemaContext): TypeText {
  const inside = { ...at, depth: at.depth + 1 };
  const first = list(schema, 'prefixItems');
  if (first.length === 0) return arrayOf(plainType(own(schema, 'items'), inside, context));
  return single(`[${first.map((item) => plainType(item, inside, context).text).join(', ')}]`);
}

/** The properties of an object, named and not. */
function objectCore(
  schema: Json,
  type: unknown,
  at: Standing,
  required: ReadonlySet<string>,
  tags: Tags,
  context: SchemaContext,
): TypeText {
  const indent = at.indent + INDENT;
  const inside = { indent, depth: at.depth + 1, name: null };
  let members = '';
  const properties = object(schema, 'properties');
  for (const name of Object.keys(properties)) {
    const property = properties[name];
    const tag = tags.get(name);
    const value = tag === undefined ? plainType(property, inside, context) : union(tag.map(literalType));
    const isOptional = tag === undefined && (!required.has(name) || isOtherWay(property, context.direction));
    const modifier = own(property, 'readOnly') === true ? 'readonly ' : '';
    members += `${schemaComment(property, indent)}${indent}${modifier}${memberName(name)}${isOptional ? '?' : ''}: ${value.text};\n`;
  }
  for (const [name, values] of tags) {
    if (!Object.hasOwn(properties, name))
      members += `${indent}${memberName(name)}: ${union(values.map(literalType)).text};\n`;
  }
  const others = Object.values(object(schema, 'patternProperties'));
  const additional = own(schema, 'additionalProperties');
  if (additional === true || isObject(additional)) others.unshift(additional);
  const parts = members === '' ? [] : [single(`{\n${members}${at.indent}}`)];
  if (others.length > 0) {
    const value = union(others.map((other) => plainType(other, inside, context)));
    parts.push(single(`{\n${indent}[key: string]: ${value.text};\n${at.indent}}`));
  }
  if (parts.length > 0) return intersection(parts);
  return type === 'object' ? ANY_OBJECT : UNKNOWN;
}
