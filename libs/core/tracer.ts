import { AppError } from './errors.js';
import type { TraceContext } from './trace-context.js';

/** On which side of an exchange a span stands; `internal` on none. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** By the names of OpenTelemetry's semantic conventions, and `callboard.…`. Never a secret, a header or a body. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanAbout {
  readonly kind: SpanKind;
  /** What it is a part of; a trace of its own without. */
  readonly parent: TraceContext | undefined;
  readonly attributes: SpanAttributes;
}

/** A stretch of work that is being traced. */
export interface Span {
  /** Where what it leads to goes on. */
  readonly context: TraceContext;
  set(attributes: SpanAttributes): void;
  /**
   * Ends it, once.
   * @param error a word for the kind of what went wrong, as `error.type` has it; without one it went well.
   */
  end(error?: string): void;
}

/**
 * Makes spans. Whoever can be traced takes a tracer or none, and asks as `tracer?.start(…)`: then nothing is worked out
 * where nothing is traced.
 */
export abstract class Tracer {
  abstract start(name: string, about: SpanAbout): Span;
}

/** Ends a span with the work that it stands for. @returns what the work gives, or throws. */
export async function endWith<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    span.end();
    return result;
  } catch (error) {
    span.end(errorWord(error));
    throw error;
  }
}

/** The kind of an error in a word, for `error.type`: never its sentence, which may tell of what others sent. */
export function errorWord(error: unknown): string {
  if (error instanceof AppError) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
