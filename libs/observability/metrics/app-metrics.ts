import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';

/** How often the event loop's delay is taken, in milliseconds. */
const RESOLUTION_MS = 50;
const QUANTILES = [0.5, 0.99, 1];

/** The figures of one application, in a registry of its own; at first those of its process. */
export class AppMetrics {
  readonly registry = new Registry();
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    const { registry, delay } = this;
    const registers = [registry];
    new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Resident memory of the process.',
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'CPU time that the process has used, in seconds.',
      registers,
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
    new Gauge({
      name: 'callboard_event_loop_lag_seconds',
      help: 'How late the event loop came round since the last scrape, by quantile; 1 is the worst.',
      labelNames: ['quantile'],
      registers,
      collect() {
        for (const quantile of QUANTILES) {
          const lateMs = delay.percentile(quantile * 100) / 1e6 - RESOLUTION_MS;
          this.set({ quantile: String(quantile) }, delay.count > 0 ? Math.max(0, lateMs / 1_000) : 0);
        }
        delay.reset();
      },
    });
    delay.enable();
  }

  /** All figures in the text format of Prometheus. Never rejects for want of a backend. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** Ends what it watches. Safe to call twice. */
  close(): void {
    this.delay.disable();
  }
}
