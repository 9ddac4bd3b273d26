import type { Breaker, BreakerPolicy, BreakerState, Clock, FlowControl, Spec, Verdict } from '#core';

export interface BreakerWatchOptions {
  /** Failures of 0: no breaker ever opens. */
  readonly policy: BreakerPolicy;
  /** How long a probe may take before another one begins beside it, in milliseconds. */
  readonly probeMs: number;
  /** How soon to ask again about a probe under way, in milliseconds. */
  readonly everyMs: number;
  /** Told of the breakers of the Specs that were called here. Must not throw. */
  readonly onState?: ((spec: Pick<Spec, 'traceId' | 'name'>, state: BreakerState) => void) | undefined;
}

type Called = Pick<Spec, 'traceId' | 'name'>;

/**
 * The breakers as one worker sees them. What nobody has reason to doubt costs nothing: successes are told only after
 * failures, and who may start is asked only behind a breaker that is known not to be closed.
 */
export class BreakerWatch {
  /** Those that are not closed, and until when asking is in vain. */
  private readonly open = new Map<string, { readonly state: BreakerState; readonly until: number }>();
  /** The Specs whose last call here failed, by trace id. */
  private readonly failing = new Set<string>();
  private readonly names = new Map<string, string>();

  constructor(
    private readonly flow: FlowControl,
    private readonly clock: Clock,
    private readonly options: BreakerWatchOptions,
  ) {}

  /** Asks to make a call. @returns how long to wait before asking again, in milliseconds; null when it may be made. */
  async enter(spec: Called, traceId: string): Promise<number | null> {
    if (!this.open.has(spec.traceId)) return null;
    this.names.set(spec.traceId, spec.name);
    const waitMs = this.waitMs(spec.traceId);
    if (waitMs > 0) return waitMs;
    const { isGranted, ...breaker } = await this.flow.probe(spec.traceId, traceId, this.options.probeMs);
    this.note(spec.traceId, breaker);
    return isGranted ? null : Math.max(1, this.waitMs(spec.traceId));
  }

  /** Tells how a call went. @returns whether calls that waited may start now. */
  async report(spec: Called, traceId: string, verdict: Verdict): Promise<boolean> {
    const { traceId: id, name } = spec;
    const { policy } = this.options;
    if (policy.failures === 0) return false;
    const wasOpen = this.open.has(id);
    if (verdict !== 'failure' && !wasOpen && !(verdict === 'success' && this.failing.has(id))) return false;
    this.names.set(id, name);
    if (verdict === 'failure') this.failing.add(id);
    if (verdict === 'success') this.failing.delete(id);
    this.note(id, await this.flow.report(id, traceId, verdict, policy));
    return wasOpen && this.waitMs(id) === 0;
  }

  /** Learns what other workers have found out. */
  async look(): Promise<void> {
    if (this.options.policy.failures === 0) return;
    const all = await this.flow.breakers();
    for (const [specTraceId, breaker] of all) this.note(specTraceId, breaker);
    for (const specTraceId of this.open.keys()) {
      if (!all.has(specTraceId)) this.note(specTraceId, { state: 'closed', waitMs: 0 });
    }
  }

  /** How long nothing of a Spec may start, in milliseconds. */
  waitMs(specTraceId: string): number {
    const known = this.open.get(specTraceId);
    return known ? Math.max(0, known.until - this.clock.now()) : 0;
  }

  /** Whether only one call of a Spec may start, to see how it goes. */
  isTrying(specTraceId: string): boolean {
    return this.open.has(specTraceId);
  }

  private note(specTraceId: string, { state, waitMs }: Breaker): void {
    const before = this.open.get(specTraceId)?.state ?? 'closed';
    // A probe that runs may end at any moment.
    const untilMs = state === 'half-open' ? Math.min(waitMs, this.options.everyMs) : waitMs;
    if (state === 'closed') this.open.delete(specTraceId);
    else this.open.set(specTraceId, { state, until: this.clock.now() + untilMs });
    const name = this.names.get(specTraceId);
    if (name !== undefined && state !== before) this.options.onState?.({ traceId: specTraceId, name }, state);
    if (state === 'closed' && !this.failing.has(specTraceId)) this.names.delete(specTraceId);
  }
}
