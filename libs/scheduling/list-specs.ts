import type { Principal, Spec, SpecStore } from '#core';

/** Lists Specs for a person who asks. */
export class ListSpecs {
  constructor(private readonly specs: SpecStore) {}

  /** A page of those that the caller may see, newest first, and how many there are of them in all. */
  async execute(
    caller: Principal,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ specs: Spec[]; total: number }> {
    const { project, specs: some } = caller;
    if (!some) return this.specs.list(project, page);
    // A key names few, so each is looked up.
    const found = await Promise.all([...some].map((traceId) => this.specs.find(project, traceId)));
    const seen = found.filter((spec) => spec !== null).sort(newestFirst);
    return { specs: seen.slice(page.offset, page.offset + page.limit), total: seen.length };
  }
}

function newestFirst(a: Spec, b: Spec): number {
  return b.createdAt - a.createdAt || (a.traceId < b.traceId ? -1 : 1);
}
