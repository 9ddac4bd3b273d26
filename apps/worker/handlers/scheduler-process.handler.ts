import { rankOf } from '#core';
import type { Clock, Message, Outcome } from '#core';
import type { ClaimedProcess, ExecuteProcess } from '#scheduling';
import { ClaimedWork } from './claimed-work.js';
import type { MessageHandler } from './message-handler.js';
import type { WorkLimits } from '../work-limits.js';

/** How many calls are claimed before their turn: enough for a commit that is worth its while. */
const LEAST_AHEAD = 32;
const MOST_AHEAD = 200;

/** SCHEDULER_PROCESS: a call is due. */
export class SchedulerProcessHandler implements MessageHandler {
  readonly type = 'SCHEDULER_PROCESS';
  readonly prefetch: number;
  readonly work: ClaimedWork<ClaimedProcess>;

  constructor(executeProcess: ExecuteProcess, clock: Clock, limits: WorkLimits) {
    const ahead = Math.min(Math.max(limits.workerConcurrency, LEAST_AHEAD), MOST_AHEAD);
    this.prefetch = limits.workerConcurrency + ahead;
    this.work = new ClaimedWork({
      slots: limits.workerConcurrency,
      ahead,
      patienceMs: limits.patienceMs,
      clock,
      claim: (traceId) => executeProcess.claim(traceId),
      rankOf: ({ process: { priority, dueAt, createdAt } }) => rankOf({ priority, dueAt: dueAt ?? createdAt }),
      run: (process, signal, traceContext) => executeProcess.run(process, signal, traceContext),
      giveBack: (process) => executeProcess.giveBack(process),
      onFault: limits.onFault,
    });
  }

  handle(message: Message): Promise<Outcome> {
    return this.work.handle(message);
  }
}
