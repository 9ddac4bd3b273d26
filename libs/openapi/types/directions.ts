import { isObject, own, type Json } from '../json.js';
import { list, object, text } from '../table/reading.js';
import { schemaName } from './circles.js';

/** Which way a value goes. https://spec.openapis.org/oas/v3.0.4#fixed-fields-20, `readOnly` and `writeOnly` */
export type Direction = 'request' | 'answer';

/** Whether a property is not expected in values that go this way, so that none has to have it. */
export function isOtherWay(property: unknown, direction: Direction): boolean {
  return own(property, direction === 'request' ? 'readOnly' : 'writeOnly') === true;
}

/** What a named schema says that matters here. */
interface Traits {
  /** Properties that only go one way. */
  readonly oneWay: Set<string>;
  readonly required: Set<string>;
  readonly references: Set<string>;
  isComposed: boolean;
}

/**
 * The named schemas whose values must have other properties in a request than in an answer, or hold such a one: they
 * have two types. Most documents have none.
 */
export function twoWaySchemas(schemas: Json): ReadonlySet<string> {
  if (!Object.values(schemas).some(hasOneWay)) return new Set();
  const traits = new Map(Object.entries(schemas).map(([name, schema]) => [name, traitsOf(schema)]));
  const oneWay = new Set([...traits.values()].flatMap((trait) => [...trait.oneWay]));
  const found = new Set<string>();
  const referrers = new Map<string, string[]>();
  const queue: string[] = [];
  for (const [name, trait] of traits) {
    for (const target of trait.references) referrers.set(target, [...(referrers.get(target) ?? []), name]);
    // What a part of it has is not looked up: a name that is one-way somewhere is reason enough.
    const suspects = trait.isComposed ? oneWay : trait.oneWay;
    if ([...trait.required].some((property) => suspects.has(property))) queue.push(name);
  }
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    queue.push(...(referrers.get(name) ?? []));
  }
  return found;
}

/** Asked of every document, most of which have none: quicker than looking for all that is wanted then. */
function hasOneWay(schema: unknown): boolean {
  const queue: unknown[] = [schema];
  while (queue.length > 0) {
    const node = queue.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (own(node, 'readOnly') === true || own(node, 'writeOnly') === true) return true;
    for (const value of Object.values(node)) if (typeof value === 'object') queue.push(value);
  }
  return false;
}

function traitsOf(schema: unknown): Traits {
  const traits: Traits = { oneWay: new Set(), required: new Set(), references: new Set(), isComposed: false };
  const queue = [schema];
  while (queue.length > 0) {
    const node = queue.pop();
    if (!isObject(node)) continue;
    if (node.$ref !== undefined) {
      const target = schemaName(text(node, '$ref'));
      if (target !== null) traits.references.add(target);
      // Most references have nothing beside them.
      if (Object.keys(node).length === 1) continue;
    }
    for (const name of list(node, 'required')) traits.required.add(String(name));
    const properties = object(node, 'properties');
    for (const name of Object.keys(properties)) {
      const property = properties[name];
      if (isOtherWay(property, 'request') || isOtherWay(property, 'answer')) traits.oneWay.add(name);
      if (holdsMore(property)) queue.push(property);
    }
    for (const key of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) queue.push(...list(node, key));
    if (own(node, 'allOf') !== undefined) traits.isComposed = true;
    queue.push(own(node, 'items'), own(node, 'additionalProperties'));
    queue.push(...Object.values(object(node, 'patternProperties')));
  }
  return traits;
}

/** Whether a schema may hold others or say which names it requires; most are of one plain type. */
function holdsMore(schema: unknown): boolean {
  const type = own(schema, 'type');
  return type === undefined || type === 'object' || type === 'array' || Array.isArray(type);
}
