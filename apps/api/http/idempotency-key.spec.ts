import { expect, it, test } from '@jest/globals';
import { InvalidInput } from '#core';
import { readIdempotencyKey } from './idempotency-key.js';

test.each([
  ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['8e03978e-40d5-43e8-bc93-6894a57f9324', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  [' "a" ', 'a'],
  ['"with a space, a comma; and more"', 'with a space, a comma; and more'],
  ['"a \\"quote\\" and a \\\\"', 'a "quote" and a \\'],
  [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
  ['order/5:pay=1', 'order/5:pay=1'],
  [['"a"'], 'a'],
  [undefined, undefined],
])('Idempotency-Key: %j is the key %j', (header, key) => {
  expect(readIdempotencyKey(header)).toBe(key);
});

test.each([
  '',
  '""',
  `"${'k'.repeat(256)}"`,
  'k'.repeat(256),
  '"a',
  'a"',
  '"a"b"',
  '"a\\b"',
  '"ü"',
  'a b',
  'a, b',
  '"a", "b"',
  '"a";p=1',
  '"a\tb"',
])('Idempotency-Key: %j is refused without being repeated', (header) => {
  expect(() => readIdempotencyKey(header)).toThrow(InvalidInput);
  expect(() => readIdempotencyKey(header)).toThrow(
    /^Expected the header Idempotency-Key to be one string in quotes of 1 to 255 characters, got (something else|0|256)\.$/,
  );
});

it('reads a header of many quotes and backslashes in no time', () => {
  expect(() => readIdempotencyKey(`"${'\\"'.repeat(8_000)}\\`)).toThrow(InvalidInput);
});
