import { isObject, own, type Json } from '../json.js';

/** Reads a field of a normalised node as text. */
export function text(node: unknown, key: string): string | undefined {
  const value = own(node, key);
  return typeof value === 'string' ? value : undefined;
}

export function number(node: unknown, key: string): number | undefined {
  const value = own(node, key);
  return typeof value === 'number' ? value : undefined;
}

/** Reads a field as an object; an empty one when it is none. */
export function object(node: unknown, key: string): Json {
  const value = own(node, key);
  return isObject(value) ? value : {};
}

/** Reads a field as a list; an empty one when it is none. */
export function list(node: unknown, key: string): readonly unknown[] {
  const value = own(node, key);
  return Array.isArray(value) ? value : [];
}
