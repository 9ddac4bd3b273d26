import { endWith } from '#core';
import type { Clock, Message, MessageType, Outcome, Spec, TraceContext, Tracer } from '#core';
import type { WorkLimits } from '../work-limits.js';
import { ClaimedWork } from './claimed-work.js';
import type { MessageHandler } from './message-handler.js';

/** One stage of a Spec's way. */
interface SpecStageVerb {
  claim(traceId: string): Promise<Spec | null>;
  run(spec: Spec, signal: AbortSignal, traceContext?: TraceContext): Promise<void>;
}

/** Handles messages that lead to work on a whole document, in slots of their own. */
export abstract class DocumentHandler<Verb extends SpecStageVerb> implements MessageHandler {
  abstract readonly type: MessageType;
  /** What is done, as its span is named. */
  protected abstract readonly stage: string;
  readonly prefetch: number;
  readonly work: ClaimedWork<Spec>;

  constructor(
    private readonly verb: Verb,
    clock: Clock,
    limits: WorkLimits,
    private readonly tracer?: Tracer,
  ) {
    this.prefetch = limits.generatorConcurrency;
    this.work = new ClaimedWork({
      slots: limits.generatorConcurrency,
      // Documents take long: each is claimed only when it can be begun.
      ahead: 0,
      // What an order to stop catches between its claim and its start waits for its lease to end.
      giveBack: async () => undefined,
      patienceMs: limits.patienceMs,
      clock,
      claim: (traceId) => verb.claim(traceId),
      run: async (spec, signal, traceContext) => {
        await this.run(spec, signal, traceContext);
        limits.onEnded(this.type, spec.traceId);
      },
      onFault: limits.onFault,
    });
  }

  handle(message: Message): Promise<Outcome> {
    return this.work.handle(message);
  }

  private async run(spec: Spec, signal: AbortSignal, parent: TraceContext | undefined): Promise<void> {
    if (!this.tracer || !parent) return this.verb.run(spec, signal, parent);
    const span = this.tracer.start(this.stage, {
      kind: 'internal',
      parent,
      attributes: {
        'callboard.trace_id': spec.traceId,
        'callboard.service': spec.name,
        'callboard.attempt': spec.attempt,
      },
    });
    return endWith(span, this.verb.run(spec, signal, span.context));
  }
}
