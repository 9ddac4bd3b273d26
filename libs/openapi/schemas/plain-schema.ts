import type { JsonSchema } from '#core';
import { isObject, own, type Json } from '../json.js';
import { object, text } from '../table/reading.js';

type Kind = 'copy' | 'map' | 'list' | 'schema';

/** What says yes or no to a value, by what it holds. */
const KEYWORDS = new Map<string, Kind>([
  ...words('copy', 'type const enum format pattern multipleOf minLength maxLength minItems maxItems uniqueItems'),
  ...words('copy', 'minContains maxContains minProperties maxProperties required dependentRequired'),
  ...words('copy', 'contentEncoding contentMediaType readOnly writeOnly'),
  ...words('map', 'properties patternProperties dependentSchemas'),
  ...words('list', 'allOf anyOf oneOf prefixItems'),
  ...words('schema', 'additionalProperties propertyNames items contains not if then else'),
  ...words('schema', 'unevaluatedItems unevaluatedProperties'),
]);
/** Beside one of these a null is more than another type. */
const MORE_THAN_TYPE = ['$ref', 'const', 'enum', 'allOf', 'anyOf', 'oneOf', 'not', 'if'] as const;
const COMPONENT = '#/components/schemas/';
const NULL: JsonSchema = { type: 'null' };

/**
 * A normalised schema reduced to what says yes or no to a value, in the shape of JSON Schema 2020-12: `nullable` becomes the
 * type null, a boolean `exclusiveMinimum` the bound itself, references point to `#/$defs/`; descriptions, examples,
 * defaults and extensions are left out.
 * @param needs told the escaped name of each schema that is referred to.
 */
export function plainSchema(node: unknown, needs: (name: string) => void): JsonSchema {
  if (typeof node === 'boolean') return node;
  if (!isObject(node)) return {};
  const plain: Json = {};
  // One look at each key that is there: a large document has a million of them.
  for (const key of Object.keys(node)) {
    const value = node[key];
    switch (KEYWORDS.get(key)) {
      case 'copy':
        plain[key] = value;
        break;
      case 'map':
        plain[key] = plainMap(value, needs);
        break;
      case 'list':
        if (Array.isArray(value)) plain[key] = value.map((part) => plainSchema(part, needs));
        break;
      case 'schema':
        plain[key] = plainSchema(value, needs);
        break;
      case undefined:
        break;
    }
  }
  const ref = own(node, '$ref');
  if (typeof ref === 'string' && ref.startsWith(COMPONENT)) {
    const name = ref.slice(COMPONENT.length);
    needs(name);
    plain.$ref = `#/$defs/${name}`;
  }
  plainBounds(node, plain);
  plainDiscriminator(node, plain);
  return node.nullable === true || node['x-nullable'] === true ? orNull(plain) : plain;
}

function plainMap(value: unknown, needs: (name: string) => void): Json {
  if (!isObject(value)) return {};
  const plain: Json = {};
  for (const name of Object.keys(value)) plain[name] = plainSchema(value[name], needs);
  return plain;
}

/** In 3.0 a boolean makes the bound beside it exclusive: https://spec.openapis.org/oas/v3.0.4#schema-object */
function plainBounds(node: Json, plain: Json): void {
  for (const [closed, open] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    const bound = own(node, closed);
    const exclusive = own(node, open);
    if (typeof exclusive === 'number') plain[open] = exclusive;
    if (typeof bound !== 'number') continue;
    plain[exclusive === true ? open : closed] = bound;
  }
}

/** https://spec.openapis.org/oas/v3.1.1#discriminator-object */
function plainDiscriminator(node: Json, plain: Json): void {
  const propertyName = text(own(node, 'discriminator'), 'propertyName');
  if (propertyName === undefined) return;
  const mapping = Object.entries(object(own(node, 'discriminator'), 'mapping')).flatMap(([value, ref]) =>
    typeof ref === 'string' && ref.startsWith(COMPONENT) ? [[value, `#/$defs/${ref.slice(COMPONENT.length)}`]] : [],
  );
  plain.discriminator = {
    propertyName,
    ...(mapping.length > 0 ? { mapping: Object.fromEntries(mapping) as Json } : {}),
  };
}

/** https://spec.openapis.org/oas/v3.0.4#fixed-fields-20; people also write it beside a reference, an enum or an allOf. */
function orNull(plain: Json): JsonSchema {
  const { type } = plain;
  if (MORE_THAN_TYPE.every((key) => plain[key] === undefined)) {
    if (type === undefined) return plain;
    const types: unknown[] = Array.isArray(type) ? type : [type];
    return { ...plain, type: types.includes('null') ? types : [...types, 'null'] };
  }
  const { readOnly, writeOnly, ...rest } = plain;
  return {
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(writeOnly === undefined ? {} : { writeOnly }),
    anyOf: [rest, NULL],
  };
}

function words(kind: Kind, keywords: string): [string, Kind][] {
  return keywords.split(' ').map((keyword) => [keyword, kind]);
}
