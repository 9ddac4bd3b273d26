import { expect, test } from '@jest/globals';
import { prefers } from './prefer.js';

test.each([
  ['handling=strict', true],
  ['Handling=Strict', true],
  ['handling="strict"', true],
  [' handling = strict ; foo="a"', true],
  ['wait=10, respond-async, handling=strict', true],
  [['wait=10', 'handling=strict'], true],
  ['handling=lenient, handling=strict', false],
  ['handling=lenient', false],
  ['handling', false],
  ['strict', false],
  ['x-handling=strict', false],
  ['', false],
  [undefined, false],
])('Prefer: %j asks for handling=strict: %s', (header, asked) => {
  expect(prefers(header, 'handling', 'strict')).toBe(asked);
});
