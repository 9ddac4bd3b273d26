import { canonicalJson, sameJson } from '#core';
import { ACCEPTED, MISMATCH } from './outcome.js';
import { formatOf } from './format.js';
import type { Node, Schemas } from './node.js';
import type { Run } from './run.js';

/** Reads a value as one of the types of a schema: the value, or an outcome. */
export type TypeCheck = (value: unknown, run: Run) => unknown;
type LeafCheck = (value: unknown, run: Run) => boolean;

const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const FILE = '$file';

/** https://json-schema.org/draft/2020-12/json-schema-validation#name-type */
export function typeCheck(node: Node): TypeCheck {
  const given: unknown[] = Array.isArray(node.type) ? node.type : [node.type];
  const types = new Set(given.filter((type) => typeof type === 'string'));
  const isOpen = types.size === 0;
  return (value, run) => {
    if (run.files && isFile(value)) return mayBeFile(types) ? ACCEPTED : MISMATCH;
    if (isOpen) return value;
    const read = run.asText ? readAs(types, value) : value;
    return read === ACCEPTED || isOfType(types, read) ? read : MISMATCH;
  };
}

function isOfType(types: ReadonlySet<string>, value: unknown): boolean {
  if (value === null) return types.has('null');
  switch (typeof value) {
    case 'string':
      return types.has('string');
    case 'boolean':
      return types.has('boolean');
    case 'number':
      return types.has('number') || (types.has('integer') && Number.isInteger(value));
    default:
      return types.has(Array.isArray(value) ? 'array' : 'object');
  }
}

/** What a text means where the schema wants another type, and the other way round: nothing but text travels. */
function readAs(types: ReadonlySet<string>, value: unknown): unknown {
  if (value === null || value === undefined) return ACCEPTED;
  if (typeof value === 'string') {
    if (types.has('string')) return value;
    if ((types.has('integer') || types.has('number')) && NUMERIC.test(value)) return Number(value);
    if (types.has('boolean') && (value === 'true' || value === 'false')) return value === 'true';
    // Somebody has written it out already; in which style is theirs to know.
    return types.has('array') || types.has('object') ? ACCEPTED : value;
  }
  if (typeof value === 'boolean' && !types.has('boolean') && types.has('string')) return String(value);
  const isNumber = typeof value === 'number' && !types.has('number') && !types.has('integer');
  return isNumber && types.has('string') ? String(value) : value;
}

function isFile(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, FILE);
}

function mayBeFile(types: ReadonlySet<string>): boolean {
  return types.size === 0 || types.has('string') || types.has('object') || types.has('array');
}

/** What a schema asks of a value by itself; null when nothing. */
export function leafCheck(node: Node, schemas: Schemas): LeafCheck | null {
  const checks = [constantCheck(node), enumCheck(node), numberCheck(node), textCheck(node, schemas), sizeCheck(node)];
  const asked = checks.filter((check) => check !== null);
  if (asked.length === 0) return null;
  const [only] = asked;
  if (asked.length === 1 && only) return only;
  return (value, run) => asked.every((check) => check(value, run));
}

function constantCheck(node: Node): LeafCheck | null {
  if (!Object.hasOwn(node, 'const')) return null;
  const wanted = node.const;
  return (value, run) => sameJson(wanted, value) || (run.asText && sameText(wanted, value));
}

function enumCheck(node: Node): LeafCheck | null {
  const values = node.enum;
  if (!Array.isArray(values)) return null;
  const simple = new Set<unknown>(values);
  const texts = new Set<unknown>(values.filter(isScalar).map(String));
  const others = values.filter((value) => typeof value === 'object' && value !== null);
  const holds: LeafCheck = (value, run) => {
    if (simple.has(value) || (run.asText && isScalar(value) && texts.has(String(value)))) return true;
    if (others.length === 0 || typeof value !== 'object') return false;
    return run.spend(others.length) && others.some((other) => sameJson(other, value));
  };
  if (others.some(Array.isArray)) return holds;
  // Beside `type: array` many write the values that items may have.
  return (value, run) => holds(value, run) || (Array.isArray(value) && value.every((item) => holds(item, run)));
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function sameText(a: unknown, b: unknown): boolean {
  return isScalar(a) && isScalar(b) && String(a) === String(b);
}

/** https://json-schema.org/draft/2020-12/json-schema-validation#name-validation-keywords-for-num */
function numberCheck(node: Node): LeafCheck | null {
  const least = numberOr(node.minimum, -Infinity);
  const most = numberOr(node.maximum, Infinity);
  const above = numberOr(node.exclusiveMinimum, -Infinity);
  const below = numberOr(node.exclusiveMaximum, Infinity);
  const step = typeof node.multipleOf === 'number' && node.multipleOf > 0 ? node.multipleOf : null;
  const format = formatOf(node.format)?.number;
  const isBound = least !== -Infinity || most !== Infinity || above !== -Infinity || below !== Infinity;
  if (!isBound && step === null && format === undefined) return null;
  return (value) => {
    if (typeof value !== 'number') return true;
    if (
      value < least ||
      value > most ||
      (above !== -Infinity && value <= above) ||
      (below !== Infinity && value >= below)
    )
      return false;
    return (step === null || isMultiple(value, step)) && (format === undefined || format(value));
  };
}

/** 0.3 is a multiple of 0.1, though in binary it is not quite. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  if (!Number.isFinite(quotient)) return Number.isInteger(value);
  return Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient));
}

/** https://json-schema.org/draft/2020-12/json-schema-validation#name-validation-keywords-for-str */
function textCheck(node: Node, schemas: Schemas): LeafCheck | null {
  const least = numberOr(node.minLength, 0);
  const most = numberOr(node.maxLength, Infinity);
  const format = formatOf(node.format)?.text;
  const pattern = typeof node.pattern === 'string' ? schemas.patternOf(node.pattern) : null;
  if (least <= 0 && most === Infinity && format === undefined && pattern === null) return null;
  return (value, run) => {
    if (typeof value !== 'string') return true;
    if (value.length < least || (value.length > most && lengthOf(value) > most)) return false;
    if (least > 0 && value.length < 2 * least && lengthOf(value) < least) return false;
    if (format !== undefined && run.spend(value.length >> 8) && !format(value)) return false;
    return pattern === null || pattern.matches(value, run);
  };
}

/** In code points, as JSON Schema counts. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** Sizes of arrays and objects. */
function sizeCheck(node: Node): LeafCheck | null {
  const leastItems = numberOr(node.minItems, 0);
  const mostItems = numberOr(node.maxItems, Infinity);
  const leastProperties = numberOr(node.minProperties, 0);
  const mostProperties = numberOr(node.maxProperties, Infinity);
  const isUnique = node.uniqueItems === true;
  if (!isUnique && leastItems <= 0 && mostItems === Infinity && leastProperties <= 0 && mostProperties === Infinity)
    return null;
  return (value, run) => {
    if (typeof value !== 'object' || value === null) return true;
    if (!Array.isArray(value)) {
      const size = Object.keys(value).length;
      return size >= leastProperties && size <= mostProperties;
    }
    return value.length >= leastItems && value.length <= mostItems && (!isUnique || isDistinct(value, run));
  };
}

function isDistinct(items: readonly unknown[], run: Run): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const text = canonicalJson(item);
    if (!run.spend(1 + (text.length >> 5))) return true;
    seen.add(text);
  }
  return seen.size === items.length;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
