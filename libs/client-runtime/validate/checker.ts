import type { JsonSchema, SchemaTable } from '#core';
import { describeSchema } from './describe.js';
import { containsCheck, itemsCheck } from './items.js';
import { leafCheck, typeCheck } from './leaf.js';
import { isNode, type Node, type Schemas } from './node.js';
import { ACCEPTED, MISMATCH } from './outcome.js';
import { partChecks } from './parts.js';
import { Pattern } from './pattern.js';
import { propertiesCheck } from './properties.js';
import type { Check, Run } from './run.js';
import { unevaluatedCheck } from './unevaluated.js';

const REFERENCE = '#/$defs/';
const LONGEST_CHAIN = 50;
const FITS: Check = () => true;
const REFUSED: Check = (value, run) => run.refuse(() => 'nothing', value);

const checkers = new WeakMap<SchemaTable, Checker>();

/** The checker of a table: made once, so keep the table object. */
export function checkerOf(table: SchemaTable): Checker {
  let checker = checkers.get(table);
  if (!checker) {
    checker = new Checker(table.$defs);
    checkers.set(table, checker);
  }
  return checker;
}

/**
 * Checks values by schemas that nobody vouches for. A schema becomes a chain of functions of ours when it is first needed;
 * nothing of it ever becomes code. Keywords of the wrong type say nothing; a reference to nothing fits anything.
 * https://json-schema.org/draft/2020-12/json-schema-validation
 */
export class Checker implements Schemas {
  private readonly checks = new Map<Node, Check>();
  private readonly patterns = new Map<string, Pattern>();

  constructor(private readonly definitions: Readonly<Record<string, JsonSchema>>) {}

  readonly checkOf = (schema: unknown): Check => {
    if (schema === false) return REFUSED;
    if (!isNode(schema)) return FITS;
    let made = this.checks.get(schema);
    if (!made) {
      made = this.lazily(schema);
      this.checks.set(schema, made);
    }
    return made;
  };

  readonly patternOf = (source: string): Pattern => {
    let pattern = this.patterns.get(source);
    if (!pattern) {
      pattern = new Pattern(source);
      this.patterns.set(source, pattern);
    }
    return pattern;
  };

  readonly checkOfType = (type: unknown): Check => {
    const isType = typeCheck({ type });
    return (value, run) => isType(value, run) !== MISMATCH;
  };

  readonly resolve = (schema: unknown): JsonSchema | undefined => {
    let current = schema;
    for (let hops = 0; hops < LONGEST_CHAIN; hops += 1) {
      if (!isNode(current)) return typeof current === 'boolean' ? current : undefined;
      if (typeof current.$ref !== 'string' || Object.keys(current).some((key) => !BESIDE.has(key))) return current;
      current = this.definition(current.$ref);
    }
    return undefined;
  };

  readonly definition = (ref: string): JsonSchema | undefined => {
    if (!ref.startsWith(REFERENCE)) return undefined;
    const name = ref.slice(REFERENCE.length).replaceAll('~1', '/').replaceAll('~0', '~');
    return Object.hasOwn(this.definitions, name) ? this.definitions[name] : undefined;
  };

  private lazily(node: Node): Check {
    let check: Check | undefined;
    return (value, run) => {
      if (!run.enter()) return true;
      check ??= this.make(node);
      const fits = check(value, run);
      run.leave();
      return fits;
    };
  }

  private make(node: Node): Check {
    const isType = typeCheck(node);
    const leaf = leafCheck(node, this);
    const target = typeof node.$ref === 'string' ? this.definition(node.$ref) : undefined;
    const inner = [
      ...(target === undefined ? [] : [this.checkOf(target)]),
      ...partChecks(node, this),
      ...propertiesCheck(node, this),
      ...itemsCheck(node, this),
      ...containsCheck(node, this),
      // Last, for it asks what the others have looked at.
      ...unevaluatedCheck(node, this),
    ];
    const expected = (): string => describeSchema(node, this.resolve);
    return (given, run) => {
      const value = isType(given, run);
      if (value === MISMATCH) return run.refuse(expected, given);
      if (value === ACCEPTED) return true;
      if (leaf !== null && !leaf(value, run)) return run.refuse(expected, given);
      return allFit(inner, value, run);
    };
  }
}

/** All of several checks; while violations are noted, every one of them gets its turn. */
function allFit(checks: readonly Check[], value: unknown, run: Run): boolean {
  let fits = true;
  for (const check of checks) {
    if (check(value, run)) continue;
    if (!run.isNoting) return false;
    fits = false;
  }
  return fits;
}

/** What may stand beside a reference without changing which values fit. */
const BESIDE = new Set(['$ref', 'readOnly', 'writeOnly']);
