import { ACK } from '#core';
import type { Message, Outcome } from '#core';
import { decodeOutcome } from '#scheduling';
import type { CompleteProcess, OutcomeKeeper } from '#scheduling';
import type { MessageHandler } from './message-handler.js';

/** SCHEDULER_PROCESS_RESPONSE: a call has been made, and this is how it ended. */
export class SchedulerProcessResponseHandler implements MessageHandler {
  readonly type = 'SCHEDULER_PROCESS_RESPONSE';
  readonly prefetch = 200;

  constructor(
    private readonly completeProcess: CompleteProcess,
    private readonly outcomes: OutcomeKeeper,
  ) {}

  async handle(message: Message): Promise<Outcome> {
    const { attempt, outcome } = decodeOutcome(message.data);
    const claim = { traceId: message.traceId, attempt };
    await this.completeProcess.execute(claim, outcome, message.traceContext);
    // Only does something where the call was made by this very worker.
    this.outcomes.letGo(claim);
    return ACK;
  }
}
