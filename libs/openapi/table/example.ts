import { isObject, own, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { allows, range } from './allows.js';
import { sampleText } from './example-text.js';
import { list, number, object, text } from './reading.js';
import { typeOf } from './schema.js';

/** How deep and how large an example may grow; optional things are left out long before. */
const DEEPEST = 8;
const MOST_VALUES = 500;
const MOST_ITEMS = 20;
/** Examples of a document longer than this, as JSON, are not copied into the table. */
const LONGEST_GIVEN = 8_000;
/** Without required properties an example shows this many of the optional ones. */
const OPTIONAL_SHOWN = 3;

/**
 * A value that a schema allows: the document's own example, default or enum where it is allowed, else one made from
 * the schema. The same schema always gives the same value; circles end; the size is bounded.
 * @param given examples that stand beside the schema, best first.
 */
export function exampleOf(schema: unknown, references: References, given: readonly unknown[] = []): unknown {
  for (const value of given) {
    if (value !== undefined && isShort(value) && allows(schema, value, references)) return value;
  }
  const ref = text(schema, '$ref');
  const target = ref === undefined ? undefined : references.resolve(schema);
  if (!isObject(schema) || !isObject(target) || Object.keys(schema).length > 1) {
    return new ExampleMaker(references).make(schema, 0);
  }
  const known = ofNamed.get(target);
  if (known !== undefined) return known;
  const made = new ExampleMaker(references).make(schema, 0);
  ofNamed.set(target, made);
  return made;
}

/** Examples by the schema that a bare reference leads to: many operations take the same. */
const ofNamed = new WeakMap<Json, unknown>();

/** What makes a schema of others. */
const COMBINING = ['$ref', 'allOf', 'oneOf', 'anyOf', 'discriminator'] as const;

function isShort(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'string' || value.length <= LONGEST_GIVEN;
  return JSON.stringify(value).length <= LONGEST_GIVEN;
}

class ExampleMaker {
  private values = 0;
  /** References that are being expanded: an optional part that leads back into one is left out. */
  private readonly open: string[] = [];

  constructor(private readonly references: References) {}

  make(schema: unknown, depth: number): unknown {
    this.values += 1;
    if (this.values > 2 * MOST_VALUES) return null;
    const ref = text(schema, '$ref');
    if (ref !== undefined) this.open.push(ref);
    try {
      return this.makeFrom(schema, this.flatten(schema), depth);
    } finally {
      if (ref !== undefined) this.open.pop();
    }
  }

  private makeFrom(schema: unknown, node: Json, depth: number): unknown {
    const given = [node.const, node.example, ...list(node, 'examples'), node.default, ...list(node, 'enum')];
    for (const value of given) {
      const isMeant = value !== undefined && (value !== null || isNullOnly(node));
      if (isMeant && isShort(value) && allows(schema, value, this.references)) return value;
    }
    if (isNullOnly(node)) return null;
    switch (typeOf(node, this.references) ?? guessType(node)) {
      case 'object':
        return this.makeObject(node, depth);
      case 'array':
        return this.makeArray(node, depth);
      case 'integer':
      case 'number':
        return makeNumber(node);
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return sampleText(node);
    }
  }

  private makeObject(node: Json, depth: number): Json {
    const properties = object(node, 'properties');
    const wanted = new Set(list(node, 'required'));
    const required = Object.keys(properties).filter((name) => wanted.has(name));
    const names = required.length > 0 ? required : this.worthShowing(properties, depth);
    const result: Json = {};
    for (const name of names) {
      if (depth > 0 && this.isFull(depth)) break;
      if (this.isReadOnly(properties[name])) continue;
      result[name] = this.make(properties[name], depth + 1);
    }
    for (const name of wanted) {
      if (typeof name === 'string' && !Object.hasOwn(properties, name)) result[name] = 'string';
    }
    this.addAdditional(node, result, depth);
    return result;
  }

  private isReadOnly(schema: unknown): boolean {
    return own(schema, 'readOnly') === true || own(this.references.resolve(schema), 'readOnly') === true;
  }

  /** Without required properties a few of the optional ones show what an object is like. */
  private worthShowing(properties: Json, depth: number): string[] {
    if (depth > 1) return [];
    return Object.keys(properties)
      .slice(0, OPTIONAL_SHOWN)
      .filter((name) => !this.leadsBack(properties[name]));
  }

  private addAdditional(node: Json, result: Json, depth: number): void {
    const least = Math.min(number(node, 'minProperties') ?? 0, MOST_ITEMS);
    const additional = own(node, 'additionalProperties');
    if (additional === false || this.isFull(depth)) return;
    for (let count = 1; Object.keys(result).length < least; count += 1) {
      result[`key${count}`] = this.make(additional, depth + 1);
    }
  }

  private isFull(depth: number): boolean {
    return depth >= DEEPEST || this.values > MOST_VALUES;
  }

  private makeArray(node: Json, depth: number): unknown[] {
    const least = Math.min(number(node, 'minItems') ?? 0, MOST_ITEMS);
    const items = own(node, 'items');
    const prefix = list(node, 'prefixItems');
    if (this.isFull(depth) || (least === 0 && this.leadsBack(items)) || number(node, 'maxItems') === 0) return [];
    const length = Math.max(least, 1, prefix.length);
    const result = Array.from({ length }, (_, index) => this.make(prefix[index] ?? items, depth + 1));
    return node.uniqueItems === true ? distinct(result, this.references.resolve(items)) : result;
  }

  private leadsBack(schema: unknown): boolean {
    const ref = text(schema, '$ref') ?? text(own(schema, 'items'), '$ref');
    return ref !== undefined && this.open.includes(ref);
  }

  /** A schema with what its allOf adds, and with the first of its alternatives. */
  private flatten(schema: unknown, seen = new Set<unknown>()): Json {
    const target = this.references.resolve(schema);
    if (target === false) return { type: 'null' };
    if (!isObject(target)) return {};
    if (seen.has(target)) return {};
    seen.add(target);
    const siblings = isObject(schema) && schema !== target ? schema : {};
    // Most schemas have nothing to add: reading them as they stand spares a copy of all their names.
    if (
      !COMBINING.some((key) => own(target, key) !== undefined) &&
      Object.keys(siblings).every((key) => key === '$ref')
    ) {
      return target;
    }
    let result: Json = { ...target, ...siblings };
    for (const part of list(target, 'allOf')) result = merge(this.flatten(part, seen), result);
    for (const key of ['oneOf', 'anyOf']) {
      const chosen = list(target, key).find((part) => typeOf(part, this.references) !== null || isObject(part));
      const meant = list(target, key).find((part) => own(this.references.resolve(part), 'type') !== 'null') ?? chosen;
      if (meant !== undefined) result = merge(this.flatten(meant, seen), discriminated(result, meant));
    }
    for (const key of COMBINING) Reflect.deleteProperty(result, key);
    return result;
  }
}

/** The property that tells which alternative a value is, as a constant. */
function discriminated(node: Json, chosen: unknown): Json {
  const property = text(own(node, 'discriminator'), 'propertyName');
  const ref = text(chosen, '$ref');
  if (property === undefined || ref === undefined) return node;
  const mapping = object(own(node, 'discriminator'), 'mapping');
  const value = Object.keys(mapping).find((key) => mapping[key] === ref) ?? ref.split('/').at(-1);
  return { ...node, properties: { ...object(node, 'properties'), [property]: { type: 'string', const: value } } };
}

function merge(base: Json, over: Json): Json {
  const required = [...new Set([...list(base, 'required'), ...list(over, 'required')])];
  const properties = { ...object(base, 'properties'), ...object(over, 'properties') };
  return {
    ...base,
    ...over,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}

function isNullOnly(node: Json): boolean {
  return node.type === 'null' || node.const === null || JSON.stringify(node.enum) === '[null]';
}

function guessType(node: Json): string {
  if (own(node, 'required') !== undefined || isObject(own(node, 'additionalProperties'))) return 'object';
  if (['minimum', 'maximum', 'multipleOf'].some((key) => own(node, key) !== undefined)) return 'number';
  return 'string';
}

function makeNumber(node: Json): number {
  const { least, most } = range(node);
  const isInteger = node.type === 'integer' || (Array.isArray(node.type) && node.type.includes('integer'));
  const step = number(node, 'multipleOf') ?? (isInteger ? 1 : 0);
  let value = 1;
  if (value < least.value || (least.open && value <= least.value))
    value = least.open ? least.value + (step || 1) : least.value;
  if (value > most.value || (most.open && value >= most.value))
    value = most.open ? most.value - (step || 1) : most.value;
  if (!isInteger && (value < least.value || (least.open && value <= least.value)))
    value = (least.value + most.value) / 2;
  if (step > 0) {
    const up = Math.ceil(value / step) * step;
    value = up <= most.value ? up : Math.floor(value / step) * step;
  }
  return Number.isFinite(value) ? Number(value.toPrecision(15)) : 1;
}

function distinct(values: unknown[], items: unknown): unknown[] {
  const enumerated = list(items, 'enum');
  return values.map((value, index) => {
    if (index === 0) return value;
    if (enumerated.length > 0) return enumerated[index % enumerated.length];
    if (typeof value === 'number') return value + index;
    if (typeof value === 'string') return `${value}${index + 1}`;
    return value;
  });
}
