import { Conflict, PROCESS_STEPS } from '#core';
import type { Clock, Principal, ProcessStore } from '#core';
import type { FindProcess } from './find-process.js';
import type { CancelObserver } from './observers.js';

/** DELETE /v1/api/scheduler/process/{trace_id}: ends a process before its time. */
export class CancelProcess {
  constructor(
    private readonly processes: ProcessStore,
    private readonly find: FindProcess,
    private readonly clock: Clock,
    private readonly observer?: CancelObserver,
  ) {}

  /**
   * Cancels a process: it has ended when this resolves, and whoever makes its call breaks that off within a second. One
   * that was cancelled before stays so.
   * @throws NotFound when there is none; Conflict when it has ended in SUCCESS or ERROR.
   */
  async execute(caller: Principal, traceId: string): Promise<void> {
    // Else it would be cancelled before it is looked at.
    if (caller.specs) await this.find.execute(caller, traceId);
    const now = this.clock.now();
    if (await this.processes.cancel(caller.project, traceId, PROCESS_STEPS.cancelled, now)) {
      await this.tell(traceId);
      return;
    }
    const { status } = await this.find.execute(caller, traceId);
    if (status === 'CANCELLED') return;
    throw new Conflict(
      'PROCESS_ENDED',
      `Expected a scheduler process that has not ended, got ${traceId}, which has ended in ${status}.`,
    );
  }

  private async tell(traceId: string): Promise<void> {
    if (!this.observer) return;
    // It is cancelled, whatever becomes of the figures.
    const [process] = await this.processes.findMany([traceId]).catch(() => []);
    if (process) this.observer.cancelled(process);
  }
}
