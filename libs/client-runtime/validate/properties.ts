import { describeSchema, excerpt, oneOf } from './describe.js';
import { nearest } from '../nearest.js';
import type { Pattern } from './pattern.js';
import type { Check, Run } from './run.js';
import { isNode, listOf, type Node, type Schemas } from './node.js';

/** How many levels of allOf are searched for what a schema says of a property. */
const DEEPEST_LOOK = 5;
const MOST_NAMED = 3;

/** https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subschemas-to-objects */
export function propertiesCheck(node: Node, schemas: Schemas): Check[] {
  const checks = [requiredCheck(node, schemas), membersCheck(node, schemas), dependentCheck(node, schemas)];
  return checks.filter((check) => check !== null);
}

function requiredCheck(node: Node, schemas: Schemas): Check | null {
  const names = listOf(node, 'required').filter((name) => typeof name === 'string');
  if (names.length === 0) return null;
  const exempt = {
    request: new Set(names.filter((name) => isMarked(node, name, 'readOnly', schemas))),
    response: new Set(names.filter((name) => isMarked(node, name, 'writeOnly', schemas))),
  };
  return (value, run) => {
    if (!isNode(value)) return true;
    let fits = true;
    for (const name of names) {
      if (Object.hasOwn(value, name) || exempt[run.direction].has(name)) continue;
      fits = false;
      run.refuse(() => describeProperty(node, name, schemas), undefined, undefined, name);
      if (!run.isNoting) return false;
    }
    return fits;
  };
}

function describeProperty(node: Node, name: string, schemas: Schemas): string {
  const schema = propertyOf(node, name, schemas);
  return schema === undefined ? 'a value' : describeSchema(schema as Node, schemas.resolve);
}

/** https://spec.openapis.org/oas/v3.0.4#fixed-fields-20 on readOnly and writeOnly */
function isMarked(node: Node, name: string, mark: 'readOnly' | 'writeOnly', schemas: Schemas): boolean {
  const schema = propertyOf(node, name, schemas);
  if (!isNode(schema)) return false;
  const target = schemas.resolve(schema);
  return schema[mark] === true || (isNode(target) && target[mark] === true);
}

/** What a schema, or a part of it, says of one property. */
function propertyOf(node: Node, name: string, schemas: Schemas, depth = 0): unknown {
  if (isNode(node.properties) && Object.hasOwn(node.properties, name)) return node.properties[name];
  if (depth >= DEEPEST_LOOK) return undefined;
  for (const part of listOf(node, 'allOf')) {
    const target = schemas.resolve(part);
    const found = isNode(target) ? propertyOf(target, name, schemas, depth + 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function membersCheck(node: Node, schemas: Schemas): Check | null {
  const properties = new Map(
    Object.entries(isNode(node.properties) ? node.properties : {}).map(([name, schema]) => [
      name,
      schemas.checkOf(schema),
    ]),
  );
  const patterns = Object.entries(isNode(node.patternProperties) ? node.patternProperties : {}).map(
    ([source, schema]): [Pattern, Check] => [schemas.patternOf(source), schemas.checkOf(schema)],
  );
  const { additionalProperties, propertyNames } = node;
  const additional = isConstraint(additionalProperties) ? schemas.checkOf(additionalProperties) : null;
  const names = isConstraint(propertyNames) ? schemas.checkOf(propertyNames) : null;
  if (properties.size === 0 && patterns.length === 0 && additional === null && names === null) return null;

  return (value, run) => {
    if (!isNode(value)) return true;
    let fits = true;
    for (const name of Object.keys(value)) {
      const member = value[name];
      const declared = properties.get(name);
      let isKnown = declared !== undefined;
      let memberFits = declared === undefined || run.inside(name, member, declared);
      for (const [pattern, check] of patterns) {
        if (!pattern.matches(name, run)) continue;
        isKnown = true;
        memberFits = run.inside(name, member, check) && memberFits;
      }
      if (!isKnown && additional !== null) {
        memberFits =
          additionalProperties === false ? refuseUnknown(name, member, run) : run.inside(name, member, additional);
      }
      if (names !== null && !run.asks(name, names)) {
        memberFits = run.refuse(
          () => `a name that is ${describeSchema(propertyNames as Node, schemas.resolve)}`,
          name,
          undefined,
          name,
        );
      }
      if (memberFits) continue;
      if (!run.isNoting) return false;
      fits = false;
    }
    return fits;
  };

  function refuseUnknown(name: string, member: unknown, run: Run): false {
    return run.refuse(() => `no property of this name${knownNames(name, properties)}`, member, undefined, name);
  }
}

function knownNames(name: string, properties: ReadonlyMap<string, unknown>): string {
  if (properties.size === 0) return '';
  const names = nearest(excerpt(name), properties.keys(), MOST_NAMED).map((known) => excerpt(known));
  return `; ${properties.size > MOST_NAMED ? 'the nearest are' : 'there is'} ${oneOf(names).replace(/^one of /, '')}`;
}

function isConstraint(schema: unknown): boolean {
  return schema === false || isNode(schema);
}

/** https://json-schema.org/draft/2020-12/json-schema-validation#name-dependentrequired */
function dependentCheck(node: Node, schemas: Schemas): Check | null {
  const required = Object.entries(isNode(node.dependentRequired) ? node.dependentRequired : {}).map(
    ([name, list]): [string, string[]] => [
      name,
      (Array.isArray(list) ? list : []).filter((item) => typeof item === 'string'),
    ],
  );
  const dependent = Object.entries(isNode(node.dependentSchemas) ? node.dependentSchemas : {}).map(
    ([name, schema]): [string, Check] => [name, schemas.checkOf(schema)],
  );
  if (required.length === 0 && dependent.length === 0) return null;
  return (value, run) => {
    if (!isNode(value)) return true;
    let fits = true;
    for (const [name, others] of required) {
      if (!Object.hasOwn(value, name)) continue;
      for (const other of others) {
        if (Object.hasOwn(value, other)) continue;
        fits = run.refuse(() => `a value, since ${excerpt(name)} is given`, undefined, undefined, other);
      }
    }
    for (const [name, check] of dependent) if (Object.hasOwn(value, name)) fits = check(value, run) && fits;
    return fits;
  };
}
