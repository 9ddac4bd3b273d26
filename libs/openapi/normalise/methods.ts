import { isObject, own, type Json } from '../json.js';

/** The methods that a Path Item has fields for, in the order they are listed. */
export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const;

/** One operation of a path item, and the keys that lead to it from there. */
export interface MethodOperation {
  /** As it is sent. */
  readonly method: string;
  readonly keys: readonly string[];
  readonly operation: Json;
}

/**
 * The operations of a path item: those that it has fields for, then its `additionalOperations`.
 * https://spec.openapis.org/oas/v3.2.0#path-item-object
 */
export function operationsOf(item: unknown): MethodOperation[] {
  const found: MethodOperation[] = [];
  for (const key of METHODS) {
    const operation = own(item, key);
    if (isObject(operation)) found.push({ method: key.toUpperCase(), keys: [key], operation });
  }
  const additional = own(item, 'additionalOperations');
  for (const [method, operation] of Object.entries(isObject(additional) ? additional : {})) {
    if (isObject(operation)) found.push({ method, keys: ['additionalOperations', method], operation });
  }
  return found;
}
