import type { Breaker, BreakerPolicy, Clock, Verdict } from '#core';
import { FAILURES_COUNT_MS } from '#core';

const CLOSED: Breaker = { state: 'closed', waitMs: 0 };

interface Counted {
  failures: number;
  lastAt: number;
  /** While it is not closed. */
  open?: { until: number; forMs: number; probe?: { readonly traceId: string; readonly until: number } | undefined };
}

/** The breakers of one process, by Spec. */
export class Breakers {
  private readonly counted = new Map<string, Counted>();

  constructor(private readonly clock: Clock) {}

  list(): ReadonlyMap<string, Breaker> {
    const now = this.clock.now();
    const all = [...this.counted].map(([specTraceId, counted]) => [specTraceId, breakerOf(counted, now)] as const);
    return new Map(all.filter(([, { state }]) => state !== 'closed'));
  }

  probe(specTraceId: string, traceId: string, probeMs: number): Breaker & { isGranted: boolean } {
    const now = this.clock.now();
    const counted = this.counted.get(specTraceId);
    const breaker = breakerOf(counted, now);
    if (!counted?.open) return { ...CLOSED, isGranted: true };
    if (breaker.waitMs > 0 && counted.open.probe?.traceId !== traceId) return { ...breaker, isGranted: false };
    counted.open.probe = { traceId, until: now + probeMs };
    return { ...breakerOf(counted, now), isGranted: true };
  }

  report(specTraceId: string, traceId: string, verdict: Verdict, policy: BreakerPolicy): Breaker {
    const now = this.clock.now();
    const counted = this.counted.get(specTraceId) ?? { failures: 0, lastAt: now };
    const { open } = counted;
    const isHeard = open ? open.probe?.traceId === traceId : verdict !== 'none';
    if (!isHeard) return breakerOf(counted, now);
    if (verdict === 'success') {
      this.counted.delete(specTraceId);
      return CLOSED;
    }
    this.counted.set(specTraceId, counted);
    if (!open) this.count(counted, policy, now);
    else if (verdict === 'none') open.probe = undefined;
    else {
      const forMs = Math.min(open.forMs * 2, policy.longestOpenMs);
      counted.open = { until: now + forMs, forMs };
    }
    return breakerOf(counted, now);
  }

  private count(counted: Counted, { failures, openMs }: BreakerPolicy, now: number): void {
    counted.failures = now - counted.lastAt > FAILURES_COUNT_MS ? 1 : counted.failures + 1;
    counted.lastAt = now;
    if (counted.failures >= failures) counted.open = { until: now + openMs, forMs: openMs };
  }
}

function breakerOf(counted: Counted | undefined, now: number): Breaker {
  const { open } = counted ?? {};
  if (!open) return CLOSED;
  // No longer than it was to be, should the clock have been set back.
  const waitMs = Math.min(open.until - now, open.forMs);
  if (waitMs > 0) return { state: 'open', waitMs };
  return { state: 'half-open', waitMs: Math.max(0, (open.probe?.until ?? now) - now) };
}
