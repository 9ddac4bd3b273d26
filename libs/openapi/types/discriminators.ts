import { isObject, own, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { list, object, text } from '../table/reading.js';
import { propertiesOf, typeOf } from '../table/schema.js';
import { schemaName } from './circles.js';

/** Properties of a schema by which others tell it apart, with the values that they have in it. */
export type Tags = ReadonlyMap<string, readonly unknown[]>;

interface Discriminator {
  readonly property: string;
  readonly mapping: readonly (readonly [value: string, schema: string | null])[];
}

/** Parents further away than this are not looked at. */
const MOST_ANCESTORS = 8;

/**
 * The tags of all named schemas: of those that a schema with a discriminator names as its alternatives, and of those
 * that extend such a schema. https://spec.openapis.org/oas/v3.1.1#discriminator-object
 */
export function collectTags(schemas: Json, references: References): Map<string, Tags> {
  const tags = new Map<string, Map<string, readonly unknown[]>>();
  const add = (name: string, { property, mapping }: Discriminator): void => {
    const mapped = mapping.filter(([, schema]) => schema === name).map(([value]) => value);
    const values = possible(schemas[name], property, mapped.length > 0 ? mapped : [name], references);
    if (values.length === 0) return;
    const known = tags.get(name) ?? new Map<string, readonly unknown[]>();
    tags.set(name, known.set(property, [...new Set([...(known.get(property) ?? []), ...values])]));
  };
  for (const schema of references.discriminated) {
    const discriminator = discriminatorOf(schema);
    if (discriminator === null) continue;
    for (const alternative of [...list(schema, 'oneOf'), ...list(schema, 'anyOf')]) {
      const name = schemaName(text(alternative, '$ref'));
      if (name !== null) add(name, discriminator);
    }
  }
  if (references.discriminated.length === 0) return tags;
  for (const [name, schema] of Object.entries(schemas)) {
    for (const parent of ancestors(schema, references)) {
      const discriminator = discriminatorOf(parent);
      if (discriminator !== null && extendsIt(name, schema, parent, discriminator)) add(name, discriminator);
    }
  }
  return tags;
}

/** Whether a schema that a reference names, or one that it extends, is told apart by other values of a property. */
export function isTaggedOtherwise(
  reference: unknown,
  property: string,
  values: readonly unknown[],
  context: { readonly references: References; readonly tags: ReadonlyMap<string, Tags> },
): boolean {
  const names = [reference, ...ancestorReferences(context.references.resolve(reference), context.references)];
  return names.some((node) => {
    const said = context.tags.get(schemaName(text(node, '$ref')) ?? '')?.get(property);
    return said !== undefined && values.some((value) => !said.includes(value));
  });
}

/** The values that an object schema allows for its property, as JSON; none when it is no object. */
function possible(schema: unknown, property: string, values: readonly string[], references: References): unknown[] {
  const isUnion = list(schema, 'oneOf').length > 0 || list(schema, 'anyOf').length > 0;
  if (isUnion || !['properties', 'allOf'].some((key) => own(schema, key) !== undefined)) return [];
  const declared = references.resolve(own(propertiesOf(schema, references).properties, property));
  const type = typeOf(declared, references);
  const typed = values.map((value): unknown => {
    if (type === 'integer' || type === 'number') return Number(value);
    return type === 'boolean' ? value === 'true' : value;
  });
  const said = own(declared, 'const') === undefined ? list(declared, 'enum') : [own(declared, 'const')];
  return typed.filter((value) => !Number.isNaN(value) && (said.length === 0 || said.includes(value)));
}

/** Whether a schema with a part is a kind of it rather than another name for it, or a wrapper. */
function extendsIt(name: string, schema: unknown, parent: Json, { mapping }: Discriminator): boolean {
  if (mapping.some(([, target]) => target === name)) return true;
  if (mapping.length > 0 || list(parent, 'oneOf').length > 0 || list(parent, 'anyOf').length > 0) return false;
  return list(schema, 'allOf').length > 1 || own(schema, 'properties') !== undefined;
}

function ancestors(schema: unknown, references: References): Json[] {
  return ancestorReferences(schema, references)
    .map((reference) => references.resolve(reference))
    .filter(isObject);
}

/** The references among the parts of a schema, and among theirs. */
function ancestorReferences(schema: unknown, references: References): Json[] {
  const found = new Map<string, Json>();
  const visit = (node: unknown, depth: number): void => {
    for (const part of depth > MOST_ANCESTORS ? [] : list(node, 'allOf')) {
      const ref = text(part, '$ref');
      if (!isObject(part) || (ref !== undefined && found.has(ref))) continue;
      if (ref !== undefined) found.set(ref, part);
      visit(references.resolve(part), depth + 1);
    }
  };
  visit(schema, 0);
  return [...found.values()];
}

function discriminatorOf(schema: unknown): Discriminator | null {
  const given = own(schema, 'discriminator');
  const property = text(given, 'propertyName');
  if (property === undefined) return null;
  const mapping = Object.entries(object(given, 'mapping'));
  return { property, mapping: mapping.map(([value, ref]) => [value, schemaName(String(ref))]) };
}
