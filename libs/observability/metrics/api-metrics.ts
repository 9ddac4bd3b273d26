import { Counter, Gauge } from 'prom-client';
import type { Backlog, Clock, ListedProcess, ProcessStore, SchedulerProcess } from '#core';
import { AppMetrics } from './app-metrics.js';
import { ServiceLabels } from './service-labels.js';

/** However often figures are read, the database is asked no sooner than this after the last time. */
const FRESH_MS = 5_000;

/** What an API has accepted, and what waits in the database. */
export class ApiMetrics extends AppMetrics {
  private readonly labels = new ServiceLabels();
  private readonly acceptedTotal: Counter<'service'>;
  private readonly endedTotal: Counter<'service' | 'status'>;
  private readonly pending: Gauge;
  private readonly oldest: Gauge;
  private askedAt = -Infinity;
  private asking: Promise<void> | undefined;

  constructor(
    private readonly processes: Pick<ProcessStore, 'backlog'>,
    private readonly clock: Clock,
  ) {
    super();
    const registers = [this.registry];
    const collect = () => this.refresh();
    this.acceptedTotal = new Counter({
      name: 'callboard_processes_accepted_total',
      help: 'Processes that this API has accepted.',
      labelNames: ['service'],
      registers,
    });
    this.endedTotal = new Counter({
      name: 'callboard_processes_ended_total',
      help: 'Processes ended by this API: those that were cancelled.',
      labelNames: ['service', 'status'],
      registers,
    });
    this.pending = new Gauge({
      name: 'callboard_processes_pending',
      help: 'Processes of the installation that have not ended, but for those parked for their Spec; 100,000 at most.',
      registers,
      collect,
    });
    this.oldest = new Gauge({
      name: 'callboard_oldest_due_age_seconds',
      help: 'For how long the process that waits longest has been due; 0 when none is.',
      registers,
      collect,
    });
  }

  accepted(process: SchedulerProcess): void {
    this.acceptedTotal.inc({ service: this.labels.of(process) });
  }

  cancelled(process: ListedProcess): void {
    this.endedTotal.inc({ service: this.labels.of(process), status: 'CANCELLED' });
  }

  /** Both gauges are of one answer; NaN while the database gives none. */
  private async refresh(): Promise<void> {
    if (Math.abs(this.clock.now() - this.askedAt) >= FRESH_MS) {
      this.asking ??= this.ask().finally(() => (this.asking = undefined));
    }
    await this.asking;
  }

  private async ask(): Promise<void> {
    const now = this.clock.now();
    const backlog: Backlog | null = await this.processes.backlog(now).catch(() => null);
    this.pending.set(backlog?.pending ?? NaN);
    const { oldestDueAt = null } = backlog ?? {};
    this.oldest.set(!backlog ? NaN : oldestDueAt === null ? 0 : Math.max(0, now - oldestDueAt) / 1_000);
    this.askedAt = now;
  }
}
