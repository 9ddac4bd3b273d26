import { sameJson, type JsonSchema } from '#core';
import { isObject, type Json } from '../json.js';
import { list, object } from '../table/reading.js';

/** A schema with its references followed and its `allOf` laid together, so that equal meanings look alike. */
export interface SchemaView {
  /** Null: any type. */
  readonly types: ReadonlySet<string> | null;
  /** Null: any value of the types. */
  readonly values: readonly unknown[] | null;
  readonly keywords: Json;
  readonly properties: ReadonlyMap<string, JsonSchema>;
  readonly required: ReadonlySet<string>;
  /** Of properties that are not declared, and of items. */
  readonly additional: JsonSchema;
  readonly items: JsonSchema;
  /** Two or more of which one must fit; empty when there are none. */
  readonly alternatives: readonly JsonSchema[];
}

const DEEPEST = 100;
const LONGEST_CHAIN = 50;
const PREFIX = '#/$defs/';

/** Laid together as the tighter of two. */
const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'] as const;
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'] as const;
/** What is compared as a whole: a change of it may mean anything. */
export const WHOLE = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'patternProperties',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedItems',
  'unevaluatedProperties',
  'prefixItems',
  'contentEncoding',
  'contentMediaType',
] as const;
/** Compared as they stand. */
const OTHERS = ['pattern', 'format', 'multipleOf', 'uniqueItems', ...WHOLE] as const;

/** The schemas of one version of a document. */
export class Views {
  private readonly known = new Map<JsonSchema, SchemaView>();

  constructor(readonly definitions: Readonly<Record<string, JsonSchema>>) {}

  viewOf(schema: JsonSchema): SchemaView {
    let view = this.known.get(schema);
    if (!view) {
      view = this.make(schema);
      this.known.set(schema, view);
    }
    return view;
  }

  /** The schema that a reference names, through other references; the schema itself when it is none. */
  target(schema: JsonSchema): JsonSchema {
    let current = schema;
    for (let hops = 0; hops < LONGEST_CHAIN && isObject(current); hops += 1) {
      const name = nameOf(current);
      if (name === null) return current;
      current = (Object.hasOwn(this.definitions, name) ? this.definitions[name] : undefined) ?? {};
    }
    return isObject(current) && nameOf(current) !== null ? {} : current;
  }

  private make(schema: JsonSchema): SchemaView {
    const draft: Draft = {
      types: null,
      values: null,
      keywords: {},
      properties: new Map(),
      required: new Set(),
      additional: true,
      items: true,
      alternatives: [],
    };
    this.lay(schema, draft, 0, new Set());
    return draft;
  }

  private lay(schema: JsonSchema, draft: Draft, depth: number, laid: Set<JsonSchema>): void {
    const node = this.target(schema);
    if (node === false) draft.values = [];
    if (!isObject(node) || depth > DEEPEST || laid.has(node)) return;
    laid.add(node);
    layTypes(node, draft);
    layValues(node, draft);
    layKeywords(node, draft);
    for (const [name, property] of Object.entries(object(node, 'properties'))) {
      const before = draft.properties.get(name);
      draft.properties.set(
        name,
        before === undefined || sameJson(before, property) ? (property as JsonSchema) : { allOf: [before, property] },
      );
    }
    for (const name of list(node, 'required')) if (typeof name === 'string') draft.required.add(name);
    if (node.additionalProperties !== undefined) draft.additional = node.additionalProperties as JsonSchema;
    if (node.items !== undefined) draft.items = node.items as JsonSchema;
    for (const part of list(node, 'allOf')) this.lay(part as JsonSchema, draft, depth + 1, laid);
    for (const key of ['anyOf', 'oneOf'])
      this.layAlternatives(list(node, key) as readonly JsonSchema[], draft, depth, laid);
  }

  /** One alternative beside null is the schema itself, and null a type more. */
  private layAlternatives(parts: readonly JsonSchema[], draft: Draft, depth: number, laid: Set<JsonSchema>): void {
    const meant = parts.filter((part) => !isNull(this.target(part)));
    const [only] = meant;
    if (meant.length !== 1 || only === undefined) {
      draft.alternatives = [...draft.alternatives, ...parts];
      return;
    }
    this.lay(only, draft, depth + 1, laid);
    if (meant.length === parts.length) return;
    if (draft.types !== null) draft.types = new Set([...draft.types, 'null']);
    if (draft.values !== null && !draft.values.includes(null)) draft.values = [...draft.values, null];
  }
}

type Draft = { -readonly [Key in keyof SchemaView]: SchemaView[Key] } & {
  properties: Map<string, JsonSchema>;
  required: Set<string>;
};

/** The name that a schema refers to; null when it is no mere reference. */
export function nameOf(schema: JsonSchema): string | null {
  if (!isObject(schema) || typeof schema.$ref !== 'string' || !schema.$ref.startsWith(PREFIX)) return null;
  return schema.$ref.slice(PREFIX.length).replaceAll('~1', '/').replaceAll('~0', '~');
}

function isNull(node: JsonSchema): boolean {
  return (
    isObject(node) && (node.type === 'null' || (Array.isArray(node.enum) && node.enum.every((value) => value === null)))
  );
}

function layTypes(node: Json, draft: Draft): void {
  const given: unknown[] = Array.isArray(node.type) ? node.type : [node.type];
  const types = given.filter((type) => typeof type === 'string');
  if (types.length === 0) return;
  const before = draft.types;
  const both = before === null ? types : types.filter((type) => before.has(type));
  draft.types = new Set(both.length > 0 ? both : types);
}

function layValues(node: Json, draft: Draft): void {
  const values = Object.hasOwn(node, 'const')
    ? [node.const]
    : Array.isArray(node.enum)
      ? (node.enum as unknown[])
      : null;
  if (values === null) return;
  const before = draft.values;
  draft.values = before === null ? values : values.filter((value) => before.some((other) => sameJson(other, value)));
}

function layKeywords(node: Json, draft: Draft): void {
  const { keywords } = draft;
  for (const key of LEAST) {
    if (typeof node[key] === 'number')
      keywords[key] = Math.max(node[key], (keywords[key] as number | undefined) ?? -Infinity);
  }
  for (const key of MOST) {
    if (typeof node[key] === 'number')
      keywords[key] = Math.min(node[key], (keywords[key] as number | undefined) ?? Infinity);
  }
  for (const key of OTHERS) if (node[key] !== undefined && node[key] !== false) keywords[key] = node[key];
}
