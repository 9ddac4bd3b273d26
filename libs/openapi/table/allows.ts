import { isObject, own, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { list, number, object } from './reading.js';

/** Past this many checks a value is taken for allowed: an example is worth no more work. */
const MOST_CHECKS = 2_000;
/** So deep in each other stand only schemas that are parts of themselves. */
const DEEPEST = 100;

/**
 * Whether a schema allows a value, as far as an example needs it: types, enums, bounds, required and additional
 * properties. A document's patterns are never run, for they may take for ever; formats are annotations.
 * https://json-schema.org/draft/2020-12/json-schema-validation
 */
export function allows(schema: unknown, value: unknown, references: References): boolean {
  return new Check(references).allows(schema, value);
}

class Check {
  private checks = 0;
  private depth = 0;

  constructor(private readonly references: References) {}

  allows(schema: unknown, value: unknown): boolean {
    this.checks += 1;
    if (this.checks > MOST_CHECKS || this.depth >= DEEPEST) return true;
    this.depth += 1;
    const allowed = this.allowsNode(schema, value);
    this.depth -= 1;
    return allowed;
  }

  private allowsNode(schema: unknown, value: unknown): boolean {
    const node = this.references.resolve(schema);
    if (typeof node === 'boolean') return node;
    if (!isObject(node)) return true;
    if (value === null && (node.nullable === true || own(schema, 'nullable') === true)) return true;
    return (
      allowsType(node, value) &&
      allowsConstant(node, value) &&
      allowsBounds(node, value) &&
      this.allowsParts(node, value) &&
      this.allowsItems(node, value) &&
      this.allowsProperties(node, value)
    );
  }

  private allowsParts(node: Json, value: unknown): boolean {
    const any = (key: string): boolean => {
      const parts = list(node, key);
      return parts.length === 0 || parts.some((part) => this.allows(part, value));
    };
    return list(node, 'allOf').every((part) => this.allows(part, value)) && any('anyOf') && any('oneOf');
  }

  private allowsItems(node: Json, value: unknown): boolean {
    if (!Array.isArray(value)) return true;
    const prefix = list(node, 'prefixItems');
    const items = own(node, 'items');
    return value.every((item, index) => {
      const schema = index < prefix.length ? prefix[index] : items;
      return schema === undefined || this.allows(schema, item);
    });
  }

  private allowsProperties(node: Json, value: unknown): boolean {
    if (!isObject(value)) return true;
    const properties = object(node, 'properties');
    for (const name of list(node, 'required')) {
      // What only answers hold need not be sent: https://spec.openapis.org/oas/v3.0.4#fixed-fields-for-schema-object
      const readOnly = own(this.references.resolve(own(properties, String(name))), 'readOnly') === true;
      if (!readOnly && own(value, String(name)) === undefined) return false;
    }
    const additional = own(node, 'additionalProperties');
    return Object.entries(value).every(([name, item]) => {
      const schema = own(properties, name);
      if (schema !== undefined) return this.allows(schema, item);
      if (additional === undefined || own(node, 'patternProperties') !== undefined) return true;
      return this.allows(additional, item);
    });
  }
}

function allowsType(node: Json, value: unknown): boolean {
  const given = node.type;
  if (given === undefined) return true;
  const types = Array.isArray(given) ? given : [given];
  return types.some((type) => {
    if (type === 'null') return value === null;
    if (type === 'integer') return Number.isInteger(value);
    if (type === 'array') return Array.isArray(value);
    if (type === 'object') return isObject(value);
    return typeof value === type;
  });
}

function allowsConstant(node: Json, value: unknown): boolean {
  const text = JSON.stringify(value);
  if (node.const !== undefined && JSON.stringify(node.const) !== text) return false;
  const values = node.enum;
  return !Array.isArray(values) || values.some((item) => JSON.stringify(item) === text);
}

function allowsBounds(node: Json, value: unknown): boolean {
  const within = (size: number, least: string, most: string): boolean =>
    size >= (number(node, least) ?? -Infinity) && size <= (number(node, most) ?? Infinity);
  if (typeof value === 'string') return within(Array.from(value).length, 'minLength', 'maxLength');
  if (Array.isArray(value)) {
    const distinct =
      node.uniqueItems !== true || new Set(value.map((item) => JSON.stringify(item))).size === value.length;
    return distinct && within(value.length, 'minItems', 'maxItems');
  }
  if (typeof value !== 'number') return true;
  const { least, most } = range(node);
  if (value < least.value || (least.open && value === least.value)) return false;
  if (value > most.value || (most.open && value === most.value)) return false;
  const step = number(node, 'multipleOf');
  return step === undefined || step <= 0 || Math.abs(value / step - Math.round(value / step)) < 1e-9;
}

interface Bound {
  readonly value: number;
  readonly open: boolean;
}

/** The bounds of a number, in 3.0's way (a boolean beside them) or 3.1's (numbers of their own). */
export function range(node: Json): { least: Bound; most: Bound } {
  const bound = (
    closed: string,
    exclusive: string,
    none: number,
    tighter: (a: number, b: number) => boolean,
  ): Bound => {
    const inclusive = number(node, closed) ?? none;
    const beyond = number(node, exclusive);
    if (beyond !== undefined && !tighter(inclusive, beyond)) return { value: beyond, open: true };
    return { value: inclusive, open: node[exclusive] === true };
  };
  return {
    least: bound('minimum', 'exclusiveMinimum', -Infinity, (a, b) => a > b),
    most: bound('maximum', 'exclusiveMaximum', Infinity, (a, b) => a < b),
  };
}
