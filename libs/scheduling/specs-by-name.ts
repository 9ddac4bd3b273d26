import { NotFound, seesSpec } from '#core';
import type { Principal, Spec, SpecStore } from '#core';

/** The active Specs of a caller, each looked up once: what calls that come together share. */
export class SpecsByName {
  private readonly found = new Map<string, Promise<Spec | null>>();

  constructor(
    private readonly specs: SpecStore,
    readonly caller: Principal,
  ) {}

  /**
   * @param name in lower case.
   * @throws NotFound for one that the caller must not use, if it may not use all: what it asks of none it could never see.
   */
  find(name: string): Promise<Spec | null> {
    const known = this.found.get(name);
    if (known) return known;
    const spec = this.look(name);
    this.found.set(name, spec);
    return spec;
  }

  /**
   * The Spec that an earlier call was bound to, whatever it is called by now: another one may have taken its name. One that
   * is no more leaves the name.
   * @throws as `find`.
   */
  async findBound(traceId: string, name: string): Promise<Spec | null> {
    const bound = await this.specs.find(this.caller.project, traceId);
    return bound && seesSpec(this.caller, bound.traceId) ? bound : this.find(name);
  }

  private async look(name: string): Promise<Spec | null> {
    const spec = await this.specs.findByName(this.caller.project, name);
    if (seesSpec(this.caller, spec?.traceId ?? null)) return spec;
    const sentence = `Expected a service whose spec the API key is for, got ${JSON.stringify(name.slice(0, 200))}.`;
    throw new NotFound('SERVICE_NOT_FOUND', sentence);
  }
}
