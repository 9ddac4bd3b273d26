import { describe, expect, it, test } from '@jest/globals';
import { describeShape, type JsonSchema, type SchemaTable } from '#core';
import { checkerOf } from './checker.js';
import { pointerTo } from './fault.js';
import { Run, type RunOptions } from './run.js';

function check(
  schema: unknown,
  value: unknown,
  $defs: Record<string, unknown> = {},
  options: Partial<RunOptions> = {},
): Run {
  const table: SchemaTable = {
    format: 1,
    $defs: $defs as Record<string, JsonSchema>,
    schemas: [],
    responses: [],
    operations: {},
  };
  const run = new Run({ direction: 'request', ...options });
  const fits = checkerOf(table).checkOf(schema)(value, run);
  expect(run.violations.length > 0).toBe(!fits);
  return run;
}

function faults(...given: Parameters<typeof check>): string[] {
  return check(...given).violations.map(
    ({ path, expected, value }) => `${pointerTo(path)}: ${expected}; ${describeShape(value)}`,
  );
}

const fits = (...given: Parameters<typeof check>): boolean => check(...given).violations.length === 0;

describe('a value fits its schema', () => {
  test.each<[keyword: string, schema: unknown, good: unknown[], bad: unknown[]]>([
    ['true', true, [1, null], []],
    ['false', false, [], [1, null]],
    ['type integer', { type: 'integer' }, [1, 1.0, -3], [1.5, '1', null, true]],
    ['type number', { type: 'number' }, [1, 1.5], ['1', null]],
    ['types', { type: ['string', 'null'] }, ['', null], [1, []]],
    ['type array', { type: 'array' }, [[]], [{}, 'a']],
    ['type object', { type: 'object' }, [{}], [[], null]],
    [
      'enum',
      { enum: [1, 'a', null, { b: [1, 2] }] },
      [1, 'a', null, { b: [1, 2] }],
      ['1', 2, { b: [2, 1] }, { b: [1, 2], c: 1 }],
    ],
    ['const', { const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }, null]],
    ['const false', { const: false }, [false], [0, null]],
    ['bounds', { minimum: 1, exclusiveMaximum: 3 }, [1, 2.9, 'x'], [0.9, 3]],
    ['multipleOf', { multipleOf: 0.01 }, [0.3, 19.99, 1e9], [0.005]],
    ['multipleOf a whole number', { multipleOf: 5 }, [0, -10, 15], [4, 7.5]],
    ['lengths in code points', { minLength: 2, maxLength: 2 }, ['ab', '😀😀', 5], ['a', '😀', 'abc', '😀😀😀']],
    ['pattern', { pattern: '^[a-c]+\\d{2}$' }, ['abc12', 3], ['abc1', 'xabc12']],
    ['pattern between slashes', { pattern: '/^a+$/i' }, ['aa'], ['b']],
    ['enum of what items may be', { type: 'array', enum: ['a', 'b'] }, [['a', 'b'], []], [['c']]],
    ['pattern anywhere', { pattern: 'b' }, ['abc'], ['ac']],
    ['items', { items: { type: 'string' } }, [[], ['a'], 'x'], [['a', 1]]],
    ['prefixItems', { prefixItems: [{ type: 'string' }], items: false }, [[], ['a']], [[1], ['a', 1]]],
    ['sizes of arrays', { minItems: 1, maxItems: 2 }, [[1], [1, 2]], [[], [1, 2, 3]]],
    [
      'uniqueItems',
      { uniqueItems: true },
      [
        [1, '1', true],
        [
          { a: 1, b: 2 },
          { a: 2, b: 1 },
        ],
      ],
      [
        [1, 1],
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      ],
    ],
    [
      'contains',
      { contains: { type: 'string' }, minContains: 2, maxContains: 3 },
      [['a', 1, 'b']],
      [['a'], ['a', 'b', 'c', 'd']],
    ],
    ['minContains of 0', { contains: { type: 'string' }, minContains: 0 }, [[1]], []],
    ['required', { required: ['a', 'toString'] }, [{ a: 1, toString: 2 }, 'x'], [{ a: 1 }, {}]],
    [
      'properties',
      { properties: { a: { type: 'string' }, constructor: { type: 'number' } } },
      [{}, { a: '', b: 1 }],
      [{ a: 1 }, { constructor: 'x' }],
    ],
    [
      'additionalProperties',
      { properties: { a: {} }, patternProperties: { '^x-': {} }, additionalProperties: false },
      [{ a: 1, 'x-b': 2 }],
      [{ b: 1 }],
    ],
    ['additionalProperties by schema', { additionalProperties: { type: 'integer' } }, [{ a: 1 }], [{ a: 'x' }]],
    ['patternProperties', { patternProperties: { '^n': { type: 'number' } } }, [{ n1: 1, m: '' }], [{ n1: '' }]],
    ['propertyNames', { propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [{ abc: 1 }]],
    ['sizes of objects', { minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, { a: 1, b: 2, c: 3 }]],
    ['dependentRequired', { dependentRequired: { a: ['b'] } }, [{}, { b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
    ['dependentSchemas', { dependentSchemas: { a: { required: ['b'] } } }, [{}, { a: 1, b: 1 }], [{ a: 1 }]],
    ['allOf', { allOf: [{ type: 'string' }, { minLength: 2 }] }, ['ab'], ['a', 5]],
    ['anyOf', { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 5 }] }, ['a', 5], [4, null]],
    ['oneOf', { oneOf: [{ type: 'string' }, { type: 'integer' }] }, ['a', 5], [4.5, null]],
    ['not', { not: { type: 'string' } }, [1], ['a']],
    [
      'if, then, else',
      {
        if: { properties: { a: { const: 1 } }, required: ['a'] },
        then: { required: ['b'] },
        else: { required: ['c'] },
      },
      [
        { a: 1, b: 1 },
        { a: 2, c: 1 },
      ],
      [{ a: 1, c: 1 }, { b: 1 }],
    ],
    [
      'unevaluatedProperties',
      {
        allOf: [{ properties: { a: {} } }],
        anyOf: [{ required: ['b'], properties: { b: {} } }, true],
        unevaluatedProperties: false,
      },
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ c: 1 }],
    ],
    ['unevaluatedItems', { prefixItems: [{}], unevaluatedItems: false }, [[1]], [[1, 2]]],
  ])('%s', (_, schema, good, bad) => {
    for (const value of good) expect({ value, fits: fits(schema, value) }).toEqual({ value, fits: true });
    for (const value of bad) expect({ value, fits: fits(schema, value) }).toEqual({ value, fits: false });
  });

  test.each<[format: string, good: unknown[], bad: unknown[]]>([
    ['int32', [0, -2147483648, 2147483647, '12'], [2147483648, 1.5, 'x']],
    ['int64', [9e18, -9e18, '9007199254740993'], [1e19, 'x']],
    ['double', [1.5], []],
    ['date', ['2024-02-29'], ['2023-02-29', '2024-13-01', '2024-1-1', 'x']],
    [
      'date-time',
      ['2024-01-31T12:00:00Z', '2024-01-31t12:00:00.123+01:00', '2024-01-31 12:00:00', '2024-01-31T12:00'],
      ['2024-01-31', '2024-02-31T12:00:00Z', '2024-01-31T25:00:00Z', 'now'],
    ],
    ['time', ['12:00:00Z', '12:00'], ['12', '25:00:00']],
    ['duration', ['P1D', 'PT1.5S', 'P1Y2M3DT4H'], ['P', '1D', 'PT']],
    [
      'uuid',
      ['00000000-0000-0000-0000-000000000000', 'A987FBC9-4BED-3078-CF07-9141BA07C9F3'],
      ['x', '0000000000000000000000000000000000000'],
    ],
    ['email', ['a@b', 'a+b@c.d'], ['a', 'a b@c', 'a@b@c']],
    ['uri', ['https://a/b?c#d', 'urn:a:b'], ['a b', '/a', 'http://a b']],
    ['uri-reference', ['/a', 'https://a'], ['a b']],
    ['ipv4', ['127.0.0.1'], ['256.0.0.1', '::1']],
    ['ipv6', ['::1'], ['127.0.0.1', 'g::']],
    ['hostname', ['a', 'a.b-c.d'], ['a b', '-a', 'a..b']],
    ['byte', ['', 'YQ==', 'YQ', 'a-_b'], ['a', '?']],
    ['of nobody', ['x', 1], []],
  ])('format %s', (format, good, bad) => {
    for (const value of good) expect({ value, fits: fits({ format }, value) }).toEqual({ value, fits: true });
    for (const value of bad) expect({ value, fits: fits({ format }, value) }).toEqual({ value, fits: false });
  });

  it('follows references, circles included', () => {
    const $defs = {
      'A/b~c': { type: 'object', properties: { next: { $ref: '#/$defs/A~1b~0c' }, n: { type: 'integer' } } },
    };
    const schema = { $ref: '#/$defs/A~1b~0c' };
    expect(fits(schema, { next: { next: { n: 1 } } }, $defs)).toBe(true);
    expect(faults(schema, { next: { next: { n: 'x' } } }, $defs)).toEqual([
      '/next/next/n: an integer; a string of 1 character',
    ]);
    expect(fits({ $ref: '#/$defs/none' }, 1)).toBe(true);
    expect(fits({ $ref: '#/$defs/toString' }, 1)).toBe(true);
    expect(fits({ $ref: '#/$defs/S', minLength: 2 }, 'a', { S: { type: 'string' } })).toBe(false);
  });

  it('passes over keywords of the wrong type', () => {
    const schema = {
      type: 5,
      enum: 'a',
      required: 'a',
      properties: [],
      items: [1],
      allOf: {},
      anyOf: [],
      minimum: '5',
      pattern: 5,
      $ref: 7,
      format: {},
      dependentRequired: { a: 1 },
      patternProperties: null,
    };
    for (const value of [1, 'a', null, [1], { a: 1 }]) expect(fits(schema, value)).toBe(true);
  });

  it('need not have what is read-only in a request, nor what is write-only in an answer', () => {
    const schema = { allOf: [{ $ref: '#/$defs/A' }], required: ['id', 'pin', 'n'] };
    const $defs = {
      A: { properties: { id: { $ref: '#/$defs/Id' }, pin: { writeOnly: true } } },
      Id: { type: 'string', readOnly: true },
    };
    expect(faults(schema, {}, $defs)).toEqual(['/pin: a value; nothing', '/n: a value; nothing']);
    expect(faults(schema, { n: 1 }, $defs, { direction: 'response' })).toEqual(['/id: a string; nothing']);
  });
});

