import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { InvalidInput } from '#core';

/** Longer text says no more to a person. */
const LONGEST_SHOWN = 80;

type Issue = z.core.$ZodIssue;

/**
 * Checks what the routes declare with a schema; the first fault becomes one sentence: which field, expected, got.
 * In place of Nest's own pipe, which cannot tell what came.
 */
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { schema, type, data }: ArgumentMetadata): unknown {
    if (!(schema instanceof z.ZodType)) return value;
    const place = type === 'param' && data !== undefined ? [data] : [];
    return checked(schema, value, { type, place, shown: type === 'body' ? kindOf : inFull });
  }
}

/** A part of a body, checked on its own. @throws InvalidInput with the first fault in one sentence. */
export function checkedBody<T>(schema: z.ZodType<T>, value: unknown): T {
  return checked(schema, value, { type: 'body', place: [], shown: kindOf });
}

interface Reading {
  readonly type: string;
  readonly place: readonly string[];
  readonly shown: (value: unknown) => string;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, { type, place, shown }: Reading): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const message = first ? sentence({ ...first, path: [...place, ...first.path] }, shown) : `Expected another ${type}.`;
  throw new InvalidInput('INPUT_INVALID', message);
}

function sentence(issue: Issue, shown: (value: unknown) => string): string {
  const field = path(issue.path);
  const subject = field === '' ? 'the body' : field;
  switch (issue.code) {
    case 'unrecognized_keys':
      return `Expected only known fields${field && ` in ${field}`}, got ${issue.keys.map((key) => `"${key}"`).join(', ')}.`;
    case 'invalid_type':
      return `Expected ${subject} to be ${article(issue.expected)}, got ${shown(issue.input)}.`;
    case 'too_small':
      return `Expected ${subject} to be at least ${issue.minimum}${unit(issue, issue.minimum)}, got ${shown(issue.input)}.`;
    case 'too_big':
      return `Expected ${subject} to be at most ${issue.maximum}${unit(issue, issue.maximum)}, got ${shown(issue.input)}.`;
    case 'invalid_value':
      return `Expected ${subject} to be one of ${issue.values.map(String).join(', ')}, got ${inFull(issue.input)}.`;
    case 'invalid_key':
      return `Expected the names in ${path(issue.path.slice(0, -1))} to be of a length that is allowed, got ${kindOf(issue.path.at(-1))}.`;
    case 'invalid_union':
    case 'custom':
      return `Expected ${field && `${field} to be `}${issue.message}, got ${shown(issue.input)}.`;
    default:
      return `Expected ${subject} to be valid: ${issue.message}.`;
  }
}

function path(keys: readonly PropertyKey[]): string {
  return keys.map(String).join('.');
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

/** For addresses and words of a fixed list, which hold no secrets. */
function inFull(value: unknown): string {
  return typeof value === 'string' && value.length <= LONGEST_SHOWN ? JSON.stringify(value) : kindOf(value);
}

/** Tells a value's kind, and harmless ones in full: what is in a body may be a secret, so text is never repeated. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return value === '' ? 'empty text' : `text of ${value.length} characters`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
