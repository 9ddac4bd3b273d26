import {
  AppError,
  Conflict,
  InvalidInput,
  messageOf,
  NotFound,
  NotInstalled,
  Permanent,
  Unavailable,
  Unprocessable,
} from '#core';
import type { StoreName } from './store-methods.js';

/** A call of a method of a store, as it goes to the thread. */
export interface Call {
  /** Rises with each call. */
  readonly id: number;
  readonly store: StoreName;
  readonly method: string;
  /** Packed. */
  readonly args: readonly unknown[];
}

/** Asks for more of what a call gives one thing after the other; answered with an array, empty at its end. */
export interface More {
  readonly id: number;
  /** The number of that call. */
  readonly of: number;
}

/** What goes to the thread at once; `close` is the last. */
export type ToThread = readonly (Call | More)[] | 'close';

/** How a call ended. */
export type Ended =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: WireError };

/** What the listener was told that went with the call of this number: the argument of each time. */
export interface Told {
  readonly listener: number;
  readonly args: unknown[];
}

/** What comes from the thread: once how its start went, then what it answers, `closed` at its end. */
export type FromThread =
  readonly (Ended | Told)[] | { readonly mayHoldPlain: boolean } | { readonly refused: WireError } | 'closed';

/** An error with what a caller may know of it. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly faults?: readonly object[] | undefined;
  readonly stack?: string | undefined;
  readonly cause?: string | undefined;
}

const CLASSES = { InvalidInput, NotFound, Conflict, Unavailable, NotInstalled, Permanent } as const;

export function packError(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    ...{ name, message, stack },
    ...(error instanceof AppError && { code: error.code }),
    ...(error instanceof Unprocessable && { faults: error.faults }),
    ...(cause !== undefined && { cause: messageOf(cause) }),
  };
}

export function unpackError({ name, message, code, faults, stack, cause }: WireError): Error {
  const options = cause === undefined ? undefined : { cause: new Error(cause) };
  if (code !== undefined && faults) return new Unprocessable(code, message, faults);
  if (code !== undefined && isClassName(name)) return new CLASSES[name](code, message, options);
  const error = new Error(message, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/**
 * A value as it may be cloned: a view of bytes becomes bytes of their own, since a clone holds all of the memory that a
 * view looks at. What holds no bytes stays as it is.
 */
export function pack(value: unknown): unknown {
  return mapBytes(value, (bytes) => (bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)));
}

/** The value as it was packed: bytes are Buffers again. */
export function unpack(value: unknown): unknown {
  return mapBytes(value, (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** Copies only what leads to bytes that change. */
function mapBytes(value: unknown, map: (bytes: Uint8Array) => Uint8Array): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return map(value);
  let copy: Record<string, unknown> | unknown[] | undefined;
  const fields = value as Record<string, unknown>;
  for (const name in fields) {
    const field = fields[name];
    if (typeof field !== 'object' || field === null) continue;
    const mapped = mapBytes(field, map);
    if (mapped === field) continue;
    copy ??= Array.isArray(value) ? [...(value as unknown[])] : { ...fields };
    (copy as Record<string, unknown>)[name] = mapped;
  }
  return copy ?? value;
}

function isClassName(name: string): name is keyof typeof CLASSES {
  return Object.hasOwn(CLASSES, name);
}