describe('what is wrong is told', () => {
  test.each<[name: string, schema: unknown, value: unknown, want: string[]]>([
    [
      'every fault',
      { properties: { a: { type: 'integer', maximum: 100 }, b: { enum: ['x', 'y'] } }, required: ['c'] },
      { a: 'abc', b: 'z' },
      [
        '/c: a value; nothing',
        '/a: an integer of at most 100; a string of 3 characters',
        '/b: one of "x", "y"; a string of 1 character',
      ],
    ],
    [
      'an unknown property',
      { properties: { name: {} }, additionalProperties: false },
      { nam: 1 },
      ['/nam: absent, since no property of this name is declared; there is name; an integer of 1 digit'],
    ],
    ['a range', { type: 'integer', minimum: 1, maximum: 9 }, 10, [': an integer from 1 to 9; an integer of 2 digits']],
    ['a format', { type: 'string', format: 'uuid' }, 'x', [': a UUID; a string of 1 character']],
    ['a pattern', { type: 'string', pattern: '^a$' }, 'b', [': a string that matches ^a$; a string of 1 character']],
    ['a size', { type: 'array', maxItems: 1 }, [1, 2], [': an array of at most 1 item; an array of 2 items']],
    [
      'the alternative meant',
      { anyOf: [{ type: 'string' }, { properties: { a: { type: 'integer' } } }] },
      { a: 'x' },
      ['/a: an integer; a string of 1 character'],
    ],
    ['alternatives', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, null, [': a string or an integer; null']],
    ['nullable', { anyOf: [{ type: 'object', required: ['a'] }, { type: 'null' }] }, {}, ['/a: a value; nothing']],
  ])('%s', (_, schema, value, want) => expect(faults(schema, value)).toEqual(want));

  it('of the alternative that a value names', () => {
    const $defs = { Cat: { required: ['lives'] }, Dog: { required: ['bark'] } };
    const mapping = { cat: '#/$defs/Cat', dog: '#/$defs/Dog' };
    const schema = {
      oneOf: [{ $ref: '#/$defs/Cat' }, { $ref: '#/$defs/Dog' }],
      discriminator: { propertyName: 'kind', mapping },
    };
    expect(faults(schema, { kind: 'cat', bark: 1 }, $defs)).toEqual(['/lives: a value; nothing']);
    expect(faults(schema, { kind: 'Dog' }, $defs)).toEqual(['/bark: a value; nothing']);
    expect(faults(schema, { kind: 'cow' }, $defs)).toEqual([
      '/kind: one of "Cat", "Dog", "cat", "dog"; a string of 3 characters',
    ]);
  });

  it('up to a number of faults', () => {
    expect(check({ items: { type: 'string' } }, Array(1000).fill(1), {}, { most: 3 }).violations).toHaveLength(3);
  });
});

