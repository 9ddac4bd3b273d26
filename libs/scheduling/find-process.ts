import { describeTraceId, NotFound, seesSpec } from '#core';
import type { Principal, ProcessState, ProcessStore, SchedulerProcess } from '#core';

/** Finds the process that a request names. */
export class FindProcess {
  constructor(private readonly processes: ProcessStore) {}

  /** @throws NotFound when there is none of that trace id for the caller. */
  async execute(caller: Principal, traceId: string): Promise<SchedulerProcess> {
    return seen(caller, traceId, await this.processes.find(caller.project, traceId));
  }

  /**
   * How far it is.
   * @throws NotFound as `execute`.
   */
  async state(caller: Principal, traceId: string): Promise<ProcessState> {
    return seen(caller, traceId, await this.processes.findState(caller.project, traceId));
  }
}

function seen<T extends ProcessState | SchedulerProcess>(caller: Principal, traceId: string, process: T | null): T {
  if (process && seesSpec(caller, process.specTraceId)) return process;
  throw new NotFound(
    'PROCESS_NOT_FOUND',
    `Expected the trace id of a scheduler process, got ${describeTraceId(traceId)}, which names none.`,
  );
}
