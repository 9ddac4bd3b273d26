import { DEFAULT_PRIORITY, endWith, newTraceId, PROCESS_STEPS, specReadiness } from '#core';
import type {
  CacheOptions,
  Clock,
  Credentials,
  Principal,
  ProcessStore,
  RetryPolicy,
  SchedulerProcess,
  SpecStore,
  TraceContext,
  Tracer,
} from '#core';
import type { Herald } from './herald.js';
import type { AcceptanceObserver } from './observers.js';
import type { PendingLimit } from './pending-limit.js';
import type { PayloadStore } from './payload-store.js';
import type { ReleaseProcesses } from './release-processes.js';
import { SpecsByName } from './specs-by-name.js';

export interface ScheduleProcessInput {
  /** In any case; kept in lower case. */
  readonly service: string;
  /** In any case; kept in upper case. */
  readonly method: string;
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined;
  readonly queryParams?: Readonly<Record<string, unknown>> | null | undefined;
  readonly urlParams?: Readonly<Record<string, unknown>> | null | undefined;
  readonly cookieParams?: Readonly<Record<string, unknown>> | null | undefined;
  /** Any JSON value; undefined is none. Null is one only where the document allows a body that is null. */
  readonly reqBody?: unknown;
  /** The same as JSON text, where `reqBody` cannot hold it exactly. */
  readonly reqBodyJson?: string | undefined;
  /** The body's media type, where the document declares several. */
  readonly contentType?: string | undefined;
  readonly credentials?: Credentials | undefined;
  /** When to start, in epoch milliseconds; unset or past: at once. */
  readonly runAt?: number | undefined;
  /** By when it must have started, in epoch milliseconds. */
  readonly expiresAt?: number | undefined;
  /** 0 to 9; unset: as usual. */
  readonly priority?: number | undefined;
  /** Whose call it is. */
  readonly key?: string | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly cache?: CacheOptions | undefined;
  /** The trace id of the process that it makes again. */
  readonly replayOf?: string | undefined;
  /** The Spec that this was bound to; unset: whichever has the name of the service. */
  readonly boundTo?: string | null | undefined;
  /** Where in a distributed trace the request stands. */
  readonly traceContext?: TraceContext | undefined;
}

interface Kept {
  readonly traceId: string;
  readonly parkedFor?: string | undefined;
}

/** POST /v1/api/scheduler/process: keeps a call that is to be made and tells the workers of it. */
export class ScheduleProcess {
  constructor(
    private readonly specs: SpecStore,
    private readonly processes: ProcessStore,
    private readonly payloads: PayloadStore,
    private readonly release: ReleaseProcesses,
    private readonly herald: Herald,
    private readonly clock: Clock,
    private readonly observer?: AcceptanceObserver,
    private readonly pending?: PendingLimit,
    private readonly tracer?: Tracer,
  ) {}

  /**
   * @param traceId of the process; a new one unless given.
   * @returns it. The process is stored for good when this resolves.
   * @throws Conflict `TRACE_ID_TAKEN` when there is a process under it; Unavailable when too many have not ended.
   */
  async execute(caller: Principal, input: ScheduleProcessInput, traceId: string = newTraceId()): Promise<string> {
    const { parkedFor } = await this.keep(input, traceId, new SpecsByName(this.specs, caller));
    // It is stored, and would be once more if it were refused now; should this fail, the reconciler finds it.
    if (parkedFor !== undefined) await this.release.executeIfSettled(parkedFor).catch(() => undefined);
    return traceId;
  }

  /** The same for many at once, of the caller of `specs`, which share their commits. @returns how each went, in order. */
  async executeAll(
    inputs: readonly ScheduleProcessInput[],
    specs: SpecsByName,
  ): Promise<PromiseSettledResult<string>[]> {
    const kept = await Promise.allSettled(inputs.map((input) => this.keep(input, newTraceId(), specs)));
    const parkedFor = kept.flatMap((each) => (each.status === 'fulfilled' ? (each.value.parkedFor ?? []) : []));
    // They are stored: should this fail, the reconciler finds them.
    await Promise.allSettled([...new Set(parkedFor)].map((spec) => this.release.executeIfSettled(spec)));
    return kept.map((each) => {
      return each.status === 'fulfilled' ? { status: each.status, value: each.value.traceId } : each;
    });
  }

  private async keep(input: ScheduleProcessInput, traceId: string, specs: SpecsByName): Promise<Kept> {
    const { traceContext } = input;
    if (!this.tracer) return this.store(input, traceId, specs, traceContext);
    const span = this.tracer.start('accept process', {
      kind: 'internal',
      parent: traceContext,
      attributes: { 'callboard.trace_id': traceId, 'callboard.service': input.service.toLowerCase() },
    });
    return endWith(span, this.store(input, traceId, specs, span.context));
  }

  private async store(
    input: ScheduleProcessInput,
    traceId: string,
    specs: SpecsByName,
    traceContext: TraceContext | undefined,
  ): Promise<Kept> {
    this.pending?.admit(specs.caller.project);
    const now = this.clock.now();
    const service = input.service.toLowerCase();
    const { boundTo = null } = input;
    const spec = await (boundTo === null ? specs.find(service) : specs.findBound(boundTo, service));
    const isLater = input.runAt !== undefined && input.runAt > now;
    // What starts later waits for its time, and then for its Spec should that still be pending.
    const parked = !isLater && spec !== null && specReadiness(spec) === 'pending';
    const process: SchedulerProcess = {
      traceId,
      project: specs.caller.project,
      kind: 'call',
      specTraceId: spec?.traceId ?? null,
      service,
      method: input.method.toUpperCase(),
      endpoint: input.endpoint,
      headers: input.headers ?? null,
      queryParams: input.queryParams ?? null,
      urlParams: input.urlParams ?? null,
      cookieParams: input.cookieParams,
      reqBody:
        input.reqBody === undefined
          ? null
          : await this.payloads.keep(`bodies/${traceId}`, input.reqBodyJson ?? JSON.stringify(input.reqBody)),
      contentType: input.contentType,
      credentials: input.credentials,
      runAt: input.runAt,
      expiresAt: input.expiresAt,
      priority: input.priority,
      key: input.key,
      retry: input.retry,
      timeoutMs: input.timeoutMs,
      cache: input.cache,
      replayOf: input.replayOf,
      traceContext,
      status: 'WAITING',
      steps: [PROCESS_STEPS.received],
      createdAt: now,
      updatedAt: now,
      dueAt: isLater ? (input.runAt ?? now) : parked ? null : now,
      attempt: 0,
    };
    await this.processes.insert(process);
    this.observer?.accepted(process);
    if (parked) return { traceId, parkedFor: spec.traceId };
    const { priority = DEFAULT_PRIORITY } = process;
    if (!isLater) this.herald.call({ traceId, priority, dueAt: now }, traceContext);
    return { traceId };
  }
}
