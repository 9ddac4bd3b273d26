import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { describeName, describeShape, InvalidInput, isPlainName } from '#core';

type Issue = z.core.$ZodIssue;

/**
 * Checks what the routes declare with a schema; the first fault becomes one sentence: which field, expected, got. What came
 * may be a secret, wherever it stands, so it is told by its kind. In place of Nest's own pipe, which cannot tell what came.
 */
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { schema, type, data }: ArgumentMetadata): unknown {
    if (!(schema instanceof z.ZodType)) return value;
    const place = type === 'param' && data !== undefined ? [data] : [];
    return checked(schema, value, type, place);
  }
}

/** A part of a body, checked on its own. @throws InvalidInput with the first fault in one sentence. */
export function checkedBody<T>(schema: z.ZodType<T>, value: unknown): T {
  return checked(schema, value, 'body');
}

function checked<T>(schema: z.ZodType<T>, value: unknown, type: string, place: readonly string[] = []): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const message = first ? sentence({ ...first, path: [...place, ...first.path] }) : `Expected another ${type}.`;
  throw new InvalidInput('INPUT_INVALID', message);
}

function sentence(issue: Issue): string {
  const place = placeOf(issue.path);
  const subject = place === '' ? 'the body' : place;
  const got = describeShape(issue.input);
  switch (issue.code) {
    case 'unrecognized_keys':
      return `Expected only known fields${place && ` in ${place}`}, got ${issue.keys.map(describeName).join(', ')}.`;
    case 'invalid_type':
      return `Expected ${subject} to be ${article(issue.expected)}, got ${got}.`;
    case 'too_small':
      return `Expected ${subject} to be at least ${issue.minimum}${unit(issue, issue.minimum)}, got ${got}.`;
    case 'too_big':
      return `Expected ${subject} to be at most ${issue.maximum}${unit(issue, issue.maximum)}, got ${got}.`;
    case 'invalid_value':
      return `Expected ${subject} to be one of ${issue.values.map(String).join(', ')}, got ${got}.`;
    case 'invalid_key':
      return `Expected the names in ${placeOf(issue.path.slice(0, -1))} to be ${issue.issues[0]?.message ?? 'others'}, got ${describeShape(issue.path.at(-1))}.`;
    case 'invalid_union':
    case 'custom':
      return `Expected ${place && `${place} to be `}${issue.message}, got ${got}.`;
    default:
      return `Expected ${subject} to be valid: ${issue.message}.`;
  }
}

/** The fields that lead to a place, as far as what stands for names are names. */
function placeOf(path: readonly PropertyKey[]): string {
  const names = path.map(String);
  const end = names.findIndex((name) => !isPlainName(name));
  return end < 0 ? names.join('.') : `a value inside ${end === 0 ? 'the body' : names.slice(0, end).join('.')}`;
}

const ARTICLES: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'an array',
  int: 'a whole number',
};

function article(type: string): string {
  return ARTICLES[type] ?? `a ${type}`;
}

function unit({ origin }: { readonly origin: string }, amount: number | bigint): string {
  if (origin === 'array') return amount === 1 ? ' item long' : ' items long';
  if (origin !== 'string') return '';
  return amount === 1 ? ' character long' : ' characters long';
}
