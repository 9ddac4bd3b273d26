import { expect, test } from '@jest/globals';
import { preferredWait, prefers } from './prefer.js';

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

test.each([
  ['wait=10', 10],
  ['handling=strict, Wait="5"; x=y', 5],
  ['wait=3600', 60],
  ['wait=99999999999999999999', 60],
  ['wait=1.5', 0],
  ['wait=-1', 0],
  ['wait', 0],
  [undefined, 0],
])('Prefer: %j waits for %d seconds', (header, seconds) => {
  expect(preferredWait(header)).toBe(seconds);
});
