import type { Spec } from '#core';
import { clientName } from '#client-runtime';

/** The name of a service's SDK, safe in every file system: of its folder, and of the zip but for the ending. */
export function sdkName(spec: Pick<Spec, 'name' | 'traceId'>, generator: string): string {
  return clientName(spec).replace(/-client$/, `-${generator}`);
}
