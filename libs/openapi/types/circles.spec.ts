import { describe, expect, it } from '@jest/globals';
import { circularReferences } from './circles.js';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('circularReferences', () => {
  const cases: [name: string, schemas: Record<string, unknown>, want: [string, string[]][]][] = [
    ['none through properties', { A: { properties: { a: ref('A') }, additionalProperties: ref('A') } }, []],
    ['none in a chain', { A: { allOf: [ref('B')] }, B: { allOf: [ref('C')] }, C: {} }, []],
    ['a list of itself', { A: { type: 'array', items: ref('A') } }, [['A', ['A']]]],
    ['an alternative of itself', { A: { oneOf: [{ type: 'string' }, ref('A')] } }, [['A', ['A']]]],
    ['a part of itself', { A: { allOf: [ref('A'), {}] } }, [['A', ['A']]]],
    [
      'the alternatives of a base, not the parts of its children',
      { Base: { oneOf: [ref('X'), ref('Y')] }, X: { allOf: [ref('Base')] }, Y: { allOf: [ref('Base')] } },
      [['Base', ['X', 'Y']]],
    ],
    ['one of two parts', { A: { allOf: [ref('B')] }, B: { allOf: [ref('A')] } }, [['B', ['A']]]],
    ['alternatives that lie deeper', { A: { allOf: [{ anyOf: [ref('B')] }] }, B: ref('A') }, [['A', ['B']]]],
  ];
  it.each(cases)('cuts %s', (_, schemas, want) => {
    expect([...circularReferences(schemas)].map(([from, to]) => [from, [...to]])).toEqual(want);
  });

  it('follows a chain of any length without the call stack', () => {
    const names = Array.from({ length: 50_000 }, (_, index) => `S${index}`);
    const schemas = Object.fromEntries(names.map((name, index) => [name, ref(names[(index + 1) % names.length]!)]));
    expect(circularReferences(schemas).size).toBe(1);
  });
});
