import { isPlainName } from '#core';
import { describeSchema, excerpt } from './describe.js';
import { nearest } from '../nearest.js';
import type { Pattern } from './pattern.js';
import { MADE_UP, type Check, type Path, type Run } from './run.js';
import { isNode, listOf, type Node, type Schemas } from './node.js';

/** Parts, and parts of these, in which properties are looked for. */
const MOST_PARTS = 200;
const MOST_NAMED = 3;

/** https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subschemas-to-objects */
export function propertiesCheck(node: Node, schemas: Schemas): Check[] {
  const checks = [requiredCheck(node, schemas), membersCheck(node, schemas), dependentCheck(node, schemas)];
  return checks.filter((check) => check !== null);
}

function requiredCheck(node: Node, schemas: Schemas): Check | null {
  const names = listOf(node, 'required').filter((name) => typeof name === 'string');
  if (names.length === 0) return null;
  const declared = declaredProperties(node, schemas);
  const exempt = { request: marked(declared, 'readOnly', schemas), response: marked(declared, 'writeOnly', schemas) };
  const describe = (name: string): string => {
    const schema = declared.get(name);
    return schema === undefined ? 'a value' : describeSchema(schema as Node, schemas.resolve);
  };
  return (value, run) => {
    if (!isNode(value)) return true;
    let fits = true;
    for (const name of names) {
      if (Object.hasOwn(value, name) || exempt[run.direction].has(name)) continue;
      fits = false;
      run.refuse(() => describe(name), undefined, name);
      if (!run.isNoting) return false;
    }
    return fits;
  };
}

/** What a schema and the parts of it say of properties. */
export function declaredProperties(node: Node, schemas: Schemas): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const parts: unknown[] = [node];
  // A list is walked to its end even when it grows on the way.
  for (const part of parts) {
    const target = schemas.resolve(part);
    if (!isNode(target)) continue;
    for (const [name, schema] of Object.entries(isNode(target.properties) ? target.properties : {})) {
      if (!found.has(name)) found.set(name, schema);
    }
    parts.push(...listOf(target, 'allOf').slice(0, Math.max(0, MOST_PARTS - parts.length)));
  }
  return found;
}

/** The properties with a mark: https://spec.openapis.org/oas/v3.0.4#fixed-fields-20 on readOnly and writeOnly */
function marked(
  declared: ReadonlyMap<string, unknown>,
  mark: 'readOnly' | 'writeOnly',
  schemas: Schemas,
): ReadonlySet<string> {
  const names = [...declared].filter(([, schema]) => {
    const target = schemas.resolve(schema);
    return (isNode(schema) && schema[mark] === true) || (isNode(target) && target[mark] === true);
  });
  return new Set(names.map(([name]) => name));
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
    let fits = names === null || Object.keys(value).every((name) => run.asks(name, names)) || refuseNames(value, run);
    for (const name of Object.keys(value)) {
      if (!fits && !run.isNoting) return false;
      const member = value[name];
      const declared = properties.get(name);
      let isKnown = declared !== undefined;
      let memberFits = declared === undefined || run.inside(name, member, declared);
      for (const [pattern, check] of patterns) {
        if (!pattern.matches(name, run)) continue;
        isKnown = true;
        memberFits = run.inside(declared ? name : MADE_UP, member, check) && memberFits;
      }
      if (!isKnown && additional !== null) {
        memberFits =
          additionalProperties === false
            ? refuseUnknown(patterns.length > 0 ? MADE_UP : name, member, run, [...properties.keys()])
            : run.inside(MADE_UP, member, additional);
      }
      fits &&= memberFits;
    }
    return fits;
  };

  function refuseNames(value: Node, run: Run): false {
    const expected = () => `an object whose names are each ${describeSchema(propertyNames as Node, schemas.resolve)}`;
    return run.refuse(expected, value);
  }
}

/** Refuses a property where all are declared. Its name is told where it is one, for it is most likely a slip. */
export function refuseUnknown(name: Path[number], value: unknown, run: Run, declared: readonly string[] = []): false {
  const place = name !== MADE_UP && isPlainName(name) ? name : MADE_UP;
  const near = () => (place === MADE_UP ? '' : nearestOf(place, declared));
  return run.refuse(() => `absent, since no property of this name is declared${near()}`, value, place);
}

function nearestOf(name: string, declared: readonly string[]): string {
  if (declared.length === 0) return '';
  const names = nearest(excerpt(name), declared, MOST_NAMED).map((known) => excerpt(known));
  return `; ${declared.length > MOST_NAMED ? 'the nearest are' : 'there is'} ${names.join(', ')}`;
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
        fits = run.refuse(() => `a value, since ${excerpt(name)} is given`, undefined, other);
      }
    }
    for (const [name, check] of dependent) if (Object.hasOwn(value, name)) fits = check(value, run) && fits;
    return fits;
  };
}
