import type { SchedulerProcess } from '#core';

/** How many services have figures of their own. */
const LIMIT = 50;

/**
 * The label of a process's service, of a bounded set: the first services that come have their names, later ones are
 * `other`, and names that no Spec had are `unknown`, so that nobody's slips fill the set.
 */
export class ServiceLabels {
  private readonly known = new Set<string>();

  constructor(private readonly limit = LIMIT) {}

  of({ service, specTraceId }: Pick<SchedulerProcess, 'service' | 'specTraceId'>): string {
    if (specTraceId === null) return 'unknown';
    if (this.known.has(service)) return service;
    if (this.known.size >= this.limit) return 'other';
    this.known.add(service);
    return service;
  }
}
