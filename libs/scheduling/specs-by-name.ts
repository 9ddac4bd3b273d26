import type { Principal, Spec, SpecStore } from '#core';

/** The active Specs of a caller, each looked up once: what calls that come together share. */
export class SpecsByName {
  private readonly found = new Map<string, Promise<Spec | null>>();

  constructor(
    private readonly specs: SpecStore,
    readonly caller: Principal,
  ) {}

  /** @param name in lower case. */
  find(name: string): Promise<Spec | null> {
    const known = this.found.get(name);
    if (known) return known;
    const spec = this.specs.findByName(this.caller.project, name);
    this.found.set(name, spec);
    return spec;
  }
}
