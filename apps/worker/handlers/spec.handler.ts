import type { Clock, Message, Outcome, Spec } from '#core';
import type { GenerateClient } from '#scheduling';
import { ClaimedWork } from './claimed-work.js';
import type { MessageHandler } from './message-handler.js';
import type { WorkLimits } from '../work-limits.js';

/** SPEC: a Spec was created, or its document or name changed. */
export class SpecHandler implements MessageHandler {
  readonly type = 'SPEC';
  readonly prefetch: number;
  readonly work: ClaimedWork<Spec>;

  constructor(generateClient: GenerateClient, clock: Clock, limits: WorkLimits) {
    this.prefetch = limits.generatorConcurrency;
    this.work = new ClaimedWork({
      slots: limits.generatorConcurrency,
      // Documents take long: each is claimed only when it can be begun.
      ahead: 0,
      patienceMs: limits.patienceMs,
      clock,
      claim: (traceId) => generateClient.claim(traceId),
      run: (spec, signal) => generateClient.run(spec, signal),
      giveBack: async () => undefined,
      onFault: limits.onFault,
    });
  }

  handle(message: Message): Promise<Outcome> {
    return this.work.handle(message);
  }
}
