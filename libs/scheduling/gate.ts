import type { Claim, FlowControl, HoldReason, SchedulerProcess, Spec, Verdict } from '#core';
import { lineOf } from '#core';
import type { BreakerWatch } from './breaker-watch.js';

/** Why a call may not start now, and when to ask again in milliseconds; null: nobody knows. */
export interface Refusal {
  readonly why: HoldReason;
  readonly waitMs: number | null;
}

/** Told when calls that are held may start. Must not throw. */
export interface GateListener {
  /** Something was given back, or a service is well again. */
  freed(specTraceId: string): void;
  /** Somebody is held at this gate, who may start in so many milliseconds. */
  expect(specTraceId: string, inMs: number): void;
}

/** How soon to look again at what was held since it is paused: it may have been resumed in that very moment. */
const PAUSE_LOOK_MS = 100;

/** The gate of each Spec, through which its calls go: whoever enters leaves again. */
export class Gate {
  /** Who holds a permit of concurrency of which Spec, by trace id. */
  private readonly permits = new Map<string, string>();

  constructor(
    private readonly flow: FlowControl,
    private readonly breakers: BreakerWatch,
    private readonly leaseMs: number,
    private readonly listener: GateListener,
  ) {}

  /**
   * Asks to make a call of a process; costs nothing where nothing keeps its Spec from being called.
   * @returns null when it may be made, until `leave`.
   */
  async enter(process: SchedulerProcess, spec: Spec): Promise<Refusal | null> {
    const { limits, paused, pausedKeys } = spec;
    const { traceId } = process;
    const key = lineOf(process);
    if (paused === true || pausedKeys?.includes(key)) return { why: 'paused', waitMs: PAUSE_LOOK_MS };
    const waitMs = await this.breakers.enter(spec, traceId);
    if (waitMs !== null) return { why: 'breaker', waitMs };
    if (!limits) return null;
    const entry = await this.flow.enter(spec.traceId, limits, { traceId, key }, this.leaseMs);
    if (!entry.isGranted) {
      // It may have been let through as a probe.
      await this.breakers.report(spec, traceId, 'none');
      return { why: 'limit', waitMs: entry.waitMs };
    }
    if (limits.concurrency !== undefined) this.permits.set(traceId, spec.traceId);
    return null;
  }

  /** Takes note that a process was handed back into its line. */
  held({ traceId }: Spec, { waitMs }: Refusal): void {
    // Where nobody knows when it may start, somebody will leave; and the gatekeeper looks at times by itself.
    if (waitMs !== null) this.listener.expect(traceId, waitMs);
  }

  /** Ends what `enter` began. @param verdict what the call says of its service. */
  async leave({ traceId }: SchedulerProcess, spec: Spec, verdict: Verdict): Promise<void> {
    const isFreed = await this.breakers.report(spec, traceId, verdict);
    const hasPermit = this.permits.delete(traceId);
    if (hasPermit) await this.flow.leave(spec.traceId, traceId);
    if (isFreed || hasPermit) this.listener.freed(spec.traceId);
  }

  /** Keeps the permits of claims that were renewed. */
  async renew(claims: readonly Claim[]): Promise<void> {
    const bySpec = new Map<string, string[]>();
    for (const { traceId } of claims) {
      const specTraceId = this.permits.get(traceId);
      if (specTraceId === undefined) continue;
      bySpec.set(specTraceId, [...(bySpec.get(specTraceId) ?? []), traceId]);
    }
    await Promise.all([...bySpec].map(([spec, traceIds]) => this.flow.renew(spec, traceIds, this.leaseMs)));
  }
}
