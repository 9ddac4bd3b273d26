import { isNode, listOf, type Node, type Schemas } from './node.js';
import { refuseUnknown } from './properties.js';
import { MADE_UP, type Check, type Run } from './run.js';

/** What of a value other keywords have looked at: names of properties, or how many items from the first. */
interface Evaluated {
  readonly names: Set<string>;
  items: number;
  all: boolean;
}

const DEEPEST = 50;

/** https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-unevaluated-su */
export function unevaluatedCheck(node: Node, schemas: Schemas): Check[] {
  const checks: Check[] = [];
  if (node.unevaluatedProperties !== undefined) checks.push(propertiesCheck(node, schemas));
  if (node.unevaluatedItems !== undefined) checks.push(itemsCheck(node, schemas));
  return checks;
}

function propertiesCheck(node: Node, schemas: Schemas): Check {
  const check = schemas.checkOf(node.unevaluatedProperties);
  return (value, run) => {
    if (!isNode(value)) return true;
    const evaluated: Evaluated = { names: new Set(), items: 0, all: false };
    evaluate(node, value, { evaluated, run, schemas }, 0, true);
    if (evaluated.all) return true;
    let fits = true;
    for (const name of Object.keys(value)) {
      if (evaluated.names.has(name)) continue;
      fits =
        node.unevaluatedProperties === false
          ? refuseUnknown(name, value[name], run)
          : run.inside(MADE_UP, value[name], check) && fits;
    }
    return fits;
  };
}

function itemsCheck(node: Node, schemas: Schemas): Check {
  const check = schemas.checkOf(node.unevaluatedItems);
  return (value, run) => {
    if (!Array.isArray(value)) return true;
    const evaluated: Evaluated = { names: new Set(), items: 0, all: false };
    evaluate(node, value, { evaluated, run, schemas }, 0, true);
    if (evaluated.all) return true;
    let fits = true;
    for (let index = evaluated.items; index < value.length; index += 1) {
      const item: unknown = value[index];
      // Rare enough to ask it in this way: an item that `contains` names has been looked at too.
      if (node.contains !== undefined && run.asks(item, schemas.checkOf(node.contains))) continue;
      fits = run.inside(String(index), item, check) && fits;
    }
    return fits;
  };
}

interface Look {
  readonly evaluated: Evaluated;
  readonly run: Run;
  readonly schemas: Schemas;
}

function evaluate(schema: unknown, value: unknown, look: Look, depth: number, isTop = false): void {
  const { run, schemas, evaluated } = look;
  if (!isNode(schema) || depth > DEEPEST || !run.spend(1)) {
    if (depth > DEEPEST) run.isComplete = false;
    // What was not looked at is not held against the value.
    if (!run.isComplete) evaluated.all = true;
    return;
  }
  if (isNode(value)) evaluateProperties(schema, value, look, isTop);
  if (Array.isArray(value)) evaluateItems(schema, value, evaluated, isTop);
  const go = (part: unknown): void => evaluate(part, value, look, depth + 1);
  if (typeof schema.$ref === 'string') go(schemas.definition(schema.$ref));
  for (const part of listOf(schema, 'allOf')) go(part);
  for (const part of [...listOf(schema, 'anyOf'), ...listOf(schema, 'oneOf')]) {
    if (run.asks(value, schemas.checkOf(part))) go(part);
  }
  if (schema.if !== undefined) {
    const holds = run.asks(value, schemas.checkOf(schema.if));
    if (holds) go(schema.if);
    go(holds ? schema.then : schema.else);
  }
  if (isNode(schema.dependentSchemas) && isNode(value)) {
    for (const [name, part] of Object.entries(schema.dependentSchemas)) if (Object.hasOwn(value, name)) go(part);
  }
}

function evaluateProperties(schema: Node, value: Node, { evaluated, run, schemas }: Look, isTop: boolean): void {
  if (schema.additionalProperties !== undefined || (!isTop && schema.unevaluatedProperties !== undefined))
    evaluated.all = true;
  if (isNode(schema.properties)) for (const name of Object.keys(schema.properties)) evaluated.names.add(name);
  if (!isNode(schema.patternProperties)) return;
  for (const source of Object.keys(schema.patternProperties)) {
    const pattern = schemas.patternOf(source);
    for (const name of Object.keys(value)) if (pattern.matches(name, run)) evaluated.names.add(name);
  }
}

function evaluateItems(schema: Node, value: readonly unknown[], evaluated: Evaluated, isTop: boolean): void {
  if (schema.items !== undefined || (!isTop && schema.unevaluatedItems !== undefined)) evaluated.all = true;
  evaluated.items = Math.max(evaluated.items, Math.min(listOf(schema, 'prefixItems').length, value.length));
}