describe('text that travels', () => {
  test.each<[schema: unknown, good: unknown[], bad: unknown[]]>([
    [{ type: 'integer', maximum: 5 }, ['5', 5, '-1', null], ['6', 'x', '', '1.5']],
    [{ type: 'number' }, ['1.5', '1e3', '.5'], ['x', '0x10', 'Infinity']],
    [{ type: 'boolean' }, ['true', true], ['yes', 1]],
    [{ type: 'string', minLength: 2 }, [55, 'ab', true], [5]],
    [{ enum: [1, 2] }, ['1', 2], ['3']],
    [{ type: 'array', items: { type: 'integer' } }, [['1', 2], '1,2'], [['x']]],
    [{ type: 'object', properties: { a: { type: 'boolean' } } }, [{ a: 'true' }], [{ a: 'x' }]],
  ])('%j', (schema, good, bad) => {
    for (const value of good)
      expect({ value, fits: fits(schema, value, {}, { asText: true }) }).toEqual({ value, fits: true });
    for (const value of bad)
      expect({ value, fits: fits(schema, value, {}, { asText: true }) }).toEqual({ value, fits: false });
  });

  it('may be a file where bytes belong', () => {
    const file = { $file: { base64: '' } };
    expect(fits({ type: 'string', format: 'binary' }, file, {}, { files: true })).toBe(true);
    expect(fits({ type: 'integer' }, file, {}, { files: true })).toBe(false);
    expect(fits({ type: 'string' }, file)).toBe(false);
  });
});

