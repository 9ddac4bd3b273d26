import { describe, expect, test } from '@jest/globals';
import { describeName, describeShape } from './shape.js';

describe('a value is told by its kind and size', () => {
  test.each<[value: unknown, shape: string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    ['', 'an empty string'],
    ['s3cr3t!', 'a string of 7 characters'],
    ['x', 'a string of 1 character'],
    [true, 'a boolean'],
    [-1234, 'an integer of 4 digits'],
    [0.5, 'a number of 2 digits'],
    [[], 'an empty array'],
    [[1, 2], 'an array of 2 items'],
    [{}, 'an empty object'],
    [{ s3cr3t: 1 }, 'an object of 1 property'],
    [{ a: 1, b: 2 }, 'an object of 2 properties'],
    [Buffer.from('s3cr3t'), '6 bytes'],
  ])('%j', (value, shape) => expect(describeShape(value)).toBe(shape));
});

test.each([
  ['X-Api-Key', '"X-Api-Key"'],
  ['$tls', '"$tls"'],
  ['Authorization: Bearer s3cr3t', 'a name of 28 characters'],
  ['https://h/?s3cr3t', 'a name of 17 characters'],
  ['x'.repeat(65), 'a name of 65 characters'],
  ['', 'a name of 0 characters'],
])('what stands for a name is told where it is one: %j', (name, told) => {
  expect(describeName(name)).toBe(told);
});
