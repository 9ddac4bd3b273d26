import type { Parameter } from '#core';

/**
 * What a parameter's value comes down to before any style applies. RFC 6570 knows texts, lists of texts and maps of
 * texts; what is nested deeper has no rule there and is written as JSON.
 * https://www.rfc-editor.org/rfc/rfc6570#section-2.3
 */
export type Plain =
  /** Undefined in RFC 6570's sense: null, or a list or map without members. */
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [name: string, value: string])[] };

const NONE: Plain = { kind: 'none' };

/** Members that are null count as not there. */
export function plainOf(value: unknown): Plain {
  if (!isGiven(value)) return NONE;
  if (typeof value !== 'object' || isBytes(value)) return { kind: 'text', text: textOf(value) };
  if (Array.isArray(value)) {
    const items = value.filter(isGiven).map(textOf);
    return items.length === 0 ? NONE : { kind: 'list', items };
  }
  const entries = Object.entries(value)
    .filter(([, member]) => isGiven(member))
    .map(([name, member]) => [name, textOf(member)] as const);
  return entries.length === 0 ? NONE : { kind: 'map', entries };
}

/** A value as one text: strings as they are, bytes as base64, objects and arrays as JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && !isBytes(value)) return JSON.stringify(value);
  if (isBytes(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return String(value);
}

/** Null counts as not given, as RFC 6570 has it. */
export function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

/** Bytes of any kind, Buffers too. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** An object as JSON knows it: neither an array nor bytes. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isBytes(value);
}

/** Null is a value where the parameter is written as JSON, and where an empty value is allowed. */
export function isPresent(parameter: Parameter, value: unknown): boolean {
  if (value === undefined) return false;
  return value !== null || parameter.contentType !== undefined || parameter.allowEmptyValue;
}

/** A value by its name, never one that merely sits on the prototype. */
export function ownValue(values: Readonly<Record<string, unknown>> | null | undefined, name: string): unknown {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}
