import { DEFAULT_PROJECT, NotFound } from '#core';
import type { ProcessStore, SchedulerProcess } from '#core';

/** Finds the process that a request names. */
export class FindProcess {
  constructor(private readonly processes: ProcessStore) {}

  /** @throws NotFound when there is none of that trace id. */
  async execute(traceId: string): Promise<SchedulerProcess> {
    const process = await this.processes.find(DEFAULT_PROJECT, traceId);
    if (process) return process;
    throw new NotFound(
      'PROCESS_NOT_FOUND',
      `Expected the trace id of a scheduler process, got ${traceId}, which names none.`,
    );
  }
}
