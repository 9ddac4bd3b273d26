import { describe, expect, it } from '@jest/globals';
import { References } from '../normalise/references.js';
import { Warnings } from '../warning.js';
import { allows } from './allows.js';
import { exampleOf } from './example.js';

const NAMES = Array.from({ length: 1_000 }, (_, index) => `p${index}`);
const SCHEMAS = {
  Node: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer' }, next: { $ref: '#/components/schemas/Node' } },
  },
  Endless: { type: 'object', required: ['self'], properties: { self: { $ref: '#/components/schemas/Endless' } } },
  Tree: { type: 'object', properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } } },
  Cat: {
    type: 'object',
    required: ['kind', 'lives'],
    properties: { kind: { type: 'string' }, lives: { type: 'integer', minimum: 9 } },
  },
  Pet: {
    oneOf: [{ $ref: '#/components/schemas/Cat' }],
    discriminator: { propertyName: 'kind', mapping: { feline: '#/components/schemas/Cat' } },
  },
  Wide: {
    type: 'object',
    required: NAMES,
    properties: Object.fromEntries(NAMES.map((name) => [name, { $ref: '#/components/schemas/Wide' }])),
  },
};
const references = new References({ components: { schemas: SCHEMAS } }, '3.1', new Warnings());
references.remember();
const ref = (name: keyof typeof SCHEMAS) => ({ $ref: `#/components/schemas/${name}` });

describe('exampleOf', () => {
  const cases: [schema: unknown, want: unknown][] = [
    [{ type: 'string' }, 'string'],
    [{}, 'string'],
    [true, 'string'],
    [{ type: 'string', format: 'date-time' }, '2026-01-01T00:00:00Z'],
    [{ type: 'string', format: 'uuid' }, '00000000-0000-4000-8000-000000000000'],
    [{ type: 'string', minLength: 8 }, 'stringaa'],
    [{ type: 'string', maxLength: 3 }, 'str'],
    [{ type: 'string', pattern: '^[A-Z]{2}\\d$' }, 'AA1'],
    [{ type: 'string', enum: ['b', 'a'] }, 'b'],
    [{ type: 'string', enum: ['b', 'a'], default: 'a' }, 'a'],
    [{ type: 'string', default: 'd', example: 'e' }, 'e'],
    [{ type: 'string', examples: ['x', 'y'] }, 'x'],
    [{ const: 7 }, 7],
    [{ type: 'integer', example: '12' }, 1],
    [{ type: 'integer', minimum: 5 }, 5],
    [{ type: 'integer', minimum: 5, exclusiveMinimum: true }, 6],
    [{ type: 'number', exclusiveMinimum: 5 }, 6],
    [{ type: 'integer', maximum: -3 }, -3],
    [{ type: 'integer', multipleOf: 10, minimum: 11 }, 20],
    [{ type: 'number', minimum: 0, maximum: 0.5 }, 0.5],
    [{ type: 'boolean' }, true],
    [{ type: 'null' }, null],
    [{ type: ['null', 'integer'] }, 1],
    [{ type: 'array', items: { type: 'integer' } }, [1]],
    [{ type: 'array', items: { type: 'integer' }, minItems: 3, uniqueItems: true }, [1, 2, 3]],
    [{ type: 'array', items: { type: 'string', enum: ['a', 'b'] }, minItems: 2, uniqueItems: true }, ['a', 'b']],
    [{ type: 'array', maxItems: 0 }, []],
    [{ prefixItems: [{ type: 'integer' }, { type: 'string' }] }, [1, 'string']],
    [
      { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' } }, required: ['b'] },
      { b: 'string' },
    ],
    [{ properties: { a: { type: 'integer' }, b: { type: 'string', readOnly: true } } }, { a: 1 }],
    [{ type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1 }, { key1: 1 }],
    [
      {
        allOf: [
          { required: ['a'], properties: { a: { type: 'integer' } } },
          { required: ['b'], properties: { b: { type: 'string' } } },
        ],
      },
      { a: 1, b: 'string' },
    ],
    [{ anyOf: [{ type: 'null' }, { type: 'integer' }] }, 1],
    [{ oneOf: [{ type: 'string', format: 'date' }, { type: 'integer' }] }, '2026-01-01'],
    [ref('Node'), { id: 1 }],
    [ref('Tree'), {}],
    [ref('Pet'), { kind: 'feline', lives: 9 }],
  ];
  it.each(cases)('an example of %j is %j', (schema, want) => {
    expect(exampleOf(schema, references)).toEqual(want);
  });

  it('takes the first given example that is allowed', () => {
    expect(exampleOf({ type: 'integer' }, references, ['x', 3, 4])).toBe(3);
    expect(exampleOf({ type: 'string' }, references, ['x'.repeat(100_000)])).toBe('string');
  });

  it('ends on schemas that require themselves for ever', () => {
    expect(JSON.stringify(exampleOf(ref('Endless'), references)).length).toBeLessThan(200);
    expect(JSON.stringify(exampleOf(ref('Wide'), references)).length).toBeLessThan(500_000);
  });
});

describe('allows', () => {
  const cases: [schema: unknown, value: unknown, want: boolean][] = [
    [{ type: 'integer' }, 1.5, false],
    [{ type: 'number' }, 1, true],
    [{ type: 'string', nullable: true }, null, true],
    [{ type: 'string' }, null, false],
    [{ type: 'string', minLength: 2, maxLength: 3 }, '😀', false],
    [{ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(50)}b`, true],
    [{ enum: [{ a: 1 }] }, { a: 1 }, true],
    [{ type: 'integer', minimum: 1, exclusiveMinimum: true }, 1, false],
    [{ type: 'number', exclusiveMaximum: 5 }, 5, false],
    [{ type: 'number', multipleOf: 0.1 }, 0.3, true],
    [{ type: 'array', uniqueItems: true }, [1, 1], false],
    [{ type: 'array', items: { type: 'string' } }, ['a', 1], false],
    [{ type: 'object', required: ['a'] }, {}, false],
    [{ type: 'object', required: ['a'], properties: { a: { readOnly: true } } }, {}, true],
    [{ type: 'object', properties: { a: {} }, additionalProperties: false }, { a: 1, b: 2 }, false],
    [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, true, false],
    [ref('Node'), { id: 1, next: { id: 2 } }, true],
    [ref('Node'), { id: 1, next: { id: 'x' } }, false],
    [false, 1, false],
  ];
  it.each(cases)('%j on %j: %s', (schema, value, want) => {
    expect(allows(schema, value, references)).toBe(want);
  });
});
