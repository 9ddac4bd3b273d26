import type { SchemaSummary } from '#core';
import { isObject, own, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { list, object, text } from './reading.js';

/**
 * Schemas looked at while one question is answered: each is asked once, or a few that name each other would be asked
 * millions of times.
 */
type Seen = Set<unknown>;

/** The little of a schema that people and the runtime ask for. A reference's siblings win over its target. */
export function summariseSchema(schema: unknown, references: References): SchemaSummary {
  const target = references.resolve(schema);
  const first = (key: string): unknown => own(schema, key) ?? own(target, key);
  const format = first('format');
  const values = first('enum') ?? (own(target, 'const') === undefined ? undefined : [own(target, 'const')]);
  const inherited = Array.isArray(values) ? values : findIn(target, references, enumOf);
  const otherwise = first('default') ?? findIn(target, references, (node) => own(node, 'default'));
  return {
    type: typeOf(schema, references),
    enum: (inherited as readonly unknown[] | undefined) ?? null,
    default: otherwise ?? null,
    ...(typeof format === 'string' ? { format } : {}),
  };
}

function enumOf(node: Json): unknown {
  return Array.isArray(node.enum) ? node.enum : undefined;
}

/** JSON Schema's type word: said, or plain from the keywords used; null when the schema leaves it open. */
export function typeOf(schema: unknown, references: References, seen: Seen = new Set()): string | null {
  const node = references.resolve(schema);
  if (!isObject(node) || seen.has(node)) return null;
  seen.add(node);
  const given = node.type;
  const types = Array.isArray(given) ? given : [given];
  const said = types.find((type): type is string => typeof type === 'string' && type !== 'null');
  if (said !== undefined) return said;
  if (own(node, 'properties') !== undefined) return 'object';
  if (own(node, 'items') !== undefined || own(node, 'prefixItems') !== undefined) return 'array';
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    for (const part of list(node, key)) {
      const found = typeOf(part, references, seen);
      if (found !== null) return found;
    }
  }
  return null;
}

/** The first answer among the parts that a schema is made of (allOf), or that wrap it with null (anyOf, oneOf of one). */
function findIn(node: unknown, references: References, ask: (node: Json) => unknown, seen: Seen = new Set()): unknown {
  if (!isObject(node) || seen.has(node)) return undefined;
  seen.add(node);
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    const parts = list(node, key).map((part) => references.resolve(part));
    const meant = parts.filter((part) => own(part, 'type') !== 'null');
    if (key !== 'allOf' && meant.length !== 1) continue;
    for (const part of meant) {
      const found = isObject(part) ? (ask(part) ?? findIn(part, references, ask, seen)) : undefined;
      if (found !== undefined && found !== null) return found;
    }
  }
  return undefined;
}

/** The properties of an object schema, those of its parts included, and which of them are required. */
export function propertiesOf(
  schema: unknown,
  references: References,
  seen: Seen = new Set(),
): { properties: Json; required: string[] } {
  const node = references.resolve(schema);
  if (seen.has(node)) return { properties: {}, required: [] };
  seen.add(node);
  const properties: Json = {};
  const required = new Set<string>();
  for (const part of list(node, 'allOf')) {
    const inner = propertiesOf(part, references, seen);
    Object.assign(properties, inner.properties);
    for (const name of inner.required) required.add(name);
  }
  for (const part of [...list(node, 'anyOf'), ...list(node, 'oneOf')]) {
    const inner = propertiesOf(part, references, seen).properties;
    for (const [name, property] of Object.entries(inner)) properties[name] ??= property;
  }
  Object.assign(properties, object(node, 'properties'));
  for (const name of list(node, 'required')) if (typeof name === 'string') required.add(name);
  return { properties, required: [...required] };
}

/**
 * Whether a schema means bytes: https://spec.openapis.org/oas/v3.0.4#working-with-binary-data and
 * https://spec.openapis.org/oas/v3.1.1#working-with-binary-data; a list of such is a list of files.
 */
export function isBinary(schema: unknown, references: References, depth = 0): boolean {
  const node = references.resolve(schema);
  // An array of itself is no file.
  if (own(node, 'items') !== undefined) return depth < 8 && isBinary(own(node, 'items'), references, depth + 1);
  const type = typeOf(node, references);
  if (type !== null && type !== 'string') return false;
  if (text(node, 'format') === 'binary' || text(node, 'format') === 'file') return true;
  const media = text(node, 'contentMediaType');
  return media !== undefined && own(node, 'contentEncoding') === undefined && !/^text\/|json|xml/.test(media);
}
