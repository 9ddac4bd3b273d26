import { NotFound } from '#core';
import type { Principal, Spec, SpecStore } from '#core';

/** Finds an active Spec for a person who asks. */
export class FindSpec {
  constructor(private readonly specs: SpecStore) {}

  /** @throws NotFound when there is no such Spec for the caller. */
  async execute({ project }: Principal, traceId: string): Promise<Spec> {
    const spec = await this.specs.find(project, traceId);
    if (!spec) throw specNotFound(traceId);
    return spec;
  }
}

export function specNotFound(traceId: string): NotFound {
  return new NotFound('SPEC_NOT_FOUND', `Expected the trace id of a spec, got ${traceId}, which names none.`);
}
