import { ACK } from '#core';
import type { Message, Outcome } from '#core';
import type { RefreshFolder } from '#scheduling';
import type { SdkWorker } from '../sdk-worker.js';
import type { MessageHandler } from './message-handler.js';

/** SPEC_UPDATE: a Spec changed, but neither its document nor its name; or it was removed; or an SDK was asked for. */
export class SpecUpdateHandler implements MessageHandler {
  readonly type = 'SPEC_UPDATE';
  readonly prefetch = 1;

  constructor(
    private readonly refreshFolder: RefreshFolder,
    private readonly sdks: Pick<SdkWorker, 'nudge'>,
  ) {}

  async handle(message: Message): Promise<Outcome> {
    this.sdks.nudge();
    await this.refreshFolder.execute(message.traceId);
    return ACK;
  }
}
