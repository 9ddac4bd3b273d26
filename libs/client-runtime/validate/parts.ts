import { describeSchema, excerpt, oneOf } from './describe.js';
import { isNode, listOf, type Node, type Schemas } from './node.js';
import type { Check, Run } from './run.js';

/** https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subsch */
export function partChecks(node: Node, schemas: Schemas): Check[] {
  const checks: Check[] = listOf(node, 'allOf').map((part) => schemas.checkOf(part));
  for (const key of ['anyOf', 'oneOf']) {
    const parts = listOf(node, key);
    if (parts.length > 0) checks.push(alternatives(node, parts, schemas));
  }
  if (node.not !== undefined) {
    const not = schemas.checkOf(node.not);
    checks.push(
      (value, run) =>
        !run.asks(value, not) ||
        !run.isComplete ||
        run.refuse(() => 'a value that is not of a kind that is ruled out', value),
    );
  }
  if (node.if !== undefined) checks.push(conditional(node, schemas));
  return checks;
}

function conditional(node: Node, schemas: Schemas): Check {
  const condition = schemas.checkOf(node.if);
  const then = schemas.checkOf(node.then);
  const otherwise = schemas.checkOf(node.else);
  return (value, run) => (run.asks(value, condition) ? then : otherwise)(value, run);
}

/**
 * One of several schemas. Of `oneOf` a value may fit several: alternatives that overlap are a loose document's doing, and
 * whoever sends a value that fits cannot help it.
 */
function alternatives(node: Node, parts: readonly unknown[], schemas: Schemas): Check {
  const checks = parts.map((part) => schemas.checkOf(part));
  const told = discriminator(node, parts, schemas);
  return (value, run) => {
    const chosen = told?.(value);
    if (chosen) return chosen(value, run);
    if (checks.some((check) => run.asks(value, check))) return true;
    if (!run.isNoting) return false;
    // What is wrong with the only alternative that can be meant says more than that none fits.
    const meant = parts.filter((part) => mayMean(part, value, run, schemas));
    const [only] = meant;
    if (meant.length === 1 && only !== undefined) return schemas.checkOf(only)(value, run);
    return run.refuse(() => describeSchema({ anyOf: parts }, schemas.resolve), value);
  };
}

/** Whether an alternative is for values of this type at all. */
function mayMean(part: unknown, value: unknown, run: Run, schemas: Schemas): boolean {
  const target = schemas.resolve(part);
  if (!isNode(target)) return target === true;
  const type = target.type ?? (Object.hasOwn(target, 'properties') ? 'object' : undefined);
  return type === undefined || run.asks(value, schemas.checkOfType(type));
}

/**
 * The alternative that a value names itself.
 * https://spec.openapis.org/oas/v3.1.1#discriminator-object
 */
function discriminator(
  node: Node,
  parts: readonly unknown[],
  schemas: Schemas,
): ((value: unknown) => Check | undefined) | null {
  const { discriminator: given } = node;
  if (!isNode(given) || typeof given.propertyName !== 'string') return null;
  const property = given.propertyName;
  const byRef = new Map(parts.filter(isNode).map((part) => [part.$ref, schemas.checkOf(part)]));
  const mapping = isNode(given.mapping) ? given.mapping : {};
  const byName = new Map<string, Check>();
  for (const [ref, check] of byRef) if (typeof ref === 'string') byName.set(nameOf(ref), check);
  for (const [name, ref] of Object.entries(mapping)) {
    const check = byRef.get(ref);
    if (check) byName.set(name, check);
  }
  const unknown: Check = (value, run) =>
    run.refuse(
      () => oneOf([...byName.keys()].map((name) => JSON.stringify(excerpt(name)))),
      isNode(value) ? value[property] : undefined,
      property,
    );
  const isWhole = byRef.size === parts.length && !byRef.has(undefined) && Object.keys(mapping).length >= parts.length;
  return (value) => {
    if (!isNode(value) || !Object.hasOwn(value, property)) return undefined;
    const name = value[property];
    if (typeof name !== 'string') return undefined;
    return byName.get(name) ?? (isWhole ? unknown : undefined);
  };
}

function nameOf(ref: string): string {
  return (ref.split('/').at(-1) ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}
