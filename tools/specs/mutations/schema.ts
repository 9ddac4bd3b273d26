import { isNode, type Node } from '../anatomy.js';
import {
  ODD_REFS,
  PATTERNS,
  ODD_NAMES,
  ODD_TYPES,
  ODD_VALUES,
  drop,
  reference,
  renameKey,
  schemas,
  set,
  type Mutation,
} from './odd.js';
import { pick } from '../random.js';

/** Of schemas. */
export const SCHEMA_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'type odd': set(schemas, 'type', ODD_TYPES),
  'type gone': drop(schemas, 'type'),
  'items gone': (_, anatomy, random) => {
    const array = pick(
      random,
      anatomy.schemas.filter((node) => node.type === 'array'),
    );
    if (array) Reflect.deleteProperty(array, 'items');
  },
  'items odd': set(schemas, 'items', [...ODD_VALUES, [{ type: 'string' }, { type: 'integer' }], 'string']),
  'enum odd': set(schemas, 'enum', [
    [],
    [null],
    'a',
    {},
    [1, '1', true, null],
    [[]],
    [{}],
    ['a', 'a'],
    [''],
    ['*/', '`', "'"],
    [1e300, -0],
  ]),
  'default odd': set(schemas, 'default', ODD_VALUES),
  'example odd': set(schemas, 'example', ['*/', ...ODD_VALUES]),
  'examples odd': set(schemas, 'examples', [...ODD_VALUES, { a: { value: 1 } }]),
  'const odd': set(schemas, 'const', ODD_VALUES),
  'required odd': set(schemas, 'required', [
    true,
    'true',
    false,
    'a',
    ['nowhere'],
    [1, null],
    {},
    ['a', 'a'],
    ['constructor', '__proto__'],
  ]),
  'property required': (_, anatomy, random) => {
    const node = pick(
      random,
      anatomy.schemas.filter((schema) => isNode(schema.properties)),
    );
    for (const property of Object.values(isNode(node?.properties) ? node.properties : {}))
      if (isNode(property)) property.required = pick(random, [true, false, 'true', 'yes']);
  },
  'property odd': (_, anatomy, random) => {
    const node = pick(
      random,
      anatomy.schemas.filter((schema) => isNode(schema.properties)),
    );
    if (isNode(node?.properties)) renameKey(node.properties, random, ODD_NAMES);
    if (isNode(node?.properties)) node.properties.odd = structuredClone(pick(random, ODD_VALUES));
  },
  'properties odd': set(schemas, 'properties', [
    ...ODD_VALUES,
    [{ name: 'a', type: 'string' }],
    { type: 'object', properties: { a: {} } },
  ]),
  'additionalProperties odd': set(schemas, 'additionalProperties', [
    'true',
    'false',
    'string',
    ...ODD_VALUES,
    { type: 'string' },
    false,
  ]),
  'allOf with a scalar': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    if (node)
      node.allOf = [
        { $ref: reference(anatomy, random) },
        { type: pick(random, ['string', 'array', 'null', 'object']) },
        { required: ['id', 'x'] },
      ];
  },
  'parts odd': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    if (node)
      node[pick(random, ['allOf', 'anyOf', 'oneOf']) ?? ''] = structuredClone(
        pick(random, [...ODD_VALUES, [[]], [null, {}], { a: { type: 'string' } }]),
      );
  },
  'alternatives that require': (_, anatomy, random) => {
    const node = pick(
      random,
      anatomy.schemas.filter((schema) => isNode(schema.properties)),
    );
    if (node)
      node[pick(random, ['anyOf', 'oneOf']) ?? ''] = [
        { required: [Object.keys(node.properties as Node)[0] ?? 'a'] },
        { required: ['other'] },
      ];
  },
  itself: (_, anatomy, random) => {
    const name = pick(random, Object.keys(anatomy.named));
    const ref = { $ref: (anatomy.isSwagger ? '#/definitions/' : '#/components/schemas/') + String(name) };
    if (name !== undefined)
      anatomy.named[name] = pick(random, [
        ref,
        { allOf: [ref] },
        { type: 'array', items: ref },
        { oneOf: [ref, { type: 'null' }] },
        { additionalProperties: ref },
        { not: ref },
      ]);
  },
  'each other': (_, anatomy, random) => {
    const node = pick(random, Object.values(anatomy.named).filter(isNode));
    if (node)
      node[pick(random, ['allOf', 'oneOf', 'anyOf']) ?? ''] = [
        { $ref: reference(anatomy, random) },
        { $ref: reference(anatomy, random) },
      ];
  },
  'reference with siblings': (_, anatomy, random) => {
    const node = pick(
      random,
      anatomy.schemas.filter((schema) => '$ref' in schema),
    );
    if (node)
      Object.assign(node, {
        type: 'object',
        description: 'd',
        nullable: true,
        properties: { a: { type: 'string' } },
        required: ['a'],
        allOf: [{}],
      });
  },
  'reference odd': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    if (node) node.$ref = pick(random, [...ODD_REFS, null, 7, {}, ['a']]);
  },
  'reference deep': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    const name = pick(random, Object.keys(anatomy.named));
    const target = name === undefined ? undefined : anatomy.named[name];
    const property =
      isNode(target) && isNode(target.properties) ? pick(random, Object.keys(target.properties)) : undefined;
    if (node && name !== undefined)
      node.$ref = `${anatomy.isSwagger ? '#/definitions' : '#/components/schemas'}/${name}/properties/${property ?? 'gone'}`;
  },
  'reference into a path': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    const operation = pick(random, anatomy.operations);
    if (!node || !operation) return;
    const path = operation.path.replaceAll('~', '~0').replaceAll('/', '~1');
    const rest = pick(random, [
      'responses/200/schema',
      'parameters/0',
      'parameters/0/schema',
      'responses/200',
      'responses/200/content/application~1json/schema',
      'requestBody/content/application~1json/schema',
    ]);
    node.$ref = `#/paths/${random() < 0.5 ? path : encodeURIComponent(path)}/${operation.method}/${rest}`;
  },
  'reference to the other version': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    const name = pick(random, Object.keys(anatomy.named)) ?? 'Gone';
    if (node) node.$ref = (anatomy.isSwagger ? '#/components/schemas/' : '#/definitions/') + name;
  },
  'pattern odd': set(schemas, 'pattern', [...PATTERNS, 7, null, {}]),
  'bounds odd': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    const word = pick(random, [
      'minimum',
      'maximum',
      'exclusiveMinimum',
      'exclusiveMaximum',
      'minLength',
      'maxLength',
      'minItems',
      'maxItems',
      'multipleOf',
      'minProperties',
    ]);
    if (node && word) node[word] = pick(random, ['1', true, false, null, {}, -1, 0, 1e308, 'x', 0.1]);
  },
  'discriminator odd': set(schemas, 'discriminator', [
    'kind',
    { propertyName: 'kind' },
    { propertyName: 'kind', mapping: { a: 'Gone', b: '#/x', c: null } },
    { mapping: {} },
    null,
    7,
    '',
    { propertyName: 'constructor', mapping: [] },
  ]),
  'discriminator good': (_, anatomy, random) => {
    const node = pick(random, Object.values(anatomy.named).filter(isNode));
    const [first, second] = [reference(anatomy, random), reference(anatomy, random)];
    if (node)
      Object.assign(node, {
        oneOf: [{ $ref: first }, { $ref: second }],
        discriminator: anatomy.isSwagger
          ? 'kind'
          : { propertyName: 'kind', mapping: { 'a-b': first, "it's": second, '': first } },
      });
  },
  'nullable odd': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    if (node)
      node[pick(random, ['nullable', 'x-nullable', 'readOnly', 'writeOnly', 'uniqueItems']) ?? ''] = pick(random, [
        true,
        'true',
        1,
        null,
      ]);
  },
  'comments odd': set(schemas, 'description', [
    '*/ x',
    7,
    null,
    {},
    ['a'],
    'a\u2028b',
    '\ud800',
    '`${x}`',
    '@deprecated */',
    '\r\n * x',
  ]),
  'title odd': set(schemas, 'title', ODD_NAMES),
  'format odd': set(schemas, 'format', ['date-time', 'binary', 'int', 7, null, {}, 'regex']),
  'schema in a schema': set(schemas, 'schema', [{ type: 'string' }, 'x']),
  '3.1 words': (_, anatomy, random) => {
    const node = pick(random, anatomy.schemas);
    if (node)
      Object.assign(
        node,
        pick(random, [
          { $defs: { a: { type: 'string' } } },
          { prefixItems: [{ type: 'string' }] },
          { patternProperties: { '^x': { type: 'string' } } },
          { if: {}, then: {}, else: {} },
          { $anchor: 'a' },
          { $id: 'https://x/y' },
          { unevaluatedProperties: false },
          { contains: {} },
          { propertyNames: { pattern: '^x' } },
          { dependentRequired: { a: ['b'] } },
          { $dynamicRef: '#a' },
          { $schema: 'x' },
          { contentMediaType: 'image/png', contentEncoding: 'base64' },
        ]),
      );
  },
};
