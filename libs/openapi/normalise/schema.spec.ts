import { describe, expect, it } from '@jest/globals';
import { Place } from '../place.js';
import type { Dialect } from '../upgrade/version.js';
import { Warnings } from '../warning.js';
import { Context } from './context.js';
import { normaliseSchema } from './schema.js';

function normalise(schema: unknown, dialect: Dialect = '3.0') {
  const warnings = new Warnings();
  const root = { components: { schemas: { Pet: { type: 'object' } } } };
  const value = normaliseSchema(structuredClone(schema), Place.root.at('s'), new Context(root, dialect, warnings));
  return { value, pointers: warnings.list.map((warning) => warning.pointer) };
}

describe('normaliseSchema', () => {
  const untouched: unknown[] = [
    { type: 'string', format: 'date', enum: ['a', null], nullable: true },
    { type: 'object', properties: { required: { type: 'boolean' }, $ref: { type: 'string' } }, required: ['a'] },
    { allOf: [{ $ref: '#/components/schemas/Pet' }, { minimum: 1, exclusiveMinimum: true }] },
    { type: 'object', additionalProperties: false, example: { $ref: 'file:///x', allOf: 'x' } },
    { discriminator: { propertyName: 'kind', mapping: { a: '#/components/schemas/Pet' } } },
  ];
  it.each(untouched)('leaves %j as it is', (schema) => {
    expect(normalise(schema)).toEqual({ value: schema, pointers: [] });
  });

  const repaired: [given: unknown, want: unknown, pointer: string][] = [
    ['x', {}, '/s'],
    [null, {}, '/s'],
    [['x'], {}, '/s'],
    [{ type: 'int' }, { type: 'integer' }, '/s/type'],
    [{ type: 'datetime' }, { type: 'string', format: 'date-time' }, '/s/type'],
    [{ type: 'String' }, { type: 'string' }, '/s/type'],
    [{ type: 'Foo' }, {}, '/s/type'],
    [{ type: { a: 1 } }, {}, '/s/type'],
    [{ type: 'string', enum: [true, 1, 'x'] }, { type: 'string', enum: ['true', '1', 'x'] }, '/s/enum'],
    [{ enum: 'a' }, {}, '/s/enum'],
    [{ properties: ['a'] }, {}, '/s/properties'],
    [{ properties: { a: 'string' } }, { properties: { a: { type: 'string' } } }, '/s/properties/a'],
    [{ properties: { a: 'thing' } }, { properties: { a: {} } }, '/s/properties/a'],
    [
      { properties: { a: { type: 'string', required: true }, b: { type: 'string', required: false } } },
      { properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a'] },
      '/s/properties/a/required',
    ],
    [{ required: 'a' }, { required: ['a'] }, '/s/required'],
    [{ allOf: { type: 'string' } }, { allOf: [{ type: 'string' }] }, '/s/allOf'],
    [{ oneOf: [null, { type: 'string' }] }, { oneOf: [{ type: 'string' }] }, '/s/oneOf/0'],
    [
      { type: 'array', items: [{ type: 'string' }, {}] },
      { type: 'array', items: { anyOf: [{ type: 'string' }, {}] } },
      '/s/items',
    ],
    [{ additionalProperties: 'x' }, {}, '/s/additionalProperties'],
    [{ $ref: '#/components/schemas/Gone' }, {}, '/s'],
    [{ $ref: { a: 1 }, type: 'string' }, { type: 'string' }, '/s/$ref'],
    [{ discriminator: { mapping: {} } }, {}, '/s/discriminator'],
    [
      { discriminator: { propertyName: 'k', mapping: { a: 7 } } },
      { discriminator: { propertyName: 'k', mapping: {} } },
      '/s/discriminator/mapping/a',
    ],
    [{ discriminator: 'kind' }, { discriminator: { propertyName: 'kind' } }, '/s/discriminator'],
    [{ type: 'array' }, { type: 'array', items: {} }, '/s'],
    [{ minLength: '3' }, { minLength: 3 }, '/s/minLength'],
    [{ nullable: 'yes', title: 7 }, { nullable: true, title: '7' }, '/s/title'],
    [{ type: ['string', 'null'] }, { type: 'string', nullable: true }, '/s/type'],
    [
      { $ref: '#/components/schemas/Pet', default: 'x', 'x-a': 1, items: { $ref: '#/gone' } },
      { $ref: '#/components/schemas/Pet', default: 'x', 'x-a': 1 },
      '/s',
    ],
    [{ enum: [], allOf: [] }, {}, '/s/enum'],
    [{ type: 'integer', enum: ['1', 2, null] }, { type: 'integer', enum: [1, 2, null] }, '/s/enum'],
    [{ additionalProperties: 'false' }, { additionalProperties: false }, '/s/additionalProperties'],
    [{ required: null, items: null }, { items: {} }, '/s/required'],
    [true, {}, '/s'],
    [false, { not: {} }, '/s'],
    [{ minLength: 'many' }, {}, '/s/minLength'],
    [{ title: { a: 1 } }, {}, '/s/title'],
  ];
  it.each(repaired)('%j becomes %j', (given, want, pointer) => {
    const { value, pointers } = normalise(given);
    expect(value).toEqual(want);
    expect(pointers[0]).toBe(pointer);
  });

  it('reads bounds as before 3.1', () => {
    const given = { minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false };
    const want = {
      value: { exclusiveMinimum: 1, maximum: 9 },
      pointers: ['/s/exclusiveMinimum', '/s/exclusiveMaximum'],
    };
    expect(normalise(given, '3.1')).toEqual(want);
    expect(normalise(given)).toEqual({ value: given, pointers: [] });
  });

  it('keeps what 3.1 has and 3.0 has not', () => {
    const schema = { type: ['string', 'null'], $defs: { a: true }, prefixItems: [{ const: null }] };
    expect(normalise(schema, '3.1')).toEqual({ value: schema, pointers: [] });
    const siblings = { $ref: '#/components/schemas/Pet', required: ['a'] };
    expect(normalise(siblings, '3.1')).toEqual({ value: siblings, pointers: [] });
  });
});
