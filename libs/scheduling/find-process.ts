import { NotFound, seesSpec } from '#core';
import type { Principal, ProcessStore, SchedulerProcess } from '#core';

/** Finds the process that a request names. */
export class FindProcess {
  constructor(private readonly processes: ProcessStore) {}

  /** @throws NotFound when there is none of that trace id for the caller. */
  async execute(caller: Principal, traceId: string): Promise<SchedulerProcess> {
    const process = await this.processes.find(caller.project, traceId);
    if (process && seesSpec(caller, process.specTraceId)) return process;
    throw new NotFound(
      'PROCESS_NOT_FOUND',
      `Expected the trace id of a scheduler process, got ${traceId}, which names none.`,
    );
  }
}
