import type { Clock, Message, Outcome, Spec } from '#core';
import type { ReviewClient } from '#scheduling';
import { ClaimedWork } from './claimed-work.js';
import type { MessageHandler } from './message-handler.js';
import type { WorkLimits } from '../work-limits.js';

/** SPEC_CLIENT_GENERATED: a Client waits for its review. */
export class SpecClientGeneratedHandler implements MessageHandler {
  readonly type = 'SPEC_CLIENT_GENERATED';
  readonly prefetch: number;
  readonly work: ClaimedWork<Spec>;

  constructor(reviewClient: ReviewClient, clock: Clock, limits: WorkLimits) {
    this.prefetch = limits.generatorConcurrency;
    this.work = new ClaimedWork({
      slots: limits.generatorConcurrency,
      // Documents take long: each is claimed only when it can be begun.
      ahead: 0,
      patienceMs: limits.patienceMs,
      clock,
      claim: (traceId) => reviewClient.claim(traceId),
      run: (spec, signal) => reviewClient.run(spec, signal),
      giveBack: async () => undefined,
      onFault: limits.onFault,
    });
  }

  handle(message: Message): Promise<Outcome> {
    return this.work.handle(message);
  }
}
