import { expect, test } from '@jest/globals';
import { checkJsonLimits } from './json-limits.js';

const limits = { depth: 4, fields: 6 };

test.each([
  '',
  'null',
  '[[[[1]]]]',
  '{"a":{"b":[{}]}}',
  '[1,2,3,4,5,6]',
  '["[[[[[[[[", "{{{{{{", ",,,,,,,,,,"]',
  String.raw`["\"[[[[[[", "\\", "\\\"{{{{{{"]`,
  '"a text that has no end [[[[[[[[',
  String.raw`"\\\\\\"`,
])('%s is within the limits', (text) => {
  expect(() => checkJsonLimits(text, limits)).not.toThrow();
});

test.each([
  ['[[[[[1]]]]]', 'Expected a body of at most 4 levels of objects and arrays, got more.'],
  ['{"a":{"b":{"c":{"d":{}}}}}', 'Expected a body of at most 4 levels of objects and arrays, got more.'],
  [String.raw`["\\", [[[[1]]]]]`, 'Expected a body of at most 4 levels of objects and arrays, got more.'],
  ['[1,2,3,4,5,6,7]', 'Expected a body of at most 6 fields and items, got more.'],
  ['[[],[],[],[]]', 'Expected a body of at most 6 fields and items, got more.'],
  ['{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7}', 'Expected a body of at most 6 fields and items, got more.'],
])('%s is refused', (text, message) => {
  expect(() => checkJsonLimits(text, limits)).toThrow(message);
});

test('a deep text is refused before its end is looked for', () => {
  expect(() => checkJsonLimits('['.repeat(10_000_000), limits)).toThrow('levels');
});
