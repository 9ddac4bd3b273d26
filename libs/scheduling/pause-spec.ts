import { Conflict, MAX_PAUSED_KEYS } from '#core';
import type { PauseChange, Principal, Spec, SpecStore } from '#core';
import { refuseUnseen, specNotFound } from './find-spec.js';
import type { Herald } from './herald.js';

/** POST /v1/api/spec/{trace_id}/pause and …/resume: keeps the calls of a Spec, or of one key, from starting. */
export class PauseSpec {
  constructor(
    private readonly specs: SpecStore,
    private readonly herald: Herald,
  ) {}

  /**
   * Pauses or resumes; what is so already stays so. Calls under way go on.
   * @returns the Spec as it is now.
   * @throws NotFound when there is no such Spec; Conflict when too many keys are paused.
   */
  async execute(caller: Principal, traceId: string, change: PauseChange): Promise<Spec> {
    refuseUnseen(caller, traceId);
    const { project } = caller;
    if (change.paused && change.key !== undefined) await this.refuseTooMany(project, traceId, change.key);
    const spec = await this.specs.pause(project, traceId, change);
    if (!spec) throw specNotFound(traceId);
    // What is held is let go at once, and not only when a worker next looks.
    if (!change.paused) this.herald.tell('SPEC_UPDATE', traceId);
    return spec;
  }

  private async refuseTooMany(project: string, traceId: string, key: string): Promise<void> {
    const { pausedKeys = [] } = (await this.specs.find(project, traceId)) ?? {};
    if (pausedKeys.length < MAX_PAUSED_KEYS || pausedKeys.includes(key)) return;
    const message = `Expected at most ${MAX_PAUSED_KEYS} paused keys of the spec ${traceId}, got one more: pause the spec.`;
    throw new Conflict('TOO_MANY_PAUSED', message);
  }
}
