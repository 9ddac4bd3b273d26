import { gzipSync } from 'node:zlib';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const openapi = (rest: Record<string, unknown>): Buffer => json({ openapi: '3.1.0', paths: {}, ...rest });
const schemas = (given: Record<string, unknown>): Buffer => openapi({ components: { schemas: given } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const range = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

function nested(depth: number, wrap: (inner: string) => [before: string, after: string]): string {
  const [before, after] = wrap('');
  return before.repeat(depth) + '{}' + after.repeat(depth);
}

const GET = { get: { responses: {} } };
const ALIAS_BOMB = `openapi: 3.0.0\npaths: {}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${range(30, (i) => `a${i + 1}: &a${i + 1} [${range(10, () => `*a${i}`).join(', ')}]`).join('\n')}\n`;

/** What a stranger may send to wear a reader out, and how it ends: with a client, or with a sentence that begins so. */
export const BOMBS: readonly (readonly [name: string, document: Buffer, want: 'a client' | RegExp])[] = [
  [
    'an alias bomb',
    Buffer.from(ALIAS_BOMB),
    /^Expected YAML aliases that add at most 1,000,000 values, got more at \/a\d+/,
  ],
  [
    'a YAML value that holds itself',
    Buffer.from('openapi: 3.0.0\npaths: {}\nx: &x {y: *x}\n'),
    /^Expected values nested at most 400 deep/,
  ],
  [
    'many merge keys',
    Buffer.from(
      `openapi: 3.0.0\npaths: {}\nx: &x {${range(1_000, (i) => `k${i}: 1`).join(', ')}}\ny:\n${range(5_000, () => '  - <<: *x').join('\n')}\n`,
    ),
    /^Expected/,
  ],
  [
    'a schema 5,000 deep',
    Buffer.from(
      `{"openapi": "3.0.0", "paths": {}, "components": {"schemas": {"A": ${nested(5_000, () => ['{"not":', '}'])}}}}`,
    ),
    /^Expected values nested at most 400 deep, got deeper ones at \/components\/schemas\/A\/not/,
  ],
  [
    'a schema 5,000 deep in YAML',
    Buffer.from(`openapi: 3.0.0\npaths: {}\nx: ${nested(5_000, () => ['{a: ', '}'])}`),
    /^Expected values nested at most 400 deep, got deeper ones at line 3/,
  ],
  [
    'a schema 390 deep',
    Buffer.from(
      `{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"A": ${nested(390, () => ['{"items":', '}'])}}}}`,
    ),
    'a client',
  ],
  ['a megabyte of [', Buffer.from('['.repeat(1_000_000)), /^Expected/],
  [
    'a megabyte of [ in YAML',
    Buffer.from(`openapi: 3.0.0\nx: ${'['.repeat(1_000_000)}`),
    /^Expected values nested at most 400 deep/,
  ],
  ['a megabyte of {"a":', Buffer.from('{"a":'.repeat(200_000)), /^Expected/],
  ['a megabyte of quotes', Buffer.from('"'.repeat(1_000_001)), /^Expected/],
  ['a megabyte of - ', Buffer.from('- '.repeat(500_000)), /^Expected/],
  ['a megabyte of ? ', Buffer.from('? '.repeat(500_000)), /^Expected/],
  [
    'a gzip bomb',
    gzipSync(Buffer.alloc(100_000_000)),
    /^Expected a document of at most 50 MB, got more than that when unpacked/,
  ],
  [
    'random bytes',
    Buffer.from(range(10_000, (i) => (i * 7919 + (i >> 3) * 104_729) % 256)),
    /^Expected an OpenAPI document in JSON or YAML, got binary data/,
  ],
  ['UTF-16 that is cut off', Buffer.from('fffe7b0022', 'hex'), /^Expected/],
  [
    '__proto__ keys everywhere',
    Buffer.from(
      '{"openapi":"3.0.0","__proto__":{"x":1},"paths":{"__proto__":{"get":{}}},"components":{"schemas":{"__proto__":{"type":"string"},"A":{"properties":{"__proto__":{}},"required":["__proto__"]}}}}',
    ),
    'a client',
  ],
  [
    'names that every object has',
    schemas({
      constructor: {},
      toString: { properties: { hasOwnProperty: ref('valueOf'), valueOf: ref('constructor') }, required: ['valueOf'] },
    }),
    'a client',
  ],
  [
    'references to files and URLs',
    openapi({
      paths: {
        '/a': { $ref: 'file:///etc/passwd' },
        '/b': { get: { parameters: [{ $ref: 'http://127.0.0.1:1/x' }], responses: { 200: { $ref: '/etc/passwd' } } } },
      },
      components: { schemas: { A: { $ref: 'file:///etc/passwd#/x' }, B: { allOf: [{ $ref: '../../etc/passwd' }] } } },
    }),
    'a client',
  ],
  [
    'schemas that are only each other',
    schemas({
      A: ref('B'),
      B: ref('C'),
      C: ref('A'),
      D: { allOf: [ref('D')] },
      E: { items: ref('E'), anyOf: [ref('E')] },
    }),
    'a client',
  ],
  ['a chain of 5,000 names', schemas(Object.fromEntries(range(5_000, (i) => [`S${i}`, ref(`S${i + 1}`)]))), 'a client'],
  [
    'parts that multiply',
    schemas(Object.fromEntries(range(60, (i) => [`S${i}`, { allOf: range(20, () => ref(`S${i + 1}`)) }]))),
    'a client',
  ],
  [
    'alternatives that multiply, in a body',
    openapi({
      paths: {
        '/a': { post: { requestBody: { content: { 'multipart/form-data': { schema: ref('S0') } } }, responses: {} } },
      },
      components: {
        schemas: Object.fromEntries(range(60, (i) => [`S${i}`, { anyOf: range(20, () => ref(`S${i + 1}`)) }])),
      },
    }),
    'a client',
  ],
  [
    'types that multiply',
    schemas({
      A: range(100, () => 0).reduce<unknown>(
        (inner) => ({
          type: ['object', 'array', 'null'],
          properties: { a: inner },
          anyOf: [{ type: ['object', 'string'] }],
        }),
        {},
      ),
    }),
    'a client',
  ],
  [
    'objects that require themselves twice',
    schemas({ A: { required: ['x', 'y'], properties: { x: ref('A'), y: ref('A') } } }),
    'a client',
  ],
  [
    '100,000 values in an enum',
    schemas({ A: { type: 'string', enum: range(100_000, (i) => `value ${i}`) } }),
    'a client',
  ],
  [
    '10,000 properties',
    schemas({ A: { properties: Object.fromEntries(range(10_000, (i) => [`p${i}`, { type: 'string' }])) } }),
    'a client',
  ],
  [
    'deep references into each other',
    schemas(
      Object.fromEntries(
        range(300, (i) => [
          `S${i}`,
          { properties: { p: { allOf: [{ $ref: `#/components/schemas/S${(i + 1) % 300}/properties/p` }] } } },
        ]),
      ),
    ),
    'a client',
  ],
  [
    '10,000 deep references to the whole document',
    openapi({
      components: { schemas: Object.fromEntries(range(10_000, (i) => [`S${i}`, { $ref: `#/components?${i}` }])) },
    }),
    'a client',
  ],
  [
    'path items that are each other',
    openapi({
      paths: Object.fromEntries(range(1_000, (i) => [`/p${i}`, i === 0 ? GET : { $ref: `#/paths/~1p${i - 1}` }])),
    }),
    'a client',
  ],
  [
    'one operationId 1,000 times',
    openapi({
      paths: Object.fromEntries(range(1_000, (i) => [`/p${i}`, { get: { operationId: 'x', responses: {} } }])),
    }),
    'a client',
  ],
  [
    'patterns that never end',
    openapi({
      paths: {
        '/a': {
          get: {
            parameters: [
              { name: 'a', in: 'query', example: `${'a'.repeat(60)}!`, schema: { type: 'string', pattern: '^(a+)+$' } },
            ],
            responses: {},
          },
        },
      },
    }),
    'a client',
  ],
  [
    'lengths nobody has',
    openapi({
      paths: {
        '/a': {
          get: {
            parameters: [
              {
                name: 'a',
                in: 'query',
                schema: { type: 'array', minItems: 1e9, items: { type: 'string', minLength: 1e9 } },
              },
            ],
            responses: {},
          },
        },
      },
    }),
    'a client',
  ],
  ['a path of a megabyte', openapi({ paths: { [`/${'{a}'.repeat(300_000)}`]: GET } }), 'a client'],
  [
    'a path of open braces',
    openapi({ paths: { [`/${'{'.repeat(300_000)}`]: GET, [`/${'{?'.repeat(100_000)}`]: GET } }),
    'a client',
  ],
  [
    'nonsense in a Swagger 2.0 document',
    json({
      swagger: '2.0',
      paths: {
        '/a': {
          get: {
            parameters: [{ $ref: 'file:///etc/passwd' }, { in: 'body', schema: { $ref: '#/definitions/100%' } }],
            responses: { 200: { schema: { $ref: '#/%' } } },
          },
        },
      },
      definitions: { '100%': { type: 'array' }, 'a/b': ref('x') },
    }),
    'a client',
  ],
  [
    'a Swagger 2.0 chain of 300 levels',
    json({
      swagger: '2.0',
      paths: {},
      definitions: { A: range(190, () => 0).reduce<unknown>((inner) => ({ properties: { a: inner } }), {}) },
    }),
    'a client',
  ],
];
