import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '../limits.js';
import { Warnings } from '../warning.js';
import { containValue } from './contain.js';

function contain(value: unknown, mayShare = false) {
  const warnings = new Warnings();
  const limits = { ...DEFAULT_LIMITS, maxDepth: 50, maxAliasedValues: 1_000 };
  return {
    value: containValue(value, mayShare, limits, warnings).value,
    codes: warnings.list.map((warning) => warning.code),
  };
}

describe('containValue', () => {
  it('leaves plain JSON as it is', () => {
    const value = { a: [1, 'x', null, { b: true }] };
    expect(contain(structuredClone(value))).toEqual({ value, codes: [] });
  });

  it('leaves out a key __proto__ and keeps prototypes whole', () => {
    const { value, codes } = contain(JSON.parse('{"a": {"__proto__": {"polluted": 1}, "constructor": 2}}'));
    expect(JSON.stringify(value)).toBe('{"a":{"constructor":2}}');
    expect(codes).toEqual(['dangerous-key']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('reads numbers that JSON has not as null', () => {
    expect(contain({ a: Infinity, b: [NaN] })).toEqual({ value: { a: null, b: [null] }, codes: ['shape', 'shape'] });
  });

  it('gives each place its own copy of a shared value', () => {
    const shared = { x: 1 };
    const { value } = contain({ a: shared, b: shared }, true) as { value: { a: unknown; b: unknown } };
    expect(value).toEqual({ a: { x: 1 }, b: { x: 1 } });
    expect(value.a).not.toBe(value.b);
  });

  it('names the place where values nest too deep', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 60; depth += 1) value = { a: value };
    expect(() => contain(value)).toThrow(/^Expected values nested at most 50 deep, got deeper ones at \/a\/a\//);
  });

  it('refuses aliases that expand to too much', () => {
    let value: unknown[] = ['x'];
    for (let level = 0; level < 30; level += 1) value = Array.from({ length: 10 }, () => value);
    expect(() => contain(value, true)).toThrow(/^Expected YAML aliases that add at most 1,000 values, got more at \//);
  });

  it('refuses a value that holds itself', () => {
    const value: Record<string, unknown> = {};
    value.self = value;
    expect(() => contain(value, true)).toThrow(/^Expected values nested at most 50 deep/);
  });
});
