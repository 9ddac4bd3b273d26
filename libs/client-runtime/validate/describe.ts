import { counted, describeShape, type JsonSchema } from '#core';
import { formatOf } from './format.js';

/** What a reference points to; undefined when that is nothing. */
export type Resolve = (schema: JsonSchema) => JsonSchema | undefined;

type Node = Readonly<Record<string, unknown>>;

const MOST_SHOWN = 6;
const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  null: 'null',
};

/** What a schema asks for, for the end of a sentence: "an integer from 1 to 100". */
export function describeSchema(schema: JsonSchema, resolve: Resolve): string {
  const node = resolve(schema);
  if (node === undefined || node === true) return 'a value';
  if (node === false) return 'nothing';
  if (Object.hasOwn(node, 'const')) return shown(node.const);
  if (Array.isArray(node.enum)) return oneOf(node.enum.map(shown));
  const types = typesOf(node);
  if (types.length === 0) return describeParts(node, resolve);
  return either(types.map((type) => `${nameOf(type, node)}${boundsOf(type, node)}`));
}

/** Several things of which one is meant. */
export function oneOf(texts: readonly string[]): string {
  if (texts.length === 0) return 'nothing';
  if (texts.length <= MOST_SHOWN) return texts.length === 1 ? (texts[0] ?? '') : `one of ${texts.join(', ')}`;
  return `one of ${texts.slice(0, MOST_SHOWN).join(', ')}, … (${texts.length} in all)`;
}

function nameOf(type: string, node: Node): string {
  const format = formatOf(node.format);
  if (type === 'string') return format?.text ? format.name : (TYPES.string ?? type);
  if (type === 'integer')
    return format?.number && format.name.includes('integer') ? format.name : (TYPES.integer ?? type);
  return Object.hasOwn(TYPES, type) ? (TYPES[type] ?? type) : 'a value';
}

function boundsOf(type: string, node: Node): string {
  switch (type) {
    case 'integer':
    case 'number':
      return `${numberBounds(node)}${typeof node.multipleOf === 'number' ? `, a multiple of ${node.multipleOf}` : ''}`;
    case 'string':
      return `${sizes(node.minLength, node.maxLength, 'character')}${typeof node.pattern === 'string' ? ` that matches ${excerpt(node.pattern)}` : ''}`;
    case 'array':
      return `${sizes(node.minItems, node.maxItems, node.uniqueItems === true ? 'distinct item' : 'item')}${node.uniqueItems === true && node.minItems === undefined && node.maxItems === undefined ? ' of distinct items' : ''}`;
    case 'object':
      return sizes(node.minProperties, node.maxProperties, 'property');
    default:
      return '';
  }
}

function numberBounds(node: Node): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = node;
  if (typeof minimum === 'number' && typeof maximum === 'number') return ` from ${minimum} to ${maximum}`;
  const least = typeof minimum === 'number' ? ` of at least ${minimum}` : '';
  const above = typeof exclusiveMinimum === 'number' ? ` above ${exclusiveMinimum}` : '';
  const most = typeof maximum === 'number' ? ` of at most ${maximum}` : '';
  const below = typeof exclusiveMaximum === 'number' ? ` below ${exclusiveMaximum}` : '';
  return [least, above, most, below].filter((text) => text !== '').join(' and');
}

function sizes(least: unknown, most: unknown, what: string): string {
  const min = typeof least === 'number' && least > 0 ? least : undefined;
  if (typeof most === 'number') {
    if (min === most) return ` of exactly ${counted(most, what)}`;
    return min === undefined ? ` of at most ${counted(most, what)}` : ` of ${min} to ${counted(most, what)}`;
  }
  return min === undefined ? '' : ` of at least ${counted(min, what)}`;
}

function describeParts(node: Node, resolve: Resolve): string {
  const parts = [node.anyOf, node.oneOf].find((list) => Array.isArray(list)) as readonly JsonSchema[] | undefined;
  const kinds = parts?.map((part) => kindOf(part, resolve)) ?? [];
  const named = new Set(kinds);
  if (parts && named.size > 0 && !named.has(null)) {
    const names = either([...named].filter((kind) => kind !== null));
    return named.size === 1 && parts.length > 1 ? `${names} that fits one of the ${parts.length} alternatives` : names;
  }
  if (parts) return `a value that fits one of the ${parts.length} alternatives`;
  const format = formatOf(node.format);
  if (format) return format.name;
  if (typeof node.pattern === 'string') return `a value that matches ${excerpt(node.pattern)}`;
  if (Object.hasOwn(node, 'properties') || Object.hasOwn(node, 'required')) return 'an object';
  return Object.hasOwn(node, 'items') ? 'an array' : `a value${numberBounds(node)}`;
}

function kindOf(part: JsonSchema, resolve: Resolve): string | null {
  const node = resolve(part);
  if (typeof node !== 'object') return null;
  const types = typesOf(node);
  return types.length === 1 ? (TYPES[types[0] ?? ''] ?? null) : null;
}

function typesOf(node: Node): readonly string[] {
  const types: unknown[] = Array.isArray(node.type) ? node.type : [node.type];
  return types.filter((type) => typeof type === 'string');
}

function either(texts: readonly string[]): string {
  if (texts.length <= 1) return texts[0] ?? 'a value';
  return `${texts.slice(0, -1).join(', ')} or ${texts.at(-1) ?? ''}`;
}

function shown(value: unknown): string {
  return excerpt(typeof value === 'object' && value !== null ? describeShape(value) : JSON.stringify(value));
}

/** One line of a bearable length. */
export function excerpt(text: string, length = 80): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
