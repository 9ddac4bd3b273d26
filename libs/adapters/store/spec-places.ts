import type { Client, Spec } from '#core';
import type { Place } from '#encryption';

/** Whose the values of a Spec are. */
export function specPlace({ project, traceId }: Pick<Spec, 'project' | 'traceId'>): Place {
  return { project, kind: 'spec', id: traceId };
}

/** A Spec's documents differ by their hash, which stands beside each. */
export function documentField(hash: string): string {
  return `document ${hash}`;
}

/** Whose the parts of a Client are. */
export function clientPlace({
  project,
  specTraceId,
  version,
}: Pick<Client, 'project' | 'specTraceId' | 'version'>): Place {
  return { project, kind: 'client', id: `${specTraceId}:${version}` };
}
