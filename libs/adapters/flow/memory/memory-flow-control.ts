import type { Breaker, BreakerPolicy, Clock, Entry, Limits, PermitAsk, Reservation, Verdict } from '#core';
import { FlowControl } from '#core';
import { Breakers } from './breakers.js';
import { SpecGate } from './spec-gate.js';

/** How many gates there are before those that hold nothing any more are looked for. */
const SWEEP_ABOVE = 1_000;

/** Limits and breakers of one process: those of all its workers, or of one while others cannot be asked. */
export class MemoryFlowControl extends FlowControl {
  private readonly gates = new Map<string, SpecGate>();
  private readonly all: Breakers;

  constructor(private readonly clock: Clock) {
    super();
    this.all = new Breakers(clock);
  }

  async enter(specTraceId: string, limits: Limits, ask: PermitAsk, leaseMs: number): Promise<Entry> {
    return this.gate(specTraceId).enter(limits, ask, leaseMs, this.clock.now());
  }

  async reserve(specTraceId: string, limits: Limits, asks: readonly PermitAsk[]): Promise<Reservation> {
    return this.gate(specTraceId).reserve(limits, asks, this.clock.now());
  }

  async emptied(specTraceId: string, keys: readonly string[]): Promise<void> {
    this.gates.get(specTraceId)?.emptied(keys);
  }

  async renew(specTraceId: string, traceIds: readonly string[], leaseMs: number): Promise<void> {
    this.gate(specTraceId).renew(traceIds, this.clock.now() + leaseMs);
  }

  async leave(specTraceId: string, traceId: string): Promise<void> {
    this.gates.get(specTraceId)?.leave(traceId);
  }

  async breakers(): Promise<ReadonlyMap<string, Breaker>> {
    return this.all.list();
  }

  async probe(specTraceId: string, traceId: string, probeMs: number): Promise<Breaker & { isGranted: boolean }> {
    return this.all.probe(specTraceId, traceId, probeMs);
  }

  async report(specTraceId: string, traceId: string, verdict: Verdict, policy: BreakerPolicy): Promise<Breaker> {
    return this.all.report(specTraceId, traceId, verdict, policy);
  }

  private gate(specTraceId: string): SpecGate {
    let gate = this.gates.get(specTraceId);
    if (!gate) {
      if (this.gates.size >= SWEEP_ABOVE) this.sweep();
      this.gates.set(specTraceId, (gate = new SpecGate()));
    }
    return gate;
  }

  private sweep(): void {
    const now = this.clock.now();
    for (const [specTraceId, gate] of this.gates) if (gate.isIdle(now)) this.gates.delete(specTraceId);
  }
}
