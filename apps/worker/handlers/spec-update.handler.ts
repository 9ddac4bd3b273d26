import { ACK } from '#core';
import type { Message, Outcome } from '#core';
import type { Gatekeeper, RefreshFolder } from '#scheduling';
import type { SdkWorker } from '../sdk-worker.js';
import type { MessageHandler } from './message-handler.js';

/** SPEC_UPDATE: a Spec changed, but neither its document nor its name; it was removed or resumed; an SDK was asked for. */
export class SpecUpdateHandler implements MessageHandler {
  readonly type = 'SPEC_UPDATE';
  readonly prefetch = 1;

  constructor(
    private readonly refreshFolder: RefreshFolder,
    private readonly sdks: Pick<SdkWorker, 'nudge'>,
    private readonly gatekeeper: Pick<Gatekeeper, 'expect'>,
  ) {}

  async handle(message: Message): Promise<Outcome> {
    this.sdks.nudge();
    this.gatekeeper.expect(message.traceId, 0);
    await this.refreshFolder.execute(message.traceId);
    return ACK;
  }
}
