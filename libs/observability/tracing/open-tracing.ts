import type { Tracing, TracingOptions } from './tracing.js';

/** Begins to trace. What that takes is loaded only here: most processes are not traced. */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  const { Tracing } = await import('./tracing.js');
  return new Tracing(options);
}
