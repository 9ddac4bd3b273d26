import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { credentialsSchema } from './credentials.js';
import { timeText } from './time-text.js';
import { checkedBody, ValidationPipe } from './validation.js';

const body = z.strictObject({
  text: z.string().max(3).optional(),
  count: z.int().min(2).max(5).optional(),
  mode: z.enum(['a', 'b']).optional(),
  at: timeText.optional(),
  list: z.array(z.string()).optional(),
  inner: z.strictObject({ flag: z.boolean() }).optional(),
  values: z.record(z.string(), z.string()).optional(),
  credentials: credentialsSchema.optional(),
});

function sentenceOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

describe('a fault is told in one sentence without what was given', () => {
  test.each<[value: unknown, sentence: string]>([
    ['s3cr3t', 'Expected the body to be an object, got a string of 6 characters.'],
    [undefined, 'Expected the body to be an object, got nothing.'],
    [{ text: 31337 }, 'Expected text to be a string, got an integer of 5 digits.'],
    [{ text: 's3cr3t' }, 'Expected text to be at most 3 characters long, got a string of 6 characters.'],
    [{ count: 1 }, 'Expected count to be at least 2, got an integer of 1 digit.'],
    [{ count: 31337 }, 'Expected count to be at most 5, got an integer of 5 digits.'],
    [{ count: 's3cr3t' }, 'Expected count to be a number, got a string of 6 characters.'],
    [{ mode: 's3cr3t' }, 'Expected mode to be one of a, b, got a string of 6 characters.'],
    [{ at: 's3cr3t' }, 'Expected at to be valid: a date and time (RFC 3339), e.g. 2030-01-31T09:00:00Z.'],
    [{ list: ['a', 31337] }, 'Expected list.1 to be a string, got an integer of 5 digits.'],
    [{ inner: { flag: 's3cr3t' } }, 'Expected inner.flag to be a boolean, got a string of 6 characters.'],
    [{ colour: 's3cr3t' }, 'Expected only known fields, got "colour".'],
    [{ inner: { flag: true, 'is: s3cr3t': 1 } }, 'Expected only known fields in inner, got a name of 10 characters.'],
    [{ values: { plain: 31337 } }, 'Expected values.plain to be a string, got an integer of 5 digits.'],
    [{ values: { 'a s3cr3t': 1 } }, 'Expected a value inside values to be a string, got an integer of 1 digit.'],
    [
      { credentials: { ['s3cr3t'.repeat(50)]: { token: 't' } } },
      'Expected the names in credentials to be of 1 to 200 characters, got a string of 300 characters.',
    ],
  ])('%j', (value, sentence) => {
    expect(sentenceOf(() => checkedBody(body, value))).toBe(sentence);
    expect(sentence).not.toMatch(/s3cr3t|31337/);
  });

  test('of a path or a query', () => {
    const pipe = new ValidationPipe();
    const limit = z.string().regex(/^\d+$/, { error: 'a whole number' });
    const told = (type: 'param' | 'query', schema: z.ZodType, value: unknown, data?: string) =>
      sentenceOf(() => pipe.transform(value, { schema, type, data } as Parameters<typeof pipe.transform>[1]));
    expect(told('param', limit, 's3cr3t', 'offset')).toBe('Expected offset to be valid: a whole number.');
    expect(told('query', z.object({ mode: z.enum(['a', 'b']) }), { mode: 's3cr3t' })).toBe(
      'Expected mode to be one of a, b, got a string of 6 characters.',
    );
  });
});
