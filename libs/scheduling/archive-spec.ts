import type { Clock, Principal, SpecStore } from '#core';
import { refuseUnseen, specNotFound } from './find-spec.js';
import type { Herald } from './herald.js';
import type { ReleaseProcesses } from './release-processes.js';

/** DELETE /v1/api/spec/{trace_id}: moves a Spec to the archive; what waited for it ends in its ERROR. */
export class ArchiveSpec {
  constructor(
    private readonly specs: SpecStore,
    private readonly release: ReleaseProcesses,
    private readonly herald: Herald,
    private readonly clock: Clock,
  ) {}

  /** @throws NotFound when there is no such Spec. */
  async execute(caller: Principal, traceId: string): Promise<void> {
    refuseUnseen(caller, traceId);
    if (!(await this.specs.archive(caller.project, traceId, this.clock.now()))) throw specNotFound(traceId);
    this.herald.tell('SPEC_UPDATE', traceId);
    // It is done; should this fail, the reconciler finds what waited.
    await this.release.execute(traceId).catch(() => undefined);
  }
}
