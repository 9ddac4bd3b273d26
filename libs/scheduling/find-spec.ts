import { describeTraceId, NotFound, seesSpec } from '#core';
import type { Principal, Spec, SpecStore } from '#core';

/** Finds an active Spec for a person who asks. */
export class FindSpec {
  constructor(private readonly specs: SpecStore) {}

  /** @throws NotFound when there is no such Spec for the caller. */
  async execute(caller: Principal, traceId: string): Promise<Spec> {
    const spec = seesSpec(caller, traceId) ? await this.specs.find(caller.project, traceId) : null;
    if (!spec) throw specNotFound(traceId);
    return spec;
  }
}

export function specNotFound(traceId: string): NotFound {
  return new NotFound(
    'SPEC_NOT_FOUND',
    `Expected the trace id of a spec, got ${describeTraceId(traceId)}, which names none.`,
  );
}

/** @throws NotFound for a Spec that the caller must not see. */
export function refuseUnseen(caller: Principal, traceId: string): void {
  if (!seesSpec(caller, traceId)) throw specNotFound(traceId);
}
