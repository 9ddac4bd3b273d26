import type { Random } from './random.js';

/** A JSON object of a document. */
export type Json = Record<string, unknown>;
/** Follows a `$ref` to what it names; anything else stays as it is. */
export type Resolve = (node: unknown) => unknown;

const AWKWARD = [
  '',
  'a b',
  'é',
  '日本',
  '😀',
  'a/b',
  '..',
  '.',
  'a&b=c',
  'a+b',
  '100%',
  '%41',
  '#x',
  '?y',
  ';z',
  'a,b',
  'a|b',
  '"q"',
  "it's",
  '<x>',
  '\\',
  '[1]',
  '{v}',
  '~',
  ':@!$()*',
  'a\ttab',
  'line\nbreak',
  ' lead',
  'trail ',
  'true',
  'null',
  '0',
  '__proto__',
  'a=b',
] as const;
const NUMBERS = [0, 1, -1, 42, 1.5, -0.25, 2 ** 31, 9_007_199_254_740_991, 1e21, 1e-7] as const;
const INTEGERS = [0, 1, -1, 7, 2 ** 31, 9_007_199_254_740_991] as const;
const DEEPEST = 4;
const MOST_PROPERTIES = 8;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of its own, never one of the prototype. */
export function field(node: unknown, key: string): unknown {
  return isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
}

export function listField(node: unknown, key: string): readonly unknown[] {
  const value = field(node, key);
  return Array.isArray(value) ? value : [];
}

/** A field that is a text; empty when it is none. */
export function textField(node: unknown, key: string): string {
  const value = field(node, key);
  return typeof value === 'string' ? value : '';
}

export function objectField(node: unknown, key: string): Json {
  const value = field(node, key);
  return isObject(value) ? value : {};
}

/** Values of a schema's type, shape and enumeration; lengths, patterns and formats do not matter to a request. */
export class Sampler {
  constructor(
    private readonly random: Random,
    private readonly resolve: Resolve,
  ) {}

  value(schema: unknown, depth = 0): unknown {
    const node = this.flat(schema);
    if (node.const !== undefined) return node.const;
    const values = listField(node, 'enum').filter((value) => value !== null);
    if (values.length > 0) return this.random.pick(values);
    if (isBinary(node)) return this.random.bytes(1 + Math.floor(this.random.next() * 40)).toString('base64');
    switch (typeOf(node)) {
      case 'object':
        return this.object(node, depth);
      case 'array':
        return this.array(node, depth);
      case 'integer':
        return this.random.pick(INTEGERS);
      case 'number':
        return this.random.pick(NUMBERS);
      case 'boolean':
        return this.random.chance(0.5);
      case 'null':
        return null;
      default:
        return this.random.chance(0.5) ? this.random.pick(AWKWARD) : `word${Math.floor(this.random.next() * 1000)}`;
    }
  }

  /** A schema with its parts put together, and with one of its alternatives. */
  flat(schema: unknown, seen: ReadonlySet<unknown> = new Set()): Json {
    const target = this.resolve(schema);
    if (!isObject(target) || seen.has(target)) return {};
    const inside = new Set(seen).add(target);
    const alternatives = [...listField(target, 'oneOf'), ...listField(target, 'anyOf')].filter(
      (part) => field(this.resolve(part), 'type') !== 'null',
    );
    const chosen = this.random.pick(alternatives);
    const parts = [...listField(target, 'allOf'), ...(chosen === undefined ? [] : [chosen])];
    return parts.map((part) => this.flat(part, inside)).reduce(merge, target);
  }

  private object(node: Json, depth: number): Json {
    const properties = objectField(node, 'properties');
    const required = new Set(listField(node, 'required'));
    const entries: [string, unknown][] = [];
    for (const [name, schema] of Object.entries(properties)) {
      if (field(this.resolve(schema), 'readOnly') === true) continue;
      const isOptional = depth < DEEPEST && entries.length < MOST_PROPERTIES && this.random.chance(0.5);
      if (required.has(name) || isOptional) {
        entries.push([name, depth < DEEPEST ? this.value(schema, depth + 1) : 'x']);
      }
    }
    for (const name of required) {
      if (typeof name === 'string' && !Object.hasOwn(properties, name)) entries.push([name, 'x']);
    }
    const additional = field(node, 'additionalProperties');
    if (entries.length === 0 && additional !== false && this.random.chance(0.7)) {
      entries.push([
        `k${this.random.pick(['', ' e', '&', 'é'])}`,
        depth < DEEPEST ? this.value(additional ?? {}, DEEPEST) : 'x',
      ]);
    }
    return Object.fromEntries(entries);
  }

  private array(node: Json, depth: number): unknown[] {
    const length = depth < DEEPEST ? this.random.pick([0, 1, 1, 3]) : 0;
    return Array.from({ length }, () => this.value(field(node, 'items') ?? {}, depth + 1));
  }
}

/** JSON Schema's type word, said or plain from what is there. */
export function typeOf(node: Json): string | undefined {
  const types: unknown[] = Array.isArray(node.type) ? node.type : [node.type];
  const said = types.find((type) => typeof type === 'string' && type !== 'null');
  if (typeof said === 'string') return said;
  if (types.includes('null')) return 'null';
  if (node.properties !== undefined || isObject(node.additionalProperties)) return 'object';
  return node.items === undefined ? undefined : 'array';
}

/** https://spec.openapis.org/oas/v3.1.1#working-with-binary-data */
export function isBinary(node: Json): boolean {
  if (typeOf(node) !== 'string' && typeOf(node) !== undefined) return false;
  if (node.format === 'binary' || node.format === 'file') return true;
  const media = node.contentMediaType;
  return typeof media === 'string' && node.contentEncoding === undefined && !/^text\/|json|xml/.test(media);
}

function merge(base: Json, part: Json): Json {
  const properties = { ...objectField(part, 'properties'), ...objectField(base, 'properties') };
  return {
    ...part,
    ...base,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    required: [...listField(part, 'required'), ...listField(base, 'required')],
    ...(typeOf(base) === undefined && part.type !== undefined ? { type: part.type } : {}),
  };
}
