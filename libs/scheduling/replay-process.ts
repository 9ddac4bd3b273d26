import { Conflict, hasEnded } from '#core';
import type { DeadLetterStore, Principal, TraceContext } from '#core';
import type { FindProcess } from './find-process.js';
import type { PayloadStore } from './payload-store.js';
import type { ScheduleProcess } from './schedule-process.js';

/** POST /v1/api/scheduler/process/{trace_id}/replay: asks once more for what a process has asked for. */
export class ReplayProcess {
  constructor(
    private readonly find: FindProcess,
    private readonly schedule: ScheduleProcess,
    private readonly payloads: PayloadStore,
    private readonly letters: DeadLetterStore,
  ) {}

  /**
   * Schedules the same request, credentials included, to start at once. It shares nothing with the old process: its
   * body is a copy. A process that was given up is a dead letter no more.
   * @param newTraceId of the new process; made up unless given.
   * @param traceContext where in a distributed trace the request stands; the old process's trace has ended with it.
   * @returns it.
   * @throws NotFound when there is no such process; Conflict when it has not ended, or when the new trace id is taken;
   *   Unavailable when its body is gone.
   */
  async execute(caller: Principal, traceId: string, newTraceId?: string, traceContext?: TraceContext): Promise<string> {
    const made = await this.make(caller, traceId, newTraceId, traceContext);
    // The call is kept for good: a letter that stays is seen again, and refusing now would have the call made twice.
    await this.letters.remove(caller.project, [traceId]).catch(() => 0);
    return made;
  }

  /** The same for whoever takes the letter away. */
  async make(caller: Principal, traceId: string, newTraceId?: string, traceContext?: TraceContext): Promise<string> {
    const old = await this.find.execute(caller, traceId);
    if (!hasEnded(old.status)) {
      throw new Conflict(
        'PROCESS_NOT_ENDED',
        `Expected a scheduler process that has ended, got ${traceId}, which is ${old.status}.`,
      );
    }
    const { service, method, endpoint, headers, queryParams, urlParams, cookieParams, reqBody } = old;
    const { contentType, credentials, priority, key, retry, timeoutMs, cache } = old;
    const body = reqBody && { reqBody: null, reqBodyJson: (await this.payloads.read(reqBody)).toString() };
    const input = {
      ...{ service, method, endpoint, headers, queryParams, urlParams, cookieParams, boundTo: old.specTraceId },
      ...{ contentType, credentials, priority, key, retry, timeoutMs, cache, replayOf: traceId, traceContext },
      ...body,
    };
    return this.schedule.execute(caller, input, newTraceId);
  }
}
