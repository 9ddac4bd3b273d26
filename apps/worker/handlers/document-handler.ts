import type { Clock, Message, MessageType, Outcome, Spec } from '#core';
import type { WorkLimits } from '../work-limits.js';
import { ClaimedWork } from './claimed-work.js';
import type { MessageHandler } from './message-handler.js';

/** One stage of a Spec's way. */
interface SpecStageVerb {
  claim(traceId: string): Promise<Spec | null>;
  run(spec: Spec, signal: AbortSignal): Promise<void>;
}

/** Handles messages that lead to work on a whole document, in slots of their own. */
export abstract class DocumentHandler<Verb extends SpecStageVerb> implements MessageHandler {
  abstract readonly type: MessageType;
  readonly prefetch: number;
  readonly work: ClaimedWork<Spec>;

  constructor(verb: Verb, clock: Clock, limits: WorkLimits) {
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
      run: async (spec, signal) => {
        await verb.run(spec, signal);
        limits.onEnded(this.type, spec.traceId);
      },
      onFault: limits.onFault,
    });
  }

  handle(message: Message): Promise<Outcome> {
    return this.work.handle(message);
  }
}
