type Made = readonly [name: string, bytes: Buffer];

/** Documents that are right and far larger than anybody's. */
export function* largeDocuments(): Generator<Made> {
  const schemas = (given: unknown): Buffer => bytes({ components: { schemas: given } });
  yield [
    '100,000 values in an enum',
    schemas({ A: { type: 'string', enum: range(100_000, (index) => `value ${index}`) } }),
  ];
  yield [
    '100,000 properties',
    schemas({ A: { type: 'object', properties: object(100_000, () => ({ type: 'string' })) } }),
  ];
  yield [
    '20,000 schemas that are each other',
    schemas(object(20_000, (index) => ({ $ref: `#/components/schemas/n${(index + 1) % 20_000}` }))),
  ];
  yield ['50,000 operations', bytes({ paths: object(50_000, () => ({ get: { responses: {} } }), '/') })];
  yield [
    '5,000 operations with one operationId',
    bytes({ paths: object(5_000, () => ({ get: { operationId: 'x', responses: {} } }), '/') }),
  ];
  yield [
    '2,000 path variables',
    bytes({ paths: { [`/${range(2_000, (index) => `{v${index}}`).join('/')}`]: { get: { responses: {} } } } }),
  ];
  yield [
    '10,000 parameters',
    bytes({
      paths: {
        '/a': {
          get: {
            parameters: range(10_000, (index) => ({ name: `p${index}`, in: 'query', schema: {} })),
            responses: {},
          },
        },
      },
    }),
  ];
  yield [
    'a schema 350 deep',
    schemas({ A: range(170, () => 0).reduce<unknown>((inner) => ({ properties: { a: inner } }), {}) }),
  ];
  yield [
    'a schema 5,000 deep',
    Buffer.from(
      `{"openapi":"3.0.0","paths":{},"components":{"schemas":{"A":${'{"not":'.repeat(5_000)}{}${'}'.repeat(5_000)}}}}`,
    ),
  ];
  yield ['a name of a megabyte', schemas({ ['n'.repeat(1_000_000)]: { description: 'd'.repeat(1_000_000) } })];
  yield [
    '10,000 security alternatives',
    bytes({
      security: range(10_000, () => ({ key: [] })),
      components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'k' } } },
    }),
  ];
  yield [
    '10,000 repairs',
    bytes({ paths: object(10_000, () => ({ get: { parameters: [{ in: 'query' }], responses: null } }), '/') }),
  ];
}

function bytes(rest: object): Buffer {
  return Buffer.from(JSON.stringify({ openapi: '3.1.0', info: { title: 'x', version: '1' }, paths: {}, ...rest }));
}

function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function object(count: number, make: (index: number) => unknown, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(range(count, (index) => [`${prefix}n${index}`, make(index)]));
}
