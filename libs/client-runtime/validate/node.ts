import type { JsonSchema } from '#core';
import type { Pattern } from './pattern.js';
import type { Check } from './run.js';

/** A schema that is an object; nothing in it can be trusted to be what it should. */
export type Node = Readonly<Record<string, unknown>>;

/** What the checks of keywords ask of the checker that they belong to. */
export interface Schemas {
  /** The check of a schema. What is inside is made when a value first leads there: schemas may be endless. */
  readonly checkOf: (schema: unknown) => Check;
  /** The check of a type alone. */
  readonly checkOfType: (type: unknown) => Check;
  readonly patternOf: (source: string) => Pattern;
  /** A schema, or what it refers to where it says nothing else; undefined when that is nothing. */
  readonly resolve: (schema: unknown) => JsonSchema | undefined;
  /** What a reference points to; undefined when that is nothing. */
  readonly definition: (ref: string) => JsonSchema | undefined;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A keyword that holds a list; an empty one where it is something else. */
export function listOf(node: Node, key: string): readonly unknown[] {
  const value = node[key];
  return Array.isArray(value) ? value : [];
}
