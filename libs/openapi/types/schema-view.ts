import { isObject, own, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { list, object, text } from '../table/reading.js';
import { schemaName } from './circles.js';
import { hideName, hideReference } from './names.js';

/** A union of more strings than this helps nobody and costs the compiler much. */
const MOST_ENUM_VALUES = 2_000;
/** Deeper schemas are any value: both the printer and the compiler recurse. */
const DEEPEST = 100;
/** Examples and defaults longer than this, as JSON, are left out of comments. */
const LONGEST_IN_COMMENT = 1_000;

const KEPT = ['nullable', 'title', 'description', 'format', 'deprecated', 'readOnly'] as const;

/** What else of a schema speaks of values of one type. */
const WORDS_OF = new Map<unknown, readonly string[]>([
  ['object', ['properties', 'additionalProperties', 'required']],
  ['array', ['items', 'prefixItems']],
]);

export interface SchemaViewContext {
  readonly references: References;
  /** By schema name, the references in it that may not be followed. */
  readonly circular: ReadonlyMap<string, ReadonlySet<string>>;
  /** Set once a schema with a discriminator was seen: looking for them costs a walk through everything. */
  hasDiscriminators: boolean;
}

/** Where a schema stands: the named schema it is, as long as no property lies between. */
interface Standing {
  readonly name: string | null;
  readonly depth: number;
}

/**
 * A normalised schema as openapi-typescript can take it: only what makes a type or a comment, nothing that it throws on,
 * nothing that makes a type which does not compile.
 */
export function viewSchema(schema: unknown, context: SchemaViewContext, name: string | null = null, depth = 0): Json {
  return view(schema, { name, depth }, context);
}

function view(schema: unknown, standing: Standing, context: SchemaViewContext): Json {
  if (schema === false) return { enum: [] };
  if (!isObject(schema) || standing.depth > DEEPEST) return {};
  if (text(schema, '$ref') !== undefined) return viewReference(schema, standing, context);
  const result: Json = {};
  for (const key of KEPT) if (own(schema, key) !== undefined) result[key] = schema[key];
  viewComments(schema, result);
  if (!viewConstants(schema, result)) {
    viewType(schema, result);
    viewProperties(schema, result, standing, context);
    viewItems(schema, result, standing, context);
    viewParts(schema, result, standing, context);
  }
  return result;
}

function viewReference(schema: Json, standing: Standing, context: SchemaViewContext): Json {
  const ref = text(schema, '$ref') ?? '';
  const target = schemaName(ref);
  if (target === null) return {};
  if (standing.name !== null && context.circular.get(standing.name)?.has(target)) return {};
  const reference = { $ref: hideReference(ref) };
  const structural = ['properties', 'allOf', 'anyOf', 'oneOf', 'required', 'items', 'additionalProperties'];
  if (!structural.some((key) => own(schema, key) !== undefined)) return reference;
  const { $ref: _, ...rest } = schema;
  return { allOf: [reference, view(rest, standing, context)] };
}

/** An object as an example or default stands in a comment as JSON; as an object it would be taken for a schema. */
function viewComments(schema: Json, result: Json): void {
  for (const key of ['default', 'example']) {
    const value = own(schema, key);
    if (value === undefined || value === null) continue;
    const shown = typeof value === 'object' ? JSON.stringify(value, null, 2) : (value as string | number | boolean);
    if (String(shown).length <= LONGEST_IN_COMMENT) result[key] = shown;
  }
}

/** `const` and `enum`, which say all there is to say. */
function viewConstants(schema: Json, result: Json): boolean {
  const constant = own(schema, 'const');
  if (constant !== undefined) {
    if (constant === null) result.type = 'null';
    else result.const = constant;
    return true;
  }
  const values = list(schema, 'enum');
  if (values.length === 0 || values.length > MOST_ENUM_VALUES || own(schema, 'properties') !== undefined) return false;
  result.enum = [...values];
  if (typeof schema.type === 'string' && schema.type !== 'object') result.type = schema.type;
  if (Array.isArray(schema.type) && schema.type.includes('null')) result.nullable = true;
  return true;
}

function viewType(schema: Json, result: Json): void {
  const given = schema.type;
  if (Array.isArray(given)) {
    const types = given.filter((type) => type !== 'null');
    if (types.length < given.length) result.nullable = true;
    if (types.length === 1) result.type = types[0] as unknown;
    else if (types.length === 0) result.type = 'null';
    else if (!['allOf', 'anyOf', 'oneOf'].some((key) => own(schema, key) !== undefined)) {
      result.anyOf = types.map((type) => {
        const words = WORDS_OF.get(type) ?? [];
        return { type: type as unknown, ...Object.fromEntries(words.map((key) => [key, schema[key]])) };
      });
    }
  } else if (given !== undefined) {
    result.type = given;
  } else if (own(schema, 'items') !== undefined || own(schema, 'prefixItems') !== undefined) {
    result.type = 'array';
  }
}

function viewProperties(schema: Json, result: Json, standing: Standing, context: SchemaViewContext): void {
  if (result.anyOf !== undefined) return;
  const inside = { name: null, depth: standing.depth + 1 };
  const properties = Object.entries(object(schema, 'properties'));
  if (properties.length > 0) {
    result.properties = Object.fromEntries(
      properties.map(([name, property]) => [hideName(name), view(property, inside, context)]),
    );
  }
  const patterns = Object.entries(object(schema, 'patternProperties'));
  if (patterns.length > 0) {
    result.patternProperties = Object.fromEntries(
      patterns.map(([name, property]) => [hideName(name), view(property, inside, context)]),
    );
  }
  const additional = own(schema, 'additionalProperties');
  if (additional === true || isObject(additional)) {
    result.additionalProperties = additional === true ? true : view(additional, inside, context);
  }
  const lost = unreachable(schema, context, 0);
  const required = list(schema, 'required').filter((name) => typeof name === 'string' && !lost.has(name));
  if (required.length > 0) result.required = required.map((name) => hideName(String(name)));
}

/**
 * Names that cannot be made required through a part of the schema: `WithRequired<T, K>` does not compile where T is a
 * union, for then K is no key of it.
 */
function unreachable(schema: unknown, context: SchemaViewContext, depth: number): Set<string> {
  const parts = list(schema, 'allOf');
  // openapi-typescript finds names that every object inherits in any list of properties.
  const names = new Set(parts.length > 0 ? Object.getOwnPropertyNames(Object.prototype) : []);
  if (depth > 8) return names;
  for (const part of parts) {
    const target = context.references.resolve(part);
    if (text(part, '$ref') === undefined) for (const name of unreachable(part, context, depth + 1)) names.add(name);
    else if (!isPlainObject(target)) for (const name of Object.keys(object(target, 'properties'))) names.add(name);
  }
  return names;
}

function isPlainObject(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  const type = schema.type;
  if (type !== undefined && type !== 'object') return false;
  return (
    schema.nullable !== true &&
    ['anyOf', 'oneOf', 'enum', 'const', 'items'].every((key) => own(schema, key) === undefined)
  );
}

function viewItems(schema: Json, result: Json, standing: Standing, context: SchemaViewContext): void {
  if (result.type !== 'array') return;
  const inside = { ...standing, depth: standing.depth + 1 };
  const prefix = list(schema, 'prefixItems');
  if (prefix.length > 0) result.prefixItems = prefix.map((item) => view(item, inside, context));
  else if (own(schema, 'items') !== undefined) result.items = view(schema.items, inside, context);
}

function viewParts(schema: Json, result: Json, standing: Standing, context: SchemaViewContext): void {
  const inside = { ...standing, depth: standing.depth + 1 };
  if (Array.isArray(result.anyOf)) {
    result.anyOf = result.anyOf.map((part) => view(part, inside, context));
    return;
  }
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    const parts = list(schema, key);
    if (parts.length > 0) result[key] = parts.map((part) => view(part, inside, context));
  }
  const discriminator = own(schema, 'discriminator');
  if (!isObject(discriminator)) return;
  result.discriminator = viewDiscriminator(discriminator);
  context.hasDiscriminators = true;
}

function viewDiscriminator(discriminator: Json): Json {
  const mapping = Object.entries(object(discriminator, 'mapping'));
  return {
    propertyName: hideName(String(discriminator.propertyName)),
    ...(mapping.length > 0
      ? { mapping: Object.fromEntries(mapping.map(([value, ref]) => [hideName(value), hideReference(String(ref))])) }
      : {}),
  };
}
