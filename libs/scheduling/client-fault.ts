import type { OperationTable } from '#core';
import { selfCheck } from '#client-runtime';
import { typecheck } from '#openapi';

/**
 * The review of a generated Client: it must type-check, and each operation must build a request from an example that reads
 * back as that example.
 * @param files the Client's folder, by path.
 * @returns what is wrong, in one sentence; null when nothing is.
 */
export async function clientFault(
  files: Readonly<Record<string, string>>,
  table: OperationTable,
  signal: AbortSignal,
): Promise<string | null> {
  const fault = await typecheck(files, { signal });
  if (fault !== null) return `The generated types do not hold: ${fault}`;
  const [first, ...others] = await selfCheck(table, { signal });
  if (first === undefined) return null;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `The generated client fails its review: ${first}${more}`;
}
