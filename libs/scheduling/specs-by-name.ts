import { DEFAULT_PROJECT } from '#core';
import type { Spec, SpecStore } from '#core';

/** The active Specs, each looked up once: what calls that come together share. */
export class SpecsByName {
  private readonly found = new Map<string, Promise<Spec | null>>();

  constructor(private readonly specs: SpecStore) {}

  /** @param name in lower case. */
  find(name: string): Promise<Spec | null> {
    const known = this.found.get(name);
    if (known) return known;
    const spec = this.specs.findByName(DEFAULT_PROJECT, name);
    this.found.set(name, spec);
    return spec;
  }
}
