import type { FastifyRequest } from 'fastify';
import { AppError, newTraceId, seesSpec, Unavailable } from '#core';
import type { AuditFacts, AuditOutcome, AuditStore, Clock, Spec, SpecStore } from '#core';
import { callerOf } from '../auth/caller.js';
import { changedFacts, specFacts } from './spec-facts.js';

/** How much is kept of the name that a program gives itself. */
const LONGEST_AGENT = 200;
const LONGEST_TARGET = 200;
const LONGEST_REASON = 500;

export interface AuditorOptions {
  /** Tells where a request comes from. */
  readonly addressOf: (request: FastifyRequest) => string;
  /** Told when the outcome of an action could not be kept (its record stands as begun), or what came of it not be told. */
  readonly onFault: (error: unknown) => void;
}

/** What an action is done to, and what is known of that. */
export interface AuditedAction {
  readonly target: string | null;
  readonly asked?: AuditFacts | undefined;
  readonly before?: AuditFacts | undefined;
}

/** What came of an action. */
export interface AuditedResult {
  readonly after?: AuditFacts | undefined;
  /** The trace id of what it made. */
  readonly made?: string | undefined;
}

/**
 * Keeps the record of who did what: each action is kept as begun before it is done, so that none is ever done without its
 * record, and its outcome after that. What the route says by `@Needs` is the action's name.
 */
export class Auditor {
  constructor(
    private readonly store: AuditStore,
    private readonly specs: SpecStore,
    private readonly clock: Clock,
    private readonly options: AuditorOptions,
  ) {}

  /**
   * Does what a request asks for, on the record.
   * @param tell what to keep of its result
   * @throws Unavailable when the record cannot be kept, and then nothing is done; whatever `change` throws.
   */
  async record<T>(
    request: FastifyRequest,
    { target, asked, before }: AuditedAction,
    change: () => Promise<T>,
    tell: (result: T) => AuditedResult | Promise<AuditedResult> = () => ({}),
  ): Promise<T> {
    const { id: who, project } = callerOf(request);
    const traceId = newTraceId();
    await this.store.append({
      ...{ traceId, project, at: this.clock.now(), who, action: actionOf(request) },
      ...{ target: target?.slice(0, LONGEST_TARGET) ?? null, from: this.options.addressOf(request) },
      ...{ agent: agentOf(request), asked, before, outcome: null },
    });
    let result: T;
    try {
      result = await change();
    } catch (error) {
      // Whether it was done is not known, and so the record stands.
      if (!(error instanceof Unavailable)) await this.end(traceId, { kind: 'failed', reason: reasonOf(error) });
      throw error;
    }
    await this.end(traceId, { kind: 'done', ...(await this.told(() => tell(result))) });
    return result;
  }

  /** The same for what changes a Spec, with what of it has changed. */
  async changeOfSpec<T>(
    request: FastifyRequest,
    traceId: string,
    change: () => Promise<T>,
    asked?: AuditFacts,
  ): Promise<T> {
    const before = await this.find(request, traceId);
    const tell = async (): Promise<AuditedResult> => {
      const after = before && (await this.find(request, traceId));
      return { after: after ? changedFacts(before, after) : undefined };
    };
    return this.record(
      request,
      { target: traceId, asked, before: before ? specFacts(before) : undefined },
      change,
      tell,
    );
  }

  /** The same for what makes a Spec and gives its trace id. */
  makingOfSpec(request: FastifyRequest, name: string, change: () => Promise<string>): Promise<string> {
    return this.record(request, { target: name }, change, async (made) => {
      const spec = await this.find(request, made);
      return { made, after: spec ? specFacts(spec) : undefined };
    });
  }

  private async find(request: FastifyRequest, traceId: string): Promise<Spec | null> {
    const caller = callerOf(request);
    return seesSpec(caller, traceId) ? this.specs.find(caller.project, traceId) : null;
  }

  /** What came of what has been done; that it cannot be told changes nothing about that. */
  private async told(tell: () => AuditedResult | Promise<AuditedResult>): Promise<AuditedResult> {
    try {
      return await tell();
    } catch (error) {
      this.options.onFault(error);
      return {};
    }
  }

  /** It has been done, or not: that its outcome cannot be kept changes nothing about that. */
  private async end(traceId: string, outcome: Omit<AuditOutcome, 'at'>): Promise<void> {
    try {
      await this.store.end(traceId, { ...outcome, at: this.clock.now() });
    } catch (error) {
      this.options.onFault(error);
    }
  }
}

/** The beginning of the name that a program gives itself. */
export function agentOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  return (headers['user-agent'] ?? '').slice(0, LONGEST_AGENT);
}

/** @throws Error where the route does not say, which is a fault of ours. */
function actionOf({ routeOptions }: FastifyRequest): string {
  const { need } = routeOptions.config;
  if (typeof need?.audits === 'string') return need.audits;
  throw new Error(`Expected the route ${routeOptions.url ?? ''} to say what it is called in the audit log.`);
}

/** Sentences of ours hold no secret. */
function reasonOf(error: unknown): string {
  return error instanceof AppError ? error.message.slice(0, LONGEST_REASON) : 'Something went wrong inside Callboard.';
}