describe('hostile schemas and values end', () => {
  const deep = (levels: number, wrap: (inner: unknown) => unknown): unknown => {
    let schema: unknown = { type: 'string' };
    for (let level = 0; level < levels; level += 1) schema = wrap(schema);
    return schema;
  };

  test.each<[name: string, schema: unknown, value: unknown, $defs: Record<string, unknown>]>([
    ['a reference to itself', { $ref: '#/$defs/A' }, 1, { A: { $ref: '#/$defs/A' } }],
    [
      'a part that is itself',
      { $ref: '#/$defs/A' },
      1,
      { A: { allOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/A' }] } },
    ],
    [
      'alternatives that are itself',
      { $ref: '#/$defs/A' },
      1,
      { A: { anyOf: [{ $ref: '#/$defs/A', type: 'string' }, { not: { $ref: '#/$defs/A' } }] } },
    ],
    ['allOf 5,000 deep', deep(5000, (inner) => ({ allOf: [inner] })), 1, {}],
    ['not 5,000 deep', deep(5000, (inner) => ({ not: inner })), 1, {}],
    [
      'a value 5,000 deep',
      { $ref: '#/$defs/A' },
      deep(5000, (a) => ({ a })),
      { A: { additionalProperties: { $ref: '#/$defs/A' } } },
    ],
    [
      'unevaluated circles',
      { $ref: '#/$defs/A', unevaluatedProperties: false },
      { b: 1 },
      { A: { allOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/A' }] } },
    ],
    [
      'a tree of alternatives',
      deep(30, (a) => ({ anyOf: [{ properties: { a } }, { properties: { a }, required: ['b'] }] })),
      deep(30, (a) => ({ a })),
      {},
    ],
    ['equal items 1,000 deep', { uniqueItems: true }, [deep(1000, (a) => [a]), deep(1000, (a) => [a])], {}],
    [
      '100,000 required names and as many parts',
      {
        required: Array.from({ length: 100_000 }, (_, i) => `p${i}`),
        allOf: Array.from({ length: 100_000 }, () => ({ properties: {} })),
      },
      {},
      {},
    ],
    ['base64 with spaces without end', { format: 'byte' }, `${' '.repeat(500_000)}?`, {}],
    ['an enum of what is deep', { enum: [deep(1000, (a) => [a])] }, deep(1000, (a) => [a]), {}],
  ])('%s', (_, schema, value, $defs) => {
    // Whatever it says: it says it before the test's own time is up.
    expect(check(schema, value, $defs)).toHaveProperty('isComplete');
  });

  it('and what was not checked is told', () => {
    expect(check({ $ref: '#/$defs/A' }, 1, { A: { allOf: [{ $ref: '#/$defs/A' }] } }).isComplete).toBe(false);
    expect(check({ type: 'string' }, 'a').isComplete).toBe(true);
  });

  test.each([
    ['^(a+)+$', `${'a'.repeat(5_000)}!`],
    ['^(a|a)*b$', 'a'.repeat(5_000)],
    ['(.*)*x', 'y'.repeat(5_000)],
    ['^([a-zA-Z0-9]+\\s?)+$', `${'a'.repeat(5_000)}!`],
  ])('the pattern %s answers at once', (pattern, attack) => {
    const run = check({ pattern }, attack);
    expect(run.violations.length === 0).toBe(!run.isComplete);
  });

  test.each(['^(?=.*[A-Z]).+$', '(a)\\1', '^.{1,2048}$', '((a{30}){30}){30}', '(', 'a'.repeat(5_000)])(
    'the pattern %.30s is not judged',
    (pattern) => {
      const run = check({ pattern }, 'x');
      expect([run.violations.length, run.isComplete]).toEqual([0, false]);
    },
  );

  it('a great many members take a bounded time', () => {
    const run = check(
      { items: { type: 'object', required: ['a'] } },
      Array.from({ length: 1_000_000 }, () => ({ a: 1 })),
    );
    expect(run.isComplete).toBe(false);
  });

  it('names that objects inherit are names like others', () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown;
    const schema = JSON.parse(
      '{"properties": {"__proto__": {"type": "string"}}, "required": ["hasOwnProperty"]}',
    ) as unknown;
    expect(faults(schema, value)).toEqual([
      '/hasOwnProperty: a value; nothing',
      '/__proto__: a string; an integer of 1 digit',
    ]);
  });
});
